/**
 * The plugins of a directory as files: installs, replaces and removes them so that each is wholly there or wholly absent at
 * every moment, whatever is killed and however many processes do it at once. How that is done: docs/adr/0011. Whether a
 * plugin is any good is told by the caller's `check`, before anything is changed.
 */
import type { BigIntStats } from 'node:fs';
import { lstat, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PluginKind } from '@chipmunk-host/hosts';
import { HostError, PluginError } from '@chipmunk-host/runtime';
import { hashFile } from '../shared/plugin-binary.js';
import { quote } from '../shared/quote.js';
import type { DirectoryFiles } from './directory-files.js';
import { makeFolder, syncDirectory, writeNewFile } from './durable-files.js';
import { folderSource, type InstallSource, openInstallSource } from './install-source.js';
import { makeChange, type SettledChange, settleChange, stagedPlugin } from './plugin-change.js';
import { isEntryName } from './plugin-name.js';
import type { SourceLimits } from './source-limits.js';
import { abandonedFolders, StagingFolder } from './staging.js';
import { isMissing, noPrevious, notInstalled, otherKind, sourceError, taken, unwritable } from './store-errors.js';
import { pluginFiles, type StoreLayout } from './store-layout.js';

/**
 * Loads the plugin in a folder, which is named like it.
 * @throws PluginError when it is invalid; what else it throws is passed on
 */
export type PluginCheck = (directory: string) => Promise<{ readonly kind: PluginKind }>;

/** How a plugin is installed. */
export interface AddOptions {
  /** Of which kind the plugin is to be. Default: whichever its binary is. */
  readonly kind?: PluginKind | undefined;
  /** Whether a valid plugin of the same kind and name is replaced, and kept for `rollback`. Default false: it is an error. */
  readonly replace?: boolean | undefined;
}

/** What was changed. */
export interface StoredPlugin {
  readonly kind: PluginKind;
  readonly name: string;
  readonly directory: string;
  /** Whether there was one before. */
  readonly replaced: boolean;
}

export interface RecoveryReport {
  /** Changes of killed processes that had begun, and how they ended. */
  readonly settled: readonly SettledChange[];
  readonly warnings: readonly string[];
}

export class PluginStore {
  readonly #files: DirectoryFiles;
  readonly #layout: StoreLayout;
  readonly #check: PluginCheck;
  readonly #limits: SourceLimits;

  /** @param limits default: those of `SourceLimits` */
  constructor(files: DirectoryFiles, check: PluginCheck, limits: SourceLimits = {}) {
    this.#files = files;
    this.#layout = files.layout;
    this.#check = check;
    this.#limits = limits;
  }

