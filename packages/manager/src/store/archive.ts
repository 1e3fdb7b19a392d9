/** An archive as the store sees it, and the rules that hold for all kinds of them. */
import { sourceError } from './store-errors.js';

export interface ArchiveEntry {
  /** Names joined by '/', as cleaned by `entryPath`. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** Where the archive's reader finds it again. */
  readonly index: number;
}

export interface Archive extends AsyncDisposable {
  /** Safe ones: regular files and folders that lie within the archive. */
  readonly entries: readonly ArchiveEntry[];
  /** The content of a file. Throws HostError `ERR_STORE_SOURCE` when it is damaged, or more than is allowed. */
  read(entry: ArchiveEntry): AsyncIterable<Uint8Array>;
}

/**
 * A name in an archive as a path within it, without leading './' and doubled or ending separators.
 * @throws HostError `ERR_STORE_SOURCE` when it leads out of the archive, or would on another system
 */
export function entryPath(archive: string, name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const escapes = name.startsWith('/') || /^[a-z]:/i.test(name) || /[\\\0]/.test(name) || parts.includes('..');
  if (escapes)
    throw sourceError(`'${archive}' contains ${JSON.stringify(name)}, a path outside of the archive.`, UNTRUSTED);
  return parts.join('/');
}

/** @throws HostError `ERR_STORE_SOURCE` always: links, devices and the like have no place in a plugin */
export function refuseEntry(archive: string, name: string, type: string): never {
  throw sourceError(`'${archive}' contains ${JSON.stringify(name)}, a ${type}; expected files and folders.`, UNTRUSTED);
}

/** Damage and anything else that a reader of archives says. */
export function archiveFault(archive: string, format: string, cause: unknown): Error {
  if ((cause as Error | undefined)?.name === 'HostError') return cause as Error;
  return sourceError(
    `'${archive}' cannot be read as ${format}: ${(cause as Error).message}`,
    'Check that the file is complete and of the type that its extension says.',
    cause,
  );
}

const UNTRUSTED = 'Do not install archives of unknown origin; pack the folder of the plugin again.';
