/**
 * One decompressor of Node's, given pieces of compressed bytes one after the other. It works in Node's pool of threads: while a piece is
 * decompressed there, what came out of the one before is delivered here.
 */
import type { Transform } from 'node:stream';
import { DamagedData } from './damage.js';

/** Of Node's zlib, for gzip and zstd alike. */
export type Decompressor = Transform & { readonly bytesWritten: number };

/** Takes the next piece: up to `most` bytes, or the least that can be decompressed on its own; undefined at the end. */
export type NextPiece = (most: number) => Promise<Uint8Array | undefined>;

/** Compressed bytes that are decompressed at once. */
export const PIECE_BYTES = 128 * 1024;

/** As large as a decompressor's buffer may be: each is a round trip to the pool of threads. */
export const CHUNK_BYTES = 1024 * 1024;

/** Decompressed bytes that may wait. A piece may be a thousand times as long when it is decompressed: the decompressor stops there. */
const MOST_AHEAD_BYTES = 2 * CHUNK_BYTES;

export interface ZlibRunOptions {
  readonly next: NextPiece;
  /** At the piece that begins at that position. */
  readonly pieceBytes: (position: number) => number;
  /** Position of the next piece. */
  readonly position: () => number;
  /** The decompressor finds out at the end of the input whether it has all; else the caller knows. */
  readonly findsEnd: boolean;
}

/** What a decompressor is constructed with, so that nothing waits in it when it fails: a failure loses what does. */
export const RUN_OPTIONS = { readableHighWaterMark: 1 };

export class ZlibRun implements AsyncIterable<Uint8Array> {
  /** What was given and belongs to something else, behind the end of the compressed bytes. */
  rest: Uint8Array = new Uint8Array(0);
  readonly #stream: Decompressor;
  readonly #options: ZlibRunOptions;
  readonly #chunks: Uint8Array[] = [];
  #chunkBytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #fed = false;
  #stopped = false;
  #change: () => void = () => {};
  #resumed: () => void = () => {};

  constructor(stream: Decompressor, options: ZlibRunOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on('data', (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#chunkBytes += chunk.length;
      if (this.#chunkBytes >= MOST_AHEAD_BYTES) stream.pause();
      this.#change();
    });
    // Who gives it a piece is told, too.
    stream.on('error', () => {});
  }

  /** @throws DamagedData behind what came before, with the piece that failed; what `next` throws */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    void this.#feed()
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#fed = true;
        this.#change();
      });
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#chunkBytes -= chunk.length;
          yield chunk;
        } else if (this.#failure !== undefined) throw this.#failure.error;
        else if (this.#stream.isPaused()) {
          this.#stream.resume();
          this.#resumed();
        } else if (this.#fed && this.#stream.readableLength === 0) return;
        else
          await new Promise<void>((resolve) => {
            this.#change = resolve;
          });
      }
    } finally {
      this.#stopped = true;
      this.#stream.destroy();
    }
  }

  async #feed(): Promise<void> {
    const { next, pieceBytes, position, findsEnd } = this.#options;
    while (!this.#stopped) {
      const at = position();
      const piece = await next(pieceBytes(at));
      if (this.#stopped) return;
      if (piece === undefined) {
        if (findsEnd) await this.#end(at);
        return;
      }
      const before = this.#stream.bytesWritten;
      await this.#whenDone(at, piece.length, (done) => this.#stream.write(piece, done));
      const taken = this.#stream.bytesWritten - before;
      if (taken < piece.length) {
        this.rest = piece.subarray(taken);
        return;
      }
      // Nothing may wait in the decompressor when the next piece fails.
      while (this.#stream.isPaused() && !this.#stopped)
        await new Promise<void>((resolve) => {
          this.#resumed = resolve;
        });
    }
  }

  /** Nothing is lost when it fails: it was given all that there is before. */
  #end(at: number): Promise<void> {
    return this.#whenDone(at, 0, (done) => this.#stream.end(done));
  }

  #whenDone(at: number, length: number, begin: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new DamagedData(error.message, at, length));
      this.#stream.once('error', fail);
      begin((error) => {
        if (error) return fail(error);
        this.#stream.off('error', fail);
        resolve();
      });
    });
  }
}
