/**
 * A directory of plugins in Chipmunk's layout:
 *
 *   <directory>/{parsers,bytesources}/<name>/<name>.wasm    and, beside the binary, <name>.toml and README.md
 *
 * It may be Chipmunk's own, so nothing in it is ever changed. What is ours lies in `.chipmunk-host/`.
 */
import { readdir, stat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginKind } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import { absolutePath, makeFolder } from '@chipmunk-host/runtime/internal';
import { readMetadata } from '../examination/plugin-metadata.js';
import { isAccessible } from '../shared/path-access.js';
import { KIND_FOLDERS } from '../shared/plugin-id.js';
import type { FoundPlugin, PluginOrigin } from './plugin-entry.js';

/** Where Chipmunk keeps its plugins: in the user's home. */
export function homePluginsDirectory(): PluginsDirectory {
  const home = homeDirectory();
  return home === undefined
    ? new PluginsDirectory(NOWHERE, 'installed', false)
    : new PluginsDirectory(join(home, '.chipmunk', 'plugins'), 'installed');
}

/** The plugins that this package carries. The build puts them beside the compiled code (scripts/collect-plugins.mjs). */
export function bundledPlugins(): PluginsDirectory {
  return new PluginsDirectory(fileURLToPath(new URL('../plugins', import.meta.url)), 'bundled');
}

/** The path of a directory that is not there, and is never made. */
const NOWHERE = '/nonexistent/.chipmunk/plugins';

/** As `HOME` says or, where it is not set or says nothing useful, the system. Undefined when there is none. */
function homeDirectory(): string | undefined {
  for (const home of [homedir, () => userInfo().homedir]) {
    try {
      const path = home();
      if (isAbsolute(path)) return path;
    } catch {
      // The user has no entry in the system's list.
    }
  }
  return undefined;
}

export class PluginsDirectory {
  readonly path: string;
  readonly origin: PluginOrigin;

  readonly #canBe: boolean;

  /** @param canBe false: there is no place for one */
  constructor(path: string, origin: PluginOrigin, canBe = true) {
    this.path = absolutePath(path);
    this.origin = origin;
    this.#canBe = canBe;
  }

  /** Whether it is there. */
  async isThere(): Promise<boolean> {
    return this.#canBe && (await isAccessible(this.path));
  }

  /** @throws HostError `ERR_STORE_WRITE` when there is no place for it, so that nothing can be changed in it */
  requirePlace(): void {
    if (this.#canBe) return;
    throw new HostError('ERR_STORE_WRITE', 'There is no plugins directory: this user has no home directory.', {
      help: 'Set HOME to a directory, or name a plugins directory.',
    });
  }

  /** The folder of what is ours in it. */
  get ownFolder(): string {
    return join(this.path, '.chipmunk-host');
  }

  /** What is remembered of plugins between processes. */
  get cacheFile(): string {
    return join(this.ownFolder, 'cache.json');
  }

  /** Where transpiled plugins are kept between processes. */
  get cacheDirectory(): string {
    return join(this.ownFolder, 'artefacts');
  }

  /** Where named configurations are kept. */
  get profilesDirectory(): string {
    return join(this.path, '.chipmunk-host', 'profiles');
  }

  /** @throws HostError when it is not a directory that can be listed. */
  async requireUsable(): Promise<void> {
    const help = 'Name a directory that exists, or none for the default one.';
    try {
      const status = await stat(this.path);
      if (!status.isDirectory())
        throw new HostError('ERR_PLUGIN_NOT_FOUND', `The plugins directory '${this.path}' is not a directory.`, {
          help,
        });
      await readdir(this.path);
    } catch (cause) {
      if (cause instanceof HostError) throw cause;
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      const what = missing ? 'does not exist' : `cannot be read: ${(cause as Error).message}`;
      throw new HostError('ERR_PLUGIN_NOT_FOUND', `The plugins directory '${this.path}' ${what}.`, { cause, help });
    }
  }

  /** Makes the folders that are missing. @returns false when they cannot be made, as in a directory that is read-only. */
  async createFolders(): Promise<boolean> {
    if (!this.#canBe) return false;
    try {
      for (const folder of Object.values(KIND_FOLDERS)) await makeFolder(join(this.path, folder));
      return true;
    } catch {
      return false;
    }
  }

  /** The plugins in it, by kind and name. @param warnings gets what was passed over, and why. */
  async scan(warnings: string[]): Promise<readonly FoundPlugin[]> {
    const entries: FoundPlugin[] = [];
    for (const kind of Object.keys(KIND_FOLDERS) as PluginKind[]) {
      const folder = join(this.path, KIND_FOLDERS[kind]);
      for (const name of await listNames(folder, warnings)) {
        const entry = await this.#entry(kind, name, join(folder, name), warnings);
        if (entry !== undefined) entries.push(entry);
      }
    }
    return entries;
  }

  async #entry(
    kind: PluginKind,
    name: string,
    directory: string,
    warnings: string[],
  ): Promise<FoundPlugin | undefined> {
    const inside = await stat(directory).catch(() => undefined);
    if (!inside?.isDirectory()) return undefined;
    const path = join(directory, `${name}.wasm`);
    if (!(await isAccessible(path))) {
      // Version control and file managers leave folders like this.
      if (!name.startsWith('.')) warnings.push(`The directory ${directory} is not a plugin: ${name}.wasm is missing.`);
      return undefined;
    }
    const metadata = await readMetadata(join(directory, `${name}.toml`));
    warnings.push(...metadata.warnings);
    const readme = join(directory, 'README.md');
    return {
      kind,
      name,
      title: metadata.title ?? name,
      description: metadata.description,
      directory,
      path,
      readme: (await isAccessible(readme)) ? readme : undefined,
      origin: this.origin,
      windowBytes: metadata.windowBytes,
      parallelBoundary: metadata.parallelBoundary,
      parallelPatterns: metadata.parallelPatterns,
      parallelConfig: metadata.parallelConfig,
      warnings: metadata.warnings,
    };
  }
}

async function listNames(folder: string, warnings: string[]): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      warnings.push(`The folder ${folder} cannot be read: ${(error as Error).message}`);
    return [];
  }
}
