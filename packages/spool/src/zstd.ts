/** zstd, where Node.js has it: from 22.15 and 23.8 on. */

import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

type Compress = (bytes: Uint8Array, options: object, done: (error: Error | null, result: Buffer) => void) => void;
type Decompress = (bytes: Uint8Array, options?: object) => Buffer;

const { zstdCompress, zstdDecompressSync, constants } = zlib as unknown as {
  readonly constants: { readonly ZSTD_c_compressionLevel?: number };
  readonly zstdCompress?: Compress;
  readonly zstdDecompressSync?: Decompress;
};

/** The parameter that has the level. */
export const COMPRESSION_LEVEL = constants.ZSTD_c_compressionLevel ?? 100;

/** Undefined where Node.js has no zstd. */
export const compressor = zstdCompress === undefined ? undefined : promisify(zstdCompress);

/** Undefined where Node.js has no zstd. Makes no more bytes than were expected. */
export const decompressor =
  zstdDecompressSync === undefined
    ? undefined
    : (compressed: Uint8Array, bytes: number): Uint8Array => {
        const made = zstdDecompressSync(compressed, { maxOutputLength: Math.max(1, bytes) });
        // Elements begin at multiples of 8 in memory.
        return made.byteOffset % 8 === 0 ? made : new Uint8Array(made);
      };
