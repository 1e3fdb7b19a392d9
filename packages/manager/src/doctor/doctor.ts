/** Looks for what is wrong with a plugins directory, and says what to do about it. */
import { constants } from 'node:fs';
import { access, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeftoverDirectory } from '@chipmunk-host/hosts/internal';
import { describe } from '@chipmunk-host/runtime/internal';
import type { PluginEntry } from '../catalogue/plugin-entry.js';
import type { PluginsDirectory } from '../catalogue/plugins-directory.js';
import { readCacheFile } from '../examination/cache/cache-file.js';
import { describeKind, KIND_FOLDERS, type PluginId } from '../shared/plugin-id.js';
import type { PluginStore } from '../store/plugin-store.js';
import { abandonedFolders } from '../store/staging.js';

export interface DoctorFinding {
  /** `error`: something cannot be used. `warning`: something is not as it should be, without harm so far. */
  readonly severity: 'error' | 'warning';
  readonly subject:
    | { readonly kind: 'plugin'; readonly plugin: PluginId }
    | { readonly kind: 'directory' | 'cache' | 'leftover' | 'state'; readonly path: string };
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly help: string;
}

export interface DoctorReport {
  /** The plugins directory. */
  readonly directory: string;
  /** Plugins that were looked at. */
  readonly plugins: number;
  /** Errors first; empty when nothing is wrong. */
  readonly findings: readonly DoctorFinding[];
}

export interface DoctorParts {
  readonly directory: PluginsDirectory;
  readonly store: PluginStore;
  readonly entries: readonly PluginEntry[];
  readonly toolchain: () => Promise<string>;
  /** Temporary directories of processes that were killed. */
  readonly leftovers: readonly LeftoverDirectory[];
  /** What reading the user's decisions met. */
  readonly stateWarnings: readonly string[];
}

/**
 * @param refresh examines the plugins, also those that were not loaded yet. It repairs the cache and cleans up, so damage and leftovers
 *   are looked for before it.
 */
export async function examine(
  { directory, store, toolchain, leftovers }: Pick<DoctorParts, 'directory' | 'store' | 'toolchain' | 'leftovers'>,
  refresh: () => Promise<Pick<DoctorParts, 'entries' | 'stateWarnings'>>,
): Promise<DoctorReport> {
  const before = [...(await damageFindings(directory, toolchain)), ...(await leftoverFindings(store))];
  const parts = { directory, store, toolchain, leftovers, ...(await refresh()) };
  const findings = [
    ...parts.entries.flatMap(pluginFindings),
    ...(await directoryFindings(parts.directory)),
    ...(await binaryFindings(parts.directory, parts.entries)),
    ...(await cacheFindings(parts)),
    ...before,
    ...parts.leftovers.map(temporaryFinding),
    ...parts.stateWarnings.map(
      (message): DoctorFinding => ({
        severity: 'error',
        subject: { kind: 'state', path: parts.store.layout.state },
        message,
        help: 'Disable and pin plugins again: the file is then written anew, and the old one kept beside it.',
      }),
    ),
  ];
  findings.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
  return Object.freeze({
    directory: parts.directory.path,
    plugins: parts.entries.length,
    findings: Object.freeze(findings),
  });
}

/** What is said to each kind of fault where the error itself has no help. */
const HELP: Readonly<Record<string, string>> = {
  ERR_PLUGIN_INVALID: 'Install a plugin that was built for this host, or remove this one.',
  ERR_PLUGIN_TRAP: 'It fails before it can be used: tell its author, with the lines of its log.',
  ERR_PLUGIN_TIMEOUT:
    'Reload it when the machine is less busy, raise the time limit on loading, or disable it: it is tried again at each start.',
  ERR_PLUGIN_MEMORY: 'It wants more memory than plugins get: tell its author, or remove it.',
  ERR_PLUGIN_CONTRACT: 'It breaks the plugin interface: tell its author, or remove it.',
  ERR_PLUGIN_LOST: 'Reload it; its worker ended without saying why.',
  ERR_PLUGIN_CHANGED: 'Reload it when its file is complete.',
};

function pluginFindings(entry: PluginEntry): DoctorFinding[] {
  const { kind, name, state, error, warnings, pinned, hash } = entry;
  const subject = { kind: 'plugin', plugin: { kind, name } } as const;
  const findings = warnings.map(
    (message): DoctorFinding => ({
      severity: 'warning',
      subject,
      message,
      help: 'Correct the metadata; the plugin can be used as it is.',
    }),
  );
  if (error !== undefined)
    findings.push({
      severity: 'error',
      subject,
      message: error.message,
      help: error.help ?? HELP[error.code ?? ''] ?? 'Look into its log.',
    });
  if (state === 'pin-mismatch')
    findings.push({
      severity: 'error',
      subject,
      message: `It is pinned to ${pinned}, and its binary has the SHA-256 ${hash}.`,
      help: 'If you know where the change comes from, accept it; otherwise put the pinned binary back.',
    });
  return findings;
}

