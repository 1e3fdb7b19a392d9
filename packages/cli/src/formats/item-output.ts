/**
 * Where items go: standard output or a file. One chunk is on its way while the next one is made, and no more: a slow reader
 * slows the session down instead of filling memory.
 */

import { type ByteSink, isReaderGone } from '../output/byte-sink.js';
import { type OutputFileOptions, openOutputFile } from '../output/open-output-file.js';
import { writeError } from '../output/output-error.js';
import type { OutputFile } from '../output/output-file.js';
import { RotatedFiles, type Rotation } from '../output/rotated-files.js';
import { standardOutput } from '../output/standard-streams.js';
import { CommandError } from '../terminal/command-error.js';
import { VisibleChunks } from '../terminal/visible-controls.js';

/** So that the first chunks, which grow, do not need new memory each. */
const NEVER = new AbortController().signal;

const LEAST_COPY_BYTES = 256 * 1024;

export interface ItemFileOptions extends OutputFileOptions {
  /** Whether a terminal is to show control characters. */
  readonly showControls: boolean;
  /** Undefined: the output is one file. */
  readonly rotation: Rotation | undefined;
  /** Whether the first chunk is what each file has to begin with. */
  readonly headed: boolean;
}

export class ItemOutput {
  readonly #sink: ByteSink;
  readonly #name: string;
  readonly #file: OutputFile | undefined;
  readonly #whenClosed: () => void;
  /** For a terminal, that shows text. */
  readonly #visible: VisibleChunks | undefined;
  #closed = false;
  #error: CommandError | undefined;
  #flushed: Promise<void> = Promise.resolve();
  #acceptedBytes = 0;
  #isWriting = false;
  /** Used for one chunk after another: new memory for each makes V8 collect garbage on all processors. */
  #copy: Uint8Array = new Uint8Array();

  private constructor(
    { sink, name, file, isVisible }: { sink: ByteSink; name: string; file?: OutputFile; isVisible: boolean },
    whenClosed: () => void,
  ) {
    this.#sink = sink;
    this.#name = name;
    this.#file = file;
    this.#visible = isVisible ? new VisibleChunks() : undefined;
    this.#whenClosed = whenClosed;
  }

  /** @param whenClosed called when its reader turns out to have gone away */
  static stdout(whenClosed: () => void): ItemOutput {
    const { sink, name, showsControls } = standardOutput;
    return new ItemOutput({ sink, name, isVisible: showsControls }, whenClosed);
  }

  /** @throws CommandError when the file cannot be made or replaced; the signal's reason */
  static async file(path: string, options: ItemFileOptions, whenClosed: () => void): Promise<ItemOutput> {
    const { rotation, headed, warn } = options;
    const file =
      rotation === undefined
        ? await openOutputFile(path, options)
        : await RotatedFiles.open(path, { rotation, headed, warn });
    const isVisible = file.isTerminal && options.showControls;
    return new ItemOutput({ sink: file.sink, name: `'${path}'`, file, isVisible }, whenClosed);
  }

  /** Whether it is a file of its own. */
  get isFile(): boolean {
    return this.#file !== undefined && !this.#sink.mayStall;
  }

  /**
   * Resolves when everything that it was given is written, and where it is a file, on the disk.
   * @throws CommandError when something could not be written
   */
  async settle(): Promise<void> {
    await this.flush(NEVER);
    await this.#sink.sync?.();
  }

  /** Whether its reader has gone away: nothing more need be written. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether all that it was given is written, or on its way. */
  get whole(): boolean {
    return !this.#closed && this.#error === undefined;
  }

  /** Bytes that it was given. */
  get acceptedBytes(): number {
    return this.#acceptedBytes;
  }

  /** Bytes that were written. */
  get writtenBytes(): number {
    return this.#sink.writtenBytes;
  }

  /**
   * Takes a chunk, which must not change until this resolves: when the chunk before it is written, and this one copied. Once the
   * signal is aborted it does not wait for a reader.
   * @throws CommandError when something could not be written.
   */
  async write(chunk: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#settled(signal);
    if (this.#closed) return;
    const written = this.#copied(this.#visible?.next(chunk) ?? chunk);
    this.#acceptedBytes += written.length;
    this.#isWriting = true;
    this.#flushed = this.#sink.write(written).then(
      () => {
        this.#isWriting = false;
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #copied(chunk: Uint8Array): Uint8Array {
    // A reader that is not waited for has not taken the one before.
    if (this.#isWriting) return Uint8Array.from(chunk);
    if (this.#copy.length < chunk.length) this.#copy = Buffer.allocUnsafeSlow(Math.max(chunk.length, LEAST_COPY_BYTES));
    this.#copy.set(chunk);
    return this.#copy.subarray(0, chunk.length);
  }

  /**
   * Resolves when everything is written. What an interrupted run has left for a reader that does not read is waited for by the
   * process itself, which ends when it is taken.
   * @throws CommandError when something could not be written.
   */
  async flush(signal: AbortSignal): Promise<void> {
    const held = this.#sink.flush?.();
    if (held !== undefined) this.#flushed = held.catch((error: unknown) => this.#fail(error));
    await this.#settled(signal);
  }

  /** All is written that will be: a file is put in its place. @throws CommandError when something could not be written */
  async finish(signal: AbortSignal): Promise<void> {
    await this.flush(signal);
    await this.#file?.finish();
  }

  /** The run has failed. @returns where the items are, as a sentence, where they are not in the file that was asked for */
  async abandon(): Promise<string | undefined> {
    if (!this.#sink.mayStall) await this.#flushed;
    const left = await this.#file?.abandon();
    const whole = this.#file?.wholeFiles;
    if (whole !== undefined) return whereItemsAre(whole, left);
    return left === undefined ? undefined : `The items so far are in '${left}'; ${this.#name} is unchanged.`;
  }

  async #settled(signal: AbortSignal): Promise<void> {
    await (this.#sink.mayStall ? unlessAborted(this.#flushed, signal) : this.#flushed);
    if (this.#error !== undefined) throw this.#error;
  }

  #fail(error: unknown): void {
    if (isReaderGone(error)) {
      this.#closed = true;
      this.#whenClosed();
      return;
    }
    this.#error ??= error instanceof CommandError ? error : writeError(this.#name, this.#sink.writtenBytes, error);
  }
}

function whereItemsAre(whole: readonly string[], left: string | undefined): string | undefined {
  const [first, last] = [whole[0], whole.at(-1)];
  const range = first === last ? last : `${first}' to '${last}`;
  const files = [range, left].filter((file) => file !== undefined);
  return files.length === 0 ? undefined : `The items so far are in ${files.map((file) => `'${file}'`).join(' and ')}.`;
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let onAbort: () => void = () => {};
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
  });
  await Promise.race([work, aborted]);
  signal.removeEventListener('abort', onAbort);
}
