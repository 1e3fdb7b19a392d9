/** A directory as the store of a spool. */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SpoolError } from './portable/spool-error.js';
import type { RangeSource, SpoolStore } from './portable/spool-store.js';
import { decompressor } from './zstd.js';

/** Files that are open at once: segments may be many. */
const MOST_OPEN = 16;

export class FileStore implements SpoolStore {
  readonly name: string;
  readonly decompress = decompressor;
  /** The ones that were used last stand last. */
  readonly #open = new Set<FileRange>();

  /** @param directory of the spool */
  constructor(directory: string) {
    this.name = directory;
  }

  /** @throws SpoolError `ERR_SPOOL_READ` */
  async list(): Promise<readonly string[]> {
    try {
      return await readdir(this.name);
    } catch (error) {
      throw unreadable(this.name, error);
    }
  }

  path(name: string): string {
    return join(this.name, name);
  }

  /** @throws SpoolError `ERR_SPOOL_READ` */
  async open(name: string): Promise<RangeSource | undefined> {
    const file = new FileRange(join(this.name, name), (used) => this.#used(used));
    try {
      await file.size();
      return file;
    } catch (error) {
      if ((error as { cause?: NodeJS.ErrnoException }).cause?.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((file) => file.close()));
  }

  #used(file: FileRange): void {
    this.#open.delete(file);
    this.#open.add(file);
    if (this.#open.size <= MOST_OPEN) return;
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    this.#open.delete(oldest);
    void oldest.close();
  }
}

/** A file that is opened when it is read, and stays the same one. */
class FileRange implements RangeSource {
  readonly #path: string;
  readonly #used: (file: FileRange) => void;
  #file: Promise<FileHandle> | undefined;
  /** Reads that are under way: the file is closed behind them. */
  #reading = 0;
  #whenIdle: (() => void) | undefined;

  constructor(path: string, used: (file: FileRange) => void) {
    this.#path = path;
    this.#used = used;
  }

  size(): Promise<number> {
    return this.#with(async (file) => (await file.stat()).size);
  }

  read(position: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const buffer = into !== undefined && into.length >= length ? into.subarray(0, length) : undefined;
    return this.#with(async (file) => {
      // A length that was damaged is no reason to ask for so much memory.
      const most = length > LARGE_BYTES ? Math.max(0, Math.min(length, (await file.stat()).size - position)) : length;
      const bytes = buffer?.subarray(0, most) ?? new Uint8Array(new ArrayBuffer(most));
      let filled = 0;
      while (filled < most) {
        const { bytesRead } = await file.read(bytes, filled, most - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    });
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    if (this.#reading > 0)
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    await file.then((handle) => handle.close()).catch(() => {});
  }

  async #with<Value>(work: (file: FileHandle) => Promise<Value>): Promise<Value> {
    this.#used(this);
    this.#file ??= open(this.#path, 'r');
    const opened = this.#file;
    this.#reading++;
    try {
      return await work(await opened);
    } catch (error) {
      // One that could not be opened is tried again; one that is open stays the same.
      if (this.#file === opened && (await opened.catch(() => undefined)) === undefined) this.#file = undefined;
      throw unreadable(this.#path, error);
    } finally {
      this.#reading--;
      if (this.#reading === 0) this.#whenIdle?.();
    }
  }
}

const LARGE_BYTES = 16 * 1024 * 1024;

export function unreadable(path: string, cause: unknown): SpoolError {
  if (cause instanceof SpoolError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const what = code === 'ENOENT' ? 'it is not there' : code === 'ENOTDIR' ? 'it is no directory' : message;
  return new SpoolError('ERR_SPOOL_READ', `The spool '${path}' cannot be read: ${what}.`, {
    cause,
    help: code === 'EACCES' || code === 'EPERM' ? 'Check your rights to it.' : 'Check the path and the disk.',
  });
}