async function directoryFindings(directory: PluginsDirectory): Promise<DoctorFinding[]> {
  const { path, ownFolder } = directory;
  // The first change makes it.
  if (!(await directory.isThere())) return [];
  const findings: DoctorFinding[] = [];
  for (const folder of [path, ...Object.values(KIND_FOLDERS).map((name) => join(path, name)), ownFolder]) {
    const subject = { kind: 'directory', path: folder } as const;
    const status = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
    if (status instanceof Error) {
      if (folder === ownFolder && status.code === 'ENOENT') continue;
      findings.push({
        severity: 'error',
        subject,
        message: status.message,
        help: 'Create it, or give this user the right to it.',
      });
      continue;
    }
    if (!status.isDirectory()) {
      findings.push({
        severity: 'error',
        subject,
        message: `${folder} is not a directory.`,
        help: 'Move it away: the folder is made anew when it is needed.',
      });
      continue;
    }
    if (!(await isAllowed(folder, constants.R_OK | constants.X_OK)))
      findings.push({
        severity: 'error',
        subject,
        message: `${folder} cannot be read.`,
        help: 'Give this user the right to read it.',
      });
    else if (!(await isAllowed(folder, constants.W_OK)))
      findings.push({
        severity: 'warning',
        subject,
        message: `${folder} cannot be written to: plugins cannot be changed, and nothing is remembered of them.`,
        help: 'Give this user the right to write to it, if that is wanted.',
      });
    if (process.getuid !== undefined && (status.mode & 0o022) !== 0)
      findings.push({
        severity: 'warning',
        subject,
        message: `Others may write to ${folder}, and so exchange plugins.`,
        help: `Take that right away: chmod go-w '${folder}'.`,
      });
  }
  return findings;
}

/** Directories that should be plugins. */
async function binaryFindings({ path }: PluginsDirectory, entries: readonly PluginEntry[]): Promise<DoctorFinding[]> {
  const known = new Set(entries.map(({ directory }) => directory));
  const findings: DoctorFinding[] = [];
  for (const [kind, folder] of Object.entries(KIND_FOLDERS)) {
    for (const name of await readdir(join(path, folder)).catch((): string[] => [])) {
      const directory = join(path, folder, name);
      if (known.has(directory) || name.startsWith('.')) continue;
      const isDirectory = await stat(directory).then(
        (status) => status.isDirectory(),
        () => false,
      );
      findings.push({
        severity: 'warning',
        subject: { kind: 'directory', path: directory },
        message: isDirectory
          ? `${directory} is no ${describeKind(kind as PluginId['kind'])} plugin: ${name}.wasm is missing in it.`
          : `${directory} is no directory, so it is no plugin.`,
        help: isDirectory ? `Name the binary ${name}.wasm, or remove the directory.` : 'Move it away.',
      });
    }
  }
  return findings;
}

async function damageFindings(
  { cacheFile }: PluginsDirectory,
  toolchain: () => Promise<string>,
): Promise<DoctorFinding[]> {
  try {
    await readCacheFile(cacheFile, await toolchain());
    return [];
  } catch (error) {
    const help = 'It is written anew when plugins are loaded. If it stays so, remove the file.';
    const message = `The cache was not used: ${describe(error)}`;
    return [{ severity: 'warning', subject: { kind: 'cache', path: cacheFile }, message, help }];
  }
}

async function cacheFindings({ directory, entries }: DoctorParts): Promise<DoctorFinding[]> {
  const { cacheFile, ownFolder } = directory;
  const isWanted = entries.some(({ state }) => state === 'valid') && (await directory.isThere());
  if (!isWanted || (await isAllowed(cacheFile, constants.F_OK))) return [];
  const message = 'There is no cache, though plugins were loaded: every start loads them anew.';
  const help = `Check that ${ownFolder} can be written to.`;
  return [{ severity: 'warning', subject: { kind: 'cache', path: cacheFile }, message, help }];
}

async function leftoverFindings({ layout }: PluginStore): Promise<DoctorFinding[]> {
  const help = 'It is cleaned up when the plugins are loaded. If it stays, remove it.';
  const folders = await abandonedFolders(layout).catch((): string[] => []);
  const findings = folders.map(
    (path): DoctorFinding => ({
      severity: 'warning',
      subject: { kind: 'leftover', path },
      message: `${path} was left behind by a process that was ended in the middle of a change.`,
      help,
    }),
  );
  const unreadable = join(layout.own, 'state.unreadable.json');
  if (
    await lstat(unreadable).then(
      () => true,
      () => false,
    )
  )
    findings.push({
      severity: 'warning',
      subject: { kind: 'leftover', path: unreadable },
      message: `${unreadable} holds decisions on plugins that could not be read.`,
      help: 'Look whether something in it is to be decided again, and remove it.',
    });
  return findings;
}

/** They were looked at when the manager was opened. */
function temporaryFinding({ path, madeAt, outcome, reason }: LeftoverDirectory): DoctorFinding {
  const made = `a temporary directory of plugins, made on ${madeAt.toISOString()}`;
  const { message, help } = {
    removed: {
      message: `${path}, ${made}, was left behind by a process that was ended before it could remove it.`,
      help: 'It has been removed.',
    },
    failed: {
      message: `${path}, ${made}, was left behind by a process that was ended before it could remove it, and cannot be removed: ${reason}`,
      help: 'Remove it.',
    },
    foreign: {
      message: `${path}, ${made}, belongs to another container, or to a process from before this machine was last started.`,
      help: 'Remove it if no container uses it any more.',
    },
  }[outcome];
  return { severity: 'warning', subject: { kind: 'leftover', path }, message, help };
}

function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