  /**
   * Installs the plugin in a folder, a .wasm file or an archive (plugin-source.ts). An invalid plugin of the same kind and name is
   * replaced.
   * @throws HostError `ERR_STORE_SOURCE`, `ERR_STORE_TAKEN`, `ERR_STORE_WRITE`, `ERR_STORE_LOCKED`; what the check throws. Nothing is
   *   changed then.
   */
  async add(path: string, options: AddOptions = {}): Promise<StoredPlugin> {
    return this.#put(await openInstallSource(path, this.#limits), options.kind, ({ isUsable, kind, name }) => {
      if (isUsable === true && options.replace !== true) throw taken(kind, name, this.#layout);
    });
  }

  /**
   * Replaces an installed plugin by another version of it. The old one is kept for `rollback` if it is valid and its binary is
   * another one.
   * @throws as `add`, and HostError `ERR_PLUGIN_NOT_FOUND` when it is not installed
   */
  async update(path: string, options: { readonly kind?: PluginKind | undefined } = {}): Promise<StoredPlugin> {
    return this.#put(await openInstallSource(path, this.#limits), options.kind, ({ isUsable, kind, name }) => {
      if (isUsable === undefined) throw notInstalled(kind, name, this.#layout, 'Add it instead.');
    });
  }

  /**
   * Brings back the version that was there before the last update; the present one takes its place, so that a second rollback undoes
   * the first.
   * @throws HostError `ERR_PLUGIN_NOT_FOUND` when there is none; otherwise as `add`
   */
  async rollback(kind: PluginKind, name: string): Promise<StoredPlugin> {
    const previous = this.#layout.previous(kind, requireEntryName(name));
    const requirePrevious = async () => {
      if ((await stampOf(previous)) === undefined) throw noPrevious(kind, name);
    };
    await requirePrevious();
    await using staging = await StagingFolder.create(this.#layout);
    // Another process may put another version there at any time.
    await this.#files.withLock(async () => {
      await requirePrevious();
      await copySource(await folderSource(previous, name, this.#limits), stagedPlugin(staging.path, name));
    });
    return await this.#install(staging, name, kind, true, ({ isUsable }) => {
      if (isUsable === undefined) throw notInstalled(kind, name, this.#layout, 'Add it instead.');
    });
  }

  /**
   * Removes a plugin, and the version of it that was kept. A symbolic link is removed, and not what it points to.
   * @throws HostError `ERR_PLUGIN_NOT_FOUND`, `ERR_STORE_WRITE`, `ERR_STORE_LOCKED`
   */
  async remove(kind: PluginKind, name: string): Promise<void> {
    const directory = this.#layout.plugin(kind, requireEntryName(name));
    const requireInstalled = async () => {
      if ((await stampOf(directory)) === undefined)
        throw notInstalled(kind, name, this.#layout, 'Check the name and the kind.');
    };
    await requireInstalled();
    await using staging = await StagingFolder.create(this.#layout);
    await this.#files.withLock(async () => {
      await requireInstalled();
      await makeChange(this.#layout, staging, { action: 'remove', kind, name });
    });
  }

  /**
   * Brings to an end what killed processes left half done, and removes their leftovers. Cheap when there are none.
   * Throws nothing: a directory that cannot be written to, or that another process keeps locked for 5 s, is a warning.
   */
  async recover(): Promise<RecoveryReport> {
    const settled: SettledChange[] = [];
    const warnings: string[] = [];
    try {
      const isClean = (await abandonedFolders(this.#layout)).length === 0 && !(await this.#files.lock.hasLeftovers());
      if (isClean) return { settled, warnings };
      const cleanAll = async () => {
        for (const folder of await abandonedFolders(this.#layout)) await this.#clean(folder, settled, warnings);
      };
      await this.#files.withLock(cleanAll, { waitMs: READ_WAIT_MS });
    } catch (error) {
      warnings.push(`What was left in ${this.#layout.staging} cannot be cleaned up: ${(error as Error).message}`);
    }
    return { settled, warnings };
  }

  /**
   * Looks at the directory at a moment when no plugin is just being replaced. `look` is called again as long as somebody changed
   * the directory meanwhile; what it returns after 5 s is taken as it is. Neither the lock nor the right to write is needed.
   */
  async consistently<Value>(look: () => Promise<Value>): Promise<Value> {
    const deadline = performance.now() + READ_WAIT_MS;
    for (;;) {
      const before = await this.#files.lock.quietMoment();
      const value = await look();
      const isQuiet = before !== undefined && before === (await this.#files.lock.quietMoment());
      if (isQuiet || performance.now() >= deadline) return value;
      await delay(READ_POLL_MS);
    }
  }

  async #put(
    source: InstallSource,
    wanted: PluginKind | undefined,
    allow: (found: InstalledPlugin) => void,
  ): Promise<StoredPlugin> {
    await using opened = source;
    await using staging = await StagingFolder.create(this.#layout);
    await copySource(opened, stagedPlugin(staging.path, opened.name));
    return await this.#install(staging, opened.name, wanted, false, allow);
  }

  /** @param forgets whether the version that is kept already is forgotten in any case */
  async #install(
    staging: StagingFolder,
    name: string,
    wanted: PluginKind | undefined,
    forgets: boolean,
    allow: (found: InstalledPlugin) => void,
  ): Promise<StoredPlugin> {
    const staged = stagedPlugin(staging.path, name);
    const { kind } = await this.#check(staged);
    if (wanted !== undefined && kind !== wanted) throw otherKind(name, kind, wanted);
    const directory = this.#layout.plugin(kind, name);
    for (;;) {
      const stamp = await stampOf(directory);
      const isUsable = stamp === undefined ? undefined : await this.#isUsable(directory, kind);
      allow({ kind, name, isUsable });
      const replaces = stamp !== undefined;
      const keeps = isUsable === true && !(await haveSameBinary(directory, staged, name));
      const change = { action: 'put', kind, name, replaces, keeps, forgets: forgets || keeps || !replaces } as const;
      // Another process may have changed it since.
      const isDone = await this.#files.withLock(async () => {
        if ((await stampOf(directory)) !== stamp) return false;
        await makeChange(this.#layout, staging, change);
        return true;
      });
      if (isDone) return { kind, name, directory, replaced: replaces };
    }
  }

  /** Whether an installed plugin is valid. */
  async #isUsable(directory: string, kind: PluginKind): Promise<boolean> {
    try {
      return (await this.#check(directory)).kind === kind;
    } catch (error) {
      const isMissingBinary = error instanceof HostError && error.code === 'ERR_PLUGIN_NOT_FOUND';
      if (error instanceof PluginError || isMissingBinary) return false;
      throw error;
    }
  }

  /** The caller holds the lock. */
  async #clean(folder: string, settled: SettledChange[], warnings: string[]): Promise<void> {
    try {
      const change = await settleChange(this.#layout, folder);
      if (change !== undefined) settled.push(change);
      await rm(folder, { recursive: true, force: true });
    } catch (error) {
      warnings.push(`The leftover ${folder} cannot be cleaned up: ${(error as Error).message}`);
    }
  }
}

/** How long looking at a directory waits for a process that changes it; a change holds the lock for some renames. */
const READ_WAIT_MS = 5000;
const READ_POLL_MS = 5;

interface InstalledPlugin {
  readonly kind: PluginKind;
  readonly name: string;
  /** Undefined when none is installed. */
  readonly isUsable: boolean | undefined;
}

async function copySource({ files }: InstallSource, folder: string): Promise<void> {
  await makeFolder(folder);
  for (const file of files) await writeNewFile(join(folder, file.name), file.read());
  await syncDirectory(folder);
}

/** Tells whether a plugin's folder was put there by somebody else meanwhile; undefined when there is none. */
async function stampOf(directory: string): Promise<string | undefined> {
  const name = basename(directory);
  try {
    const own = await lstat(directory, { bigint: true });
    const binary = await stat(join(directory, pluginFiles(name).binary), { bigint: true }).catch(() => undefined);
    return [own, binary].map(identity).join(' ');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unwritable(directory, error);
  }
}

function identity(status: BigIntStats | undefined): string {
  return status === undefined ? '-' : `${status.dev}:${status.ino}:${status.size}:${status.mtimeNs}`;
}

async function haveSameBinary(a: string, b: string, name: string): Promise<boolean> {
  const { binary } = pluginFiles(name);
  // One was readable when it was checked; if not any more it is at least not the same.
  const hashes = [a, b].map((folder) => hashFile(join(folder, binary)).catch(() => undefined));
  const [first, second] = await Promise.all(hashes);
  return first !== undefined && first === second;
}

function requireEntryName(name: string): string {
  if (isEntryName(name)) return name;
  throw sourceError(`${quote(name)} is not a valid plugin name.`, 'Use the name of its folder.');
}
