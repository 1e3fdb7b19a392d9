/** Reads a plugin's binary, or says what is wrong with its path. */
import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { HostError, PluginInvalidError } from '@chipmunk-host/runtime';
import { DEFAULT_MAX_BINARY_BYTES, environmentFault } from '@chipmunk-host/runtime/internal';

/** Hashed in some 1 ms, so that the event loop is not held up. */
const HASH_STEP_BYTES = 1024 * 1024;

/**
 * Identity of a file's content, as far as the file system tells: size, times and inode. The time of change (`ctime`) is part of
 * it because it cannot be set back.
 */
export type FileStamp = string;

export function fileStamp({ ino, size, mtimeNs, ctimeNs }: BigIntStats): FileStamp {
  return `${size}:${ino}:${mtimeNs}:${ctimeNs}`;
}

/** File systems that note times in steps this coarse are in use: a file may change twice within one. */
const COARSEST_TIME_MS = 2000;

/**
 * Whether a file that still has this stamp cannot have changed since the stamp was taken.
 * @param takenAt milliseconds since 1970
 */
export function isSettled(stamp: FileStamp, takenAt: number): boolean {
  const [, , mtimeNs, ctimeNs] = stamp.split(':').map(Number);
  const changedAt = Math.max(mtimeNs ?? Number.NaN, ctimeNs ?? Number.NaN) / 1e6;
  return changedAt < takenAt - COARSEST_TIME_MS;
}

/** @throws HostError `ERR_PLUGIN_NOT_FOUND` when it is missing, PluginInvalidError when it cannot be a plugin. */
export async function statPlugin(path: string): Promise<BigIntStats> {
  const status = await stat(path, { bigint: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
      throw new HostError('ERR_PLUGIN_NOT_FOUND', `There is no plugin file '${path}'.`, {
        cause,
        help: 'Check the path.',
      });
    throw unreadable(path, cause);
  });
  if (status.isFile()) {
    if (status.size <= DEFAULT_MAX_BINARY_BYTES) return status;
    // Before it is read: it would be in memory as a whole.
    const message = `has ${status.size} bytes; at most ${DEFAULT_MAX_BINARY_BYTES} are allowed`;
    throw new PluginInvalidError(`The plugin '${path}' ${message}.`, { plugin: path });
  }
  const kind = status.isDirectory() ? 'a directory' : 'not a regular file';
  throw new PluginInvalidError(`The plugin '${path}' is ${kind}; expected a .wasm file.`, {
    plugin: path,
    help: 'Name the .wasm file itself.',
  });
}

/** @throws PluginInvalidError when it cannot be read, EnvironmentError when that is the system's doing. */
export async function readPlugin(path: string): Promise<Uint8Array> {
  return withBinary(path, (file) => file.readFile());
}

/** Opened without waiting: it may have become a FIFO since it was looked at, and nobody may write to that. */
async function withBinary<Value>(path: string, use: (file: FileHandle) => Promise<Value>): Promise<Value> {
  try {
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!(await file.stat()).isFile()) throw new Error('it is not a regular file');
    return await use(file);
  } catch (cause) {
    throw unreadable(path, cause as Error);
  }
}

/** Rights and links are matters of the file; a descriptor or memory that is wanting, or a disk that fails, is not. */
const FAULTS_OF_FILE = ['EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG', 'EISDIR'];

function unreadable(path: string, cause: NodeJS.ErrnoException): HostError {
  const environment = FAULTS_OF_FILE.includes(cause.code ?? '')
    ? undefined
    : environmentFault(cause, `The plugin '${path}' cannot be read`);
  if (environment !== undefined) return environment;
  return new PluginInvalidError(`The plugin '${path}' cannot be read: ${cause.message}`, {
    plugin: path,
    cause,
    help: 'Check your rights to the file.',
  });
}

/** SHA-256 of a file, in hexadecimal, read in pieces. @throws PluginInvalidError when it cannot be read. */
export async function hashFile(path: string): Promise<string> {
  return withBinary(path, async (file) => {
    const hash = createHash('sha256');
    for await (const piece of file.createReadStream({ highWaterMark: HASH_STEP_BYTES, autoClose: false }))
      hash.update(piece as Buffer);
    return hash.digest('hex');
  });
}
