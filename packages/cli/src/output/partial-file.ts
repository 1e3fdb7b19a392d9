/**
 * A file that is written beside the one it replaces, and replaces it when it is complete. Until then, and after a failure or a kill,
 * the old one is unchanged.
 */
import { type FileHandle, link, open, readlink, realpath, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CommandError } from '../terminal/command-error.js';
import { DescriptorSink } from './byte-sink.js';
import { errorCodeOf, writeError } from './output-error.js';

export const PARTIAL_EXTENSION = '.partial';
/** Links that a path may lead through, as in Linux. */
const MAX_LINKS = 40;
/** File systems that cannot synchronise a file. */
const CANNOT_SYNC = ['EINVAL', 'ENOTSUP', 'ENOSYS'];
/** File systems that have no hard links, or none for this user. */
const CANNOT_LINK = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR', 'UNKNOWN'];

interface PartialFileParts {
  readonly path: string;
  readonly target: string;
  readonly handle: FileHandle;
  readonly replaces: boolean;
}

export class PartialFile {
  /** Path of the file until it is whole. */
  readonly path: string;
  readonly isTerminal = false;
  readonly sink: DescriptorSink;
  readonly #handle: FileHandle;
  readonly #target: string;
  readonly #replaces: boolean;

  private constructor({ path, target, handle, replaces }: PartialFileParts) {
    this.path = path;
    this.#target = target;
    this.#handle = handle;
    this.#replaces = replaces;
    this.sink = new DescriptorSink(handle.fd);
  }

  /**
   * @param path of the file to replace, or to make; through symbolic links the file that they lead to
   * @param replaces whether there may be such a file, at the end
   * @throws CommandError when there is a partial file already; the system's error when none can be made
   */
  static async create(path: string, { replaces = true } = {}): Promise<PartialFile> {
    const target = await linkTarget(path);
    const partial = target + PARTIAL_EXTENSION;
    const old = await stat(target).catch(() => undefined);
    if (old !== undefined && !replaces) throw Object.assign(new Error('it exists already'), { code: 'EEXIST' });
    let handle: FileHandle;
    try {
      // Never more open than the old one, not even for a moment.
      handle = await open(partial, 'wx', old === undefined ? 0o666 : old.mode & 0o600);
    } catch (cause) {
      if (errorCodeOf(cause) !== 'EEXIST') throw cause;
      throw new CommandError('ERR_OUTPUT_OPEN', `Cannot write to '${path}': '${partial}' exists already.`, {
        cause,
        help: 'Another run is writing it, or a run ended before it was complete. Check whether you need it, then delete or move it.',
      });
    }
    if (old !== undefined) {
      // Only the superuser can give files away; others keep what they may.
      await handle.chown(old.uid, old.gid).catch(() => handle.chown(-1, old.gid).catch(() => {}));
      await handle.chmod(old.mode & 0o7777).catch(() => {});
    }
    return new PartialFile({ path: partial, target, handle, replaces });
  }

  /** Puts it in its place. @throws CommandError when it cannot; it stays where it is */
  async finish(): Promise<void> {
    try {
      await synchronised(this.#handle);
      await this.#handle.close();
      await (this.#replaces ? rename(this.path, this.#target) : renameToNew(this.path, this.#target));
    } catch (cause) {
      throw writeError(`'${this.#target}'`, this.sink.writtenBytes, cause);
    }
  }

  /** Leaves it where it is. @returns its path; undefined when there was nothing in it, and it is gone */
  async abandon(): Promise<string | undefined> {
    await this.#handle.close().catch(() => {});
    if (this.sink.writtenBytes > 0) return this.path;
    await rm(this.path, { force: true }).catch(() => {});
    return undefined;
  }
}

/** Some file systems tell only now that they have no room. @throws the system's error */
export async function synchronised(handle: FileHandle): Promise<void> {
  await handle.sync().catch((error: unknown) => {
    if (!CANNOT_SYNC.includes(errorCodeOf(error) ?? '')) throw error;
  });
}

/**
 * Gives a whole file another name, which it has from one moment to the next: a kill leaves it with the old name, the new one, or both.
 * @throws the system's error, `EEXIST` when there is such a file
 */
export async function renameToNew(path: string, target: string): Promise<void> {
  try {
    // A rename would replace a file that has come there meanwhile.
    await link(path, target);
  } catch (error) {
    if (!CANNOT_LINK.includes(errorCodeOf(error) ?? '')) throw error;
    return renameToTaken(path, target);
  }
  await unlink(path);
}

/** For file systems without hard links: a kill may leave an empty file with the new name. */
async function renameToTaken(path: string, target: string): Promise<void> {
  await (await open(target, 'wx')).close();
  try {
    await rename(path, target);
  } catch (error) {
    await rm(target, { force: true }).catch(() => {});
    throw error;
  }
}

/** Whether a partial file cannot be made although the file itself may be written. */
export function needsNoPartial(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG'].includes(errorCodeOf(error) ?? '');
}

/** Where a path leads to, also when there is nothing yet at the end of its links. */
async function linkTarget(path: string): Promise<string> {
  let target = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    try {
      return await realpath(target);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw error;
    }
    const link = await readlink(target).catch(() => undefined);
    if (link === undefined) return target;
    target = resolve(dirname(target), link);
  }
  return target;
}
