/** How much of what was given is taken, whatever it is: nothing that is installed may fill the disk. */
import { sourceError } from './store-errors.js';

/** How much may be installed at once: protects from archives that expand without end. */
export interface SourceLimits {
  /** Bytes of all files together, of an archive all that it expands to. Default 512 MiB; Infinity: no limit; 0: none. */
  readonly maxBytes?: number | undefined;
  /** Files and folders in an archive, also those that are not taken. Default 1,000; Infinity: no limit. */
  readonly maxEntries?: number | undefined;
  /** How many times its own size an archive may expand to. Binaries of plugins reach some 10. Default 100; Infinity: no limit. */
  readonly maxRatio?: number | undefined;
}

/** An archive that expands to no more than this is harmless at any ratio. */
const SMALL_BYTES = 1024 * 1024;

/** Counts the bytes of one source against its limits. */
export class ByteBudget {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #ratioBytes: number;
  readonly #maxRatio: number;
  #bytes = 0;

  /** @param archiveBytes size of the archive; undefined for what is no archive */
  constructor(path: string, limits: SourceLimits, archiveBytes?: number) {
    this.#path = path;
    this.#maxBytes = limits.maxBytes ?? 512 * 1024 * 1024;
    this.#maxRatio = limits.maxRatio ?? 100;
    this.#ratioBytes =
      archiveBytes === undefined ? Number.POSITIVE_INFINITY : Math.max(SMALL_BYTES, this.#maxRatio * archiveBytes);
  }

  /** @throws HostError `ERR_STORE_SOURCE` when this is more than is allowed */
  spend(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes)
      throw sourceError(
        `'${this.#path}' contains more than ${this.#maxBytes} bytes.`,
        'Remove files that are not part of the plugin, or raise the limit maxBytes.',
      );
    if (this.#bytes > this.#ratioBytes)
      throw sourceError(
        `'${this.#path}' expands to more than ${this.#maxRatio} times its own size.`,
        'Do not install archives of unknown origin; if it is what you expect, raise the limit maxRatio.',
      );
  }

  /** Passes bytes on, and counts them. */
  async *count(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      this.spend(chunk.length);
      yield chunk;
    }
  }
}

/** @throws HostError `ERR_STORE_SOURCE` */
export function requireFewEntries(path: string, entries: number, { maxEntries = 1000 }: SourceLimits): void {
  if (entries > maxEntries)
    throw sourceError(
      `'${path}' contains more than ${maxEntries} files and folders.`,
      'Remove files that are not part of the plugin, or raise the limit maxEntries.',
    );
}
