/** zstd for versions of Node.js that have none: decompresses in this thread, at about 100 MB/s. */
import { Decompress } from 'fzstd';
import xxhash from 'xxhash-wasm';
import { DamagedData } from './damage.js';
import type { MemberRun } from './member.js';
import type { ZlibRunOptions } from './zlib-run.js';
import type { FramePieces } from './zstd-frame.js';

const { create64 } = await xxhash();

const NOTHING = new Uint8Array(0);

export function createFzstdRun(frame: FramePieces, options: Omit<ZlibRunOptions, 'findsEnd'>): MemberRun {
  return { rest: NOTHING, [Symbol.asyncIterator]: () => decompressed(frame, options) };
}

async function* decompressed(
  frame: FramePieces,
  { next, pieceBytes, position }: Omit<ZlibRunOptions, 'findsEnd'>,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const decompressor = new Decompress((chunk) => void chunks.push(chunk));
  const hash = create64();
  for (let last = position(); ; ) {
    const at = position();
    const piece = await next(pieceBytes(at));
    try {
      // Frames of a few bytes are kept until it is said that nothing follows.
      decompressor.push(piece ?? NOTHING, piece === undefined);
    } catch (error) {
      throw new DamagedData((error as Error).message, at, piece?.length);
    }
    for (const chunk of chunks.splice(0)) {
      if (chunk.length === 0) continue;
      hash.update(chunk);
      yield chunk;
    }
    if (piece === undefined) {
      if (frame.checksum !== undefined && Number(hash.digest() & 0xffffffffn) !== frame.checksum)
        throw new DamagedData("Restored data doesn't match checksum", last);
      return;
    }
    last = at;
  }
}
