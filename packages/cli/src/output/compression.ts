/** Compressed outputs, by the suffix of their name: what node:zlib compresses on its thread pool. */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { UsageError } from '../terminal/command-error.js';

/** Suffixes that say how a file is compressed. */
const SUFFIX = /\.(?:gz|zst)$/i;
/** Bytes of compressed output that are made in one turn of the thread pool. */
const CHUNK_BYTES = 256 * 1024;
/** What newer versions of Node.js have of zstd. */
interface Zstd {
  readonly createZstdCompress?: (options: { readonly chunkSize: number }) => zlib.Gzip;
  readonly constants: { readonly ZSTD_e_flush: number };
}
const zstd = zlib as unknown as Zstd;
/** The first of them. */
const ZSTD_SINCE = 'Node.js 22.15, 23.8 or 24';

/** The part of a name that says how the file is compressed; empty when it is not. */
export function compressionSuffix(path: string): string {
  return SUFFIX.exec(path)?.[0] ?? '';
}

/** @throws UsageError when the suffix names a compression that this version of Node.js does not have */
export function requireCompression(path: string): void {
  if (compressionSuffix(path).toLowerCase() !== '.zst' || zstd.createZstdCompress !== undefined) return;
  throw new UsageError(
    `'${path}' needs zstd, which ${ZSTD_SINCE} have and this Node.js, ${process.versions.node}, has not; choose a name that ends in .gz`,
  );
}

/** Compresses into one member of gzip, or one frame of zstd: some readers take the first one for all that there is. */
export class Compressor {
  readonly #stream: zlib.Gzip;
  readonly #flushKind: number;
  #made: Uint8Array[] = [];
  #error: Error | undefined;

  /** @param path whose suffix says how it is compressed. @throws UsageError when this Node.js cannot do that */
  constructor(path: string) {
    requireCompression(path);
    const createZstd = compressionSuffix(path).toLowerCase() === '.zst' ? zstd.createZstdCompress : undefined;
    this.#flushKind = createZstd === undefined ? zlib.constants.Z_SYNC_FLUSH : zstd.constants.ZSTD_e_flush;
    this.#stream = (createZstd ?? zlib.createGzip)({ chunkSize: CHUNK_BYTES });
    this.#stream.on('data', (bytes: Uint8Array) => void this.#made.push(bytes));
    this.#stream.on('error', (error) => {
      this.#error = error;
    });
  }

  /** Takes a chunk, which must not change until this resolves. @returns what is made so far */
  add(chunk: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#taking((done) => void this.#stream.write(chunk, done));
  }

  /** @returns all that is needed to read what was added so far */
  async flush(): Promise<readonly Uint8Array[]> {
    const made = await this.#taking((done) => void this.#stream.flush(this.#flushKind, () => done()));
    // Output may wait for another turn in the stream.
    while (this.#stream.readableLength > 0) await setImmediate();
    return [...made, ...this.#take()];
  }

  /** @returns the rest, with what the format has at its end */
  async end(): Promise<readonly Uint8Array[]> {
    if (this.#error !== undefined) throw this.#error;
    if (this.#stream.writableEnded || this.#stream.destroyed)
      throw new Error('the compressed output has ended already');
    const ended = once(this.#stream, 'end');
    this.#stream.end();
    await ended;
    return this.#take();
  }

  /** Frees its memory. Idempotent. */
  close(): void {
    this.#stream.destroy();
  }

  async #taking(work: (done: (error?: Error | null) => void) => void): Promise<readonly Uint8Array[]> {
    if (this.#error !== undefined) throw this.#error;
    await new Promise<void>((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
    return this.#take();
  }

  #take(): readonly Uint8Array[] {
    const made = this.#made;
    this.#made = [];
    return made;
  }
}
