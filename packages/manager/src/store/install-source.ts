/**
 * What a plugin can be installed from, as the few files that are taken of it:
 *
 *   a folder    <name>/ with <name>.wasm, or any folder with no other .wasm, such as dist/ of a build; <name>.toml and README.md
 *               if it has them
 *   a .wasm     <name>.wasm, and <name>.toml beside it; README.md only in a folder that is called <name>
 *   an archive  .zip, .tgz or .tar.gz with such a folder in it, or with just its files
 *
 * The path that was given may be a symbolic link; nothing within a folder or an archive may.
 */
import type { Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { absolutePath } from '@chipmunk-host/runtime/internal';
import { quote } from '../shared/quote.js';
import type { Archive, ArchiveEntry } from './archive.js';
import { readRegularFile } from './durable-files.js';
import { requireNewName } from './plugin-name.js';
import { ByteBudget, type SourceLimits } from './source-limits.js';
import { errorCode, isMissing, sourceError, unreadable } from './store-errors.js';
import { pluginFiles, README } from './store-layout.js';
import { TarArchive } from './tar-archive.js';
import { ZipArchive } from './zip-archive.js';

export interface InstallSource extends AsyncDisposable {
  /** Good for a new plugin. */
  readonly name: string;
  readonly files: readonly SourceFile[];
}

export interface SourceFile {
  /** Name in the plugin's folder. */
  readonly name: string;
  /** Throws HostError `ERR_STORE_SOURCE` when it cannot be read, or is more than is allowed. */
  read(): AsyncIterable<Uint8Array>;
}

/** @throws HostError `ERR_STORE_SOURCE` when there is no plugin, with what was expected */
export async function openInstallSource(path: string, limits: SourceLimits): Promise<InstallSource> {
  const full = absolutePath(path);
  const status = await statusOf(full);
  if (status.isDirectory()) return folderSource(full, await nameInFolder(full), limits);
  const kind = status.isFile() ? /\.(?:wasm|zip|tgz|tar\.gz)$/i.exec(full)?.[0].toLowerCase() : undefined;
  if (kind === '.wasm') return binarySource(full, limits);
  if (kind === '.zip') return archiveSource(full, await ZipArchive.open(full, status.size, limits));
  if (kind !== undefined) return archiveSource(full, await TarArchive.open(full, status.size, limits));
  throw sourceError(
    `'${path}' is ${status.isFile() ? 'of an unknown type' : 'not a regular file'}.`,
    'Name a folder, a .wasm file, or a .zip, .tgz or .tar.gz archive.',
  );
}

/** The binary that is named like the folder, or the only one there is. */
async function nameInFolder(folder: string): Promise<string> {
  const name = basename(folder);
  // What cannot be listed is said when it is read.
  const names = await readdir(folder).catch(() => []);
  const binaries = names.filter((file) => file.endsWith('.wasm'));
  const [only] = binaries;
  if (only === undefined || binaries.length > 1 || binaries.includes(`${name}.wasm`)) return name;
  return only.slice(0, -'.wasm'.length);
}

/** A folder that is named otherwise than the plugin in it, as that of a version that was set aside, has a `name` of its own. */
export async function folderSource(folder: string, name: string, limits: SourceLimits): Promise<InstallSource> {
  requireNewName(name);
  const { binary, others } = pluginFiles(name);
  const names = await readdir(folder).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  if (!names.includes(binary)) throw noBinary(folder, binary, names);
  return fileSource(folder, name, [binary, ...others.filter((file) => names.includes(file))], limits);
}

async function binarySource(path: string, limits: SourceLimits): Promise<InstallSource> {
  const name = basename(path).replace(/\.wasm$/i, '');
  requireNewName(name);
  const folder = dirname(path);
  const beside = basename(folder) === name ? [`${name}.toml`, README] : [`${name}.toml`];
  const present = await Promise.all(beside.map(async (file) => ((await isThere(join(folder, file))) ? [file] : [])));
  const source = fileSource(folder, name, present.flat(), limits);
  // The given path itself may be a link.
  const real = await realpath(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const budget = new ByteBudget(path, limits);
  const binary = { name: `${name}.wasm`, read: () => budget.count(readRegularFile(real)) };
  return { ...source, files: [binary, ...source.files] };
}

function fileSource(folder: string, name: string, names: readonly string[], limits: SourceLimits): InstallSource {
  const budget = new ByteBudget(folder, limits);
  const files = names.map((file) => ({
    name: file,
    read: () => budget.count(readRegularFile(join(folder, file))),
  }));
  return { name, files, [Symbol.asyncDispose]: async () => {} };
}

async function archiveSource(path: string, archive: Archive): Promise<InstallSource> {
  try {
    const { name, folder } = findPlugin(path, archive.entries);
    requireNewName(name);
    const { binary, others } = pluginFiles(name);
    const files = [binary, ...others].flatMap((file) => {
      const found = archive.entries.filter(({ path, isDirectory }) => path === `${folder}${file}` && !isDirectory);
      const [entry] = found;
      if (entry === undefined) return [];
      if (found.length === 1) return [{ name: file, read: () => archive.read(entry) }];
      throw sourceError(`'${path}' holds ${quote(entry.path)} ${found.length} times.`, PACK);
    });
    return { name, files, [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose]() };
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
}

/** @returns its name, and the folder that it is in, as '' or with an ending '/' */
function findPlugin(path: string, entries: readonly ArchiveEntry[]): { name: string; folder: string } {
  const binaries = new Map<string, { name: string; folder: string; isNamedLikeFolder: boolean }>();
  for (const entry of entries) {
    // Deeper ones are something else. macOS puts the attributes of files beside them.
    const [, folder = '', name] = /^(?:([^/]+)\/)?([^/]+)\.wasm$/.exec(entry.path) ?? [];
    if (name === undefined || entry.isDirectory || folder === '__MACOSX') continue;
    binaries.set(entry.path, {
      name,
      folder: folder === '' ? '' : `${folder}/`,
      isNamedLikeFolder: folder === '' || folder === name,
    });
  }
  const named = [...binaries.values()].filter(({ isNamedLikeFolder }) => isNamedLikeFolder);
  const plugins = binaries.size === 1 ? [...binaries.values()] : named;
  const [plugin] = plugins;
  if (plugin !== undefined && plugins.length === 1) return plugin;
  const names = [...binaries.keys()].map(quote).join(', ');
  if (plugin !== undefined) throw sourceError(`'${path}' contains more than one plugin: ${names}.`, PACK);
  throw sourceError(
    `'${path}' contains no plugin: expected <name>.wasm or <name>/<name>.wasm; ${names === '' ? 'there is no .wasm' : `found ${names}`}.`,
    PACK,
  );
}

const PACK = 'Pack the folder of one plugin, named like its .wasm file.';

function noBinary(folder: string, binary: string, names: readonly string[]): Error {
  const others = names.filter((name) => name.endsWith('.wasm'));
  const found = others.length === 0 ? 'there is no .wasm file' : `found ${others.slice(0, 5).map(quote).join(', ')}`;
  const help =
    others.length === 0
      ? 'Name the folder that contains the binary, or the .wasm file itself.'
      : 'Name the folder like one of its .wasm files, or name the .wasm file itself.';
  return sourceError(`'${folder}' is not the folder of a plugin: ${quote(binary)} is missing; ${found}.`, help);
}

async function statusOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error) && (await isThere(path)))
      throw sourceError(
        `'${path}' is a symbolic link to a file that does not exist.`,
        'Name the file or folder itself.',
        error,
      );
    if (isMissing(error) || errorCode(error) === 'ENOTDIR')
      throw sourceError(`There is no file or folder '${path}'.`, 'Check the path.', error);
    throw unreadable(path, error);
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
