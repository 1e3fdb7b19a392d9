/**
 * A file that is compressed while it is written. Every few MiB all that was compressed so far is flushed: that much of a file that is
 * not whole can be read, and counts as written.
 */
import { type ByteSink, isReaderGone } from './byte-sink.js';
import { Compressor } from './compression.js';
import { writeError } from './output-error.js';
import type { OutputFile } from './output-file.js';

/** Bytes of input between flushes. They cost a few bytes each. */
const FLUSH_BYTES = 8 * 1024 * 1024;

export class CompressedFile implements OutputFile, ByteSink {
  readonly isTerminal = false;
  readonly mayStall: boolean;
  readonly #name: string;
  readonly #file: OutputFile;
  readonly #compressor: Compressor;
  readonly #flushesEach: boolean;
  #takenBytes = 0;
  #flushedBytes = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param flushesEach whether what was written can be read at once: the file may never have an end */
  constructor(path: string, file: OutputFile, { flushesEach }: { readonly flushesEach: boolean }) {
    this.#name = `'${path}'`;
    this.#file = file;
    this.#compressor = new Compressor(path);
    this.#flushesEach = flushesEach;
    this.mayStall = file.sink.mayStall;
  }

  get sink(): ByteSink {
    return this;
  }

  /** Before compression; only what a reader gets of the file, should it end here. */
  get writtenBytes(): number {
    return this.#flushedBytes;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#write(chunk));
  }

  flush(): Promise<void> {
    return this.#inTurn(() => this.#flush());
  }

  async finish(): Promise<void> {
    try {
      await this.#last;
      await this.#pass(await this.#compressor.end());
    } catch (error) {
      if (!isReaderGone(error)) throw error;
    } finally {
      this.#compressor.close();
    }
    await this.#file.finish();
  }

  /** Ends what is compressed, as far as that is possible: then it can be read without a complaint. */
  async abandon(): Promise<string | undefined> {
    try {
      await this.#last;
      if (this.#takenBytes > 0) await this.#pass(await this.#compressor.end());
    } catch {
      // It has failed already.
    } finally {
      this.#compressor.close();
    }
    return this.#file.abandon();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done;
    return done;
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await this.#pass(await this.#compressor.add(chunk));
    this.#takenBytes += chunk.length;
    if (this.#flushesEach || this.#takenBytes - this.#flushedBytes >= FLUSH_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#flushedBytes === this.#takenBytes) return;
    await this.#pass(await this.#compressor.flush());
    this.#flushedBytes = this.#takenBytes;
  }

  async #pass(made: readonly Uint8Array[]): Promise<void> {
    try {
      for (const bytes of made) await this.#file.sink.write(bytes);
    } catch (cause) {
      if (isReaderGone(cause)) throw cause;
      throw writeError(this.#name, this.#file.sink.writtenBytes, cause);
    }
  }
}
