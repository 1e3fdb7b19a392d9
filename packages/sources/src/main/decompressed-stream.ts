/**
 * Bytes that arrive on the main thread, decompressed when they are compressed. gzip and zstd are decompressed in Node's pool of threads, what takes
 * JavaScript for it in a thread of its own: this thread only passes on what comes out.
 */
import * as zlib from 'node:zlib';
import { decompressor, type OnGarbage } from '../shared/compressed/decompress.js';
import { chosenCompression, headOf, plain } from '../shared/compressed/input-compression.js';
import { InputPieces } from '../shared/compressed/input-pieces.js';
import type { Compression } from '../shared/compression.js';
import type { CompressionChoice } from '../shared/files-options.js';
import { decompressedInThread } from './decompressing-thread.js';

export interface DecompressedStreamOptions {
  readonly compression: CompressionChoice;
  /** What messages call the stream. */
  readonly name: string;
  /** Told of bytes behind the compressed ones, which are left out. */
  readonly onGarbage: OnGarbage;
}

/** @throws HostError `ERR_SOURCE_OPEN` when it is compressed in another way than was said; `ERR_SOURCE_READ` behind what came before damage */
export async function* decompressedStream(
  chunks: AsyncIterator<Uint8Array>,
  { compression, name, onGarbage }: DecompressedStreamOptions,
): AsyncGenerator<Uint8Array> {
  const input = new InputPieces({
    async read() {
      const { done, value } = await chunks.next();
      return done === true ? undefined : value;
    },
  });
  const found = chosenCompression(name, compression, await headOf(input));
  if (found === undefined) yield* plain(input);
  else if (isDecompressedElsewhere(found)) yield* (await decompressor(found, name))(input, onGarbage);
  else yield* decompressedInThread(found, name, input, onGarbage);
}

/** By Node.js itself, which has threads for it. */
function isDecompressedElsewhere(compression: Compression): boolean {
  return compression === 'gzip' || (compression === 'zstd' && 'createZstdDecompress' in zlib);
}
