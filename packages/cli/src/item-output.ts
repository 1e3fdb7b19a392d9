/**
 * Where items go: stdout or a file. One chunk is on its way while the next one is made, and no more: a slow reader slows the
 * session down instead of filling memory.
 */
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { CommandError } from './command-error.js';
import { formatBytes } from './quantities.js';

export class ItemOutput {
  readonly #stream: Writable;
  readonly #name: string;
  readonly #owned: boolean;
  readonly #whenClosed: () => void;
  #writtenBytes = 0;
  #closed = false;
  #error: CommandError | undefined;
  #flushed: Promise<void> = Promise.resolve();

  private constructor(stream: Writable, name: string, owned: boolean, whenClosed: () => void) {
    this.#whenClosed = whenClosed;
    this.#stream = stream;
    this.#name = name;
    this.#owned = owned;
    // The callbacks of `write` get the same error; without a listener it would end the process as well.
    stream.on('error', () => {});
  }

  /** @param whenClosed called when its reader turns out to have gone away */
  static stdout(whenClosed: () => void): ItemOutput {
    return new ItemOutput(process.stdout, 'stdout', false, whenClosed);
  }

  /** @throws CommandError when the file cannot be made or replaced. */
  static async file(path: string, whenClosed: () => void): Promise<ItemOutput> {
    const stream = createWriteStream(path);
    try {
      await new Promise<void>((resolve, reject) => {
        stream.once('open', () => resolve());
        stream.once('error', reject);
      });
    } catch (cause) {
      const message = `Cannot write to '${path}': ${(cause as Error).message}`;
      throw new CommandError('ERR_OUTPUT_OPEN', message, { cause, help: 'Check the path and the rights to it.' });
    }
    return new ItemOutput(stream, `'${path}'`, true, whenClosed);
  }

  /** Whether its reader has gone away: nothing more need be written. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Takes a chunk, which must not change from then on. Resolves when the chunk before it is written; once the signal is
   * aborted it does not wait for that.
   * @throws CommandError when something could not be written.
   */
  async write(chunk: Uint8Array, signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#flushed, signal);
    this.#throwError();
    if (this.#closed) return;
    this.#flushed = new Promise((resolve) => {
      this.#stream.write(chunk, (error) => {
        if (error) this.#fail(error);
        else this.#writtenBytes += chunk.length;
        resolve();
      });
    });
  }

  /**
   * Resolves when everything is written. What an interrupted run has left for a reader that does not read is waited for by the
   * process itself, which ends when it is taken.
   */
  async end(signal: AbortSignal): Promise<void> {
    await (this.#owned ? this.#flushed : unlessAborted(this.#flushed, signal));
    if (this.#owned) {
      this.#stream.end();
      await finished(this.#stream).catch((error: Error) => this.#fail(error));
    }
    this.#throwError();
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') {
      this.#closed = true;
      this.#whenClosed();
      return;
    }
    const message = `Cannot write to ${this.#name} after ${formatBytes(this.#writtenBytes)}: ${error.message}`;
    const help = error.code === 'ENOSPC' ? 'The disk is full: make room, or write elsewhere.' : undefined;
    this.#error ??= new CommandError('ERR_OUTPUT_WRITE', message, {
      cause: error,
      ...(help === undefined ? {} : { help }),
    });
  }

  #throwError(): void {
    if (this.#error !== undefined) throw this.#error;
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
