/**
 * A regular file among those of a source. It is as long as it was when the source was opened. When it was cut or written anew since, that is an
 * error, as far as its length and its first bytes tell.
 */
import { close, fstat, open, read, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import { OPEN_FLAGS } from './open-flags.js';

const openPath = promisify(open);
const closeDescriptor = promisify(close);
const readDescriptor = promisify(read);
const statDescriptor = promisify(fstat) as (descriptor: number) => Promise<Stats>;

const SAMPLE_BYTES = 4096;

export class RegularFile {
  readonly path: string;
  readonly size: number;
  readonly #identity: string;
  readonly #owns: boolean;
  #descriptor: number | undefined;
  #reading: Promise<unknown> | undefined;
  #sample: Buffer = Buffer.alloc(0);
  #known: string;

  /** @param owns whether the descriptor is closed here */
  constructor(path: string, status: Stats, descriptor: number, owns: boolean) {
    this.#owns = owns;
    this.path = path;
    this.size = status.size;
    this.#identity = `${status.dev}:${status.ino}`;
    this.#known = timesOf(status);
    this.#descriptor = descriptor;
  }

  /** What it begins with. */
  get head(): Uint8Array {
    return this.#sample;
  }

  /** Not so the files of `/proc`: only reading tells where they end, or that they cannot be read. */
  async isAsLongAsItSays(): Promise<boolean> {
    const sample = Buffer.alloc(this.size === 0 ? 1 : Math.min(SAMPLE_BYTES, this.size));
    const filled = await this.#fill(sample).catch(() => undefined);
    if (filled === undefined) return false;
    this.#sample = sample.subarray(0, filled);
    return this.#sample.length === Math.min(SAMPLE_BYTES, this.size);
  }

  /** Until it is read again: a process may have so many files open and no more. */
  async rest(): Promise<void> {
    if (!this.#owns) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) await closeDescriptor(descriptor);
  }

  /**
   * Reads up to the size that it had; returns how many bytes, 0 at the end.
   * @throws HostError `ERR_SOURCE_READ`, `ERR_SOURCE_CHANGED`: then nothing that was read counts
   */
  async readAt(into: Uint8Array, position: number): Promise<number> {
    const length = Math.min(into.length, this.size - position);
    if (length <= 0) return 0;
    const count = await this.#read(into, length, position);
    await this.#requireUnchanged(position);
    if (count === 0) throw this.#changed(position, 'ends there now');
    return count;
  }

  /** Waits for a read that is under way: its number may be another file's then. */
  async close(): Promise<void> {
    await this.#reading?.catch(() => {});
    await this.rest().catch(() => {});
  }

  async #read(into: Uint8Array, length: number, position: number): Promise<number> {
    for (;;)
      try {
        const descriptor = await this.#opened();
        const reading = readDescriptor(descriptor, into, 0, length, position);
        this.#reading = reading;
        return (await reading).bytesRead;
      } catch (cause) {
        if (cause instanceof HostError) throw cause;
        const { code, message } = cause as NodeJS.ErrnoException;
        if (code !== 'EINTR')
          throw new HostError('ERR_SOURCE_READ', `Cannot read '${this.path}' at byte ${position}: ${message}`, {
            cause,
          });
      }
  }

  async #opened(): Promise<number> {
    if (this.#descriptor !== undefined) return this.#descriptor;
    const descriptor = await openPath(this.path, OPEN_FLAGS);
    this.#descriptor = descriptor;
    const { dev, ino } = await statDescriptor(descriptor);
    if (`${dev}:${ino}` !== this.#identity) throw this.#changed(0, 'is another file now');
    return descriptor;
  }

  async #requireUnchanged(position: number): Promise<void> {
    if (this.#descriptor === undefined) return;
    const status = await statDescriptor(this.#descriptor);
    if (status.size < this.size) throw this.#changed(position, `was cut to ${status.size} bytes`);
    const times = timesOf(status);
    if (times === this.#known) return;
    const again = Buffer.alloc(this.#sample.length);
    const count = await this.#fill(again);
    if (!again.subarray(0, count).equals(this.#sample)) throw this.#changed(position, 'was written anew');
    this.#known = times;
  }

  async #fill(into: Uint8Array): Promise<number> {
    for (let filled = 0; ; ) {
      const count = filled === into.length ? 0 : await this.#read(into.subarray(filled), into.length - filled, filled);
      if (count === 0) return filled;
      filled += count;
    }
  }

  #changed(position: number, how: string): HostError {
    const message = `'${this.path}' ${how}; it had ${this.size} bytes when it was opened: its old content is missing from byte ${position} on.`;
    return new HostError('ERR_SOURCE_CHANGED', message, { help: 'Read copies, or files that are only appended to.' });
  }
}

function timesOf({ size, mtimeMs, ctimeMs }: Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs}`;
}
