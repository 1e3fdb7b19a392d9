/**
 * Where items go: standard output or a file. One chunk is on its way while the next one is made, and no more: a slow reader
 * slows the session down instead of filling memory.
 */

import { type ByteSink, isReaderGone } from '../output/byte-sink.js';
import { writeError } from '../output/output-error.js';
import { type OutputFile, type OutputFileOptions, openOutputFile } from '../output/output-file.js';
import { standardOutput } from '../output/standard-streams.js';
import type { CommandError } from '../terminal/command-error.js';
import { VisibleChunks } from '../terminal/visible-controls.js';

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
  static async file(
    path: string,
    options: OutputFileOptions & {
      /** Whether a terminal is to show control characters. */ readonly showControls: boolean;
    },
    whenClosed: () => void,
  ): Promise<ItemOutput> {
    const file = await openOutputFile(path, options);
    const isVisible = file.isTerminal && options.showControls;
    return new ItemOutput({ sink: file.sink, name: `'${path}'`, file, isVisible }, whenClosed);
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
   * Takes a chunk, which must not change from then on. Resolves when the chunk before it is written; once the signal is
   * aborted it does not wait for a reader.
   * @throws CommandError when something could not be written.
   */
  async write(chunk: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.flush(signal);
    if (this.#closed) return;
    const written = this.#visible?.next(chunk) ?? chunk;
    this.#acceptedBytes += written.length;
    this.#flushed = this.#sink.write(written).catch((error: unknown) => this.#fail(error));
  }

  /**
   * Resolves when everything is written. What an interrupted run has left for a reader that does not read is waited for by the
   * process itself, which ends when it is taken.
   * @throws CommandError when something could not be written.
   */
  async flush(signal: AbortSignal): Promise<void> {
    await (this.#sink.mayStall ? unlessAborted(this.#flushed, signal) : this.#flushed);
    if (this.#error !== undefined) throw this.#error;
  }

  /** All is written that will be: a file is put in its place. @throws CommandError when something could not be written */
  async finish(signal: AbortSignal): Promise<void> {
    await this.flush(signal);
    await this.#file?.finish();
  }

  /** The run has failed. @returns the path of a file that was left, in place of the one that was asked for */
  async abandon(): Promise<string | undefined> {
    if (!this.#sink.mayStall) await this.#flushed;
    return this.#file?.abandon();
  }

  #fail(error: unknown): void {
    if (isReaderGone(error)) {
      this.#closed = true;
      this.#whenClosed();
      return;
    }
    this.#error ??= writeError(this.#name, this.#sink.writtenBytes, error);
  }
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
