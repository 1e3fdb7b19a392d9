/**
 * A regular file as a source, by the descriptor that the main thread has opened. All reading of it is here.
 *
 * Behind each read the file is looked at. As long as size and times are what they were, so is the content. When they changed, the
 * samples that were taken at the start tell whether the file was only appended to, renamed or the like, or cut and written anew: then
 * the bytes that were just read may be others, and are not handed out. What is changed in place between the samples is not noticed.
 */
import { fstatSync } from 'node:fs';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import type { FileSample, OpenedFile } from '../../shared/protocol/opened-file.js';
import { PositionedInput, type PositionedReader } from './positioned-input.js';
import { StagedRead } from './staged-read.js';

/**
 * File systems count the time of a change in steps, of two seconds at most: a file that was changed a shorter while ago may be changed
 * again with the same time.
 */
const TIME_STEP_MS = 3000;

export class FileInput extends PositionedInput {
  constructor(file: OpenedFile) {
    super(new FileReader(file));
  }
}

/** What tells that a file was changed. */
interface FileState {
  readonly size: number;
  readonly modified: number;
  readonly changed: number;
}

export class FileReader implements PositionedReader {
  readonly size: number;
  readonly #file: OpenedFile;
  readonly #staged = new StagedRead();
  /** In which the file is known to have the content that it had. */
  #known: FileState | undefined;
  /** Samples as they are now. */
  #again: Buffer | undefined;
  #closed = false;

  constructor(file: OpenedFile) {
    this.#file = file;
    this.size = file.size;
  }

  /** @throws HostError `ERR_SOURCE_READ`; `ERR_SOURCE_CHANGED` when the file is not what it was: nothing that was read counts then */
  readAt(into: Uint8Array, position: number): number {
    const count = this.#read(into, position);
    this.#requireUnchanged(position);
    if (count === 0 && into.length > 0 && position < this.size)
      throw this.#readError(position, `it ends there, but it has ${this.size} bytes`);
    return count;
  }

  /** Reads no more: the descriptor is the main thread's to close, and its number may then become another file's. */
  close(): void {
    this.#closed = true;
  }

  #read(into: Uint8Array, position: number): number {
    if (this.#closed)
      throw new HostError('ERR_CLOSED', `The session has ended: '${this.#file.path}' is not read any more.`);
    try {
      return this.#staged.readAt(this.#file.descriptor, into, position);
    } catch (cause) {
      throw this.#readError(position, (cause as Error).message, cause);
    }
  }

  #requireUnchanged(position: number): void {
    const askedAt = Date.now();
    const state = this.#state(position);
    if (state.size < this.size)
      throw this.#changed(position, `was cut to ${state.size} bytes; it had ${this.size} when it was opened`);
    if (isSame(state, this.#known)) return;
    for (const sample of this.#file.samples)
      if (!this.#hasStill(sample)) throw this.#changed(position, 'was written anew');
    const isSettled = Math.max(state.modified, state.changed) + TIME_STEP_MS < askedAt;
    this.#known = isSettled ? state : undefined;
  }

  #hasStill({ position, bytes }: FileSample): boolean {
    if (this.#again === undefined || this.#again.length < bytes.length) this.#again = Buffer.allocUnsafe(bytes.length);
    const found = this.#again.subarray(0, bytes.length);
    for (let filled = 0; filled < found.length; ) {
      const count = this.#read(filled === 0 ? found : found.subarray(filled), position + filled);
      if (count === 0) return false;
      filled += count;
    }
    return found.equals(bytes);
  }

  #state(position: number): FileState {
    try {
      const { size, mtimeMs: modified, ctimeMs: changed } = fstatSync(this.#file.descriptor);
      return { size, modified, changed };
    } catch (cause) {
      throw this.#readError(position, (cause as Error).message, cause);
    }
  }

  #readError(position: number, why: string, cause?: unknown): HostError {
    return new HostError('ERR_SOURCE_READ', `Cannot read '${this.#file.path}' at byte ${position}: ${why}`, { cause });
  }

  #changed(position: number, how: string): HostError {
    const message = `'${this.#file.path}' ${how} while it was read: its old content is missing from byte ${position} on.`;
    return new HostError('ERR_SOURCE_CHANGED', message, { help: 'Read a copy, or a file that is only appended to.' });
  }
}

function isSame(state: FileState, known: FileState | undefined): boolean {
  return (
    known !== undefined &&
    state.size === known.size &&
    state.modified === known.modified &&
    state.changed === known.changed
  );
}
