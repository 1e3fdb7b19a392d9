/**
 * Memory for the results of one call: texts that are not in the input, lists, attachments. Nothing in it is freed by itself;
 * the whole arena is given back after the call. Its first chunk is as large as what the last call needed.
 */
import { allocateBlock, chain, freeBlock, nextInChain } from './blocks';

const SMALLEST_CHUNK: usize = 0x1000;
const LARGEST_CHUNK: usize = 0x400000;

/** The newest chunk, chained to the older ones. */
let chunks: usize = 0;
let cursor: usize = 0;
let limit: usize = 0;
let filled: usize = 0;
let chunkSize: usize = SMALLEST_CHUNK;

/** `size` bytes that stay valid until the host has read the result of this call. `align` is a power of two up to 16. */
// @ts-ignore: decorator
@inline
export function reserve(size: usize, align: usize = 1): usize {
  const at = (cursor + align - 1) & ~(align - 1);
  if (at > limit || size > limit - at) return reserveInNewChunk(size);
  cursor = at + size;
  return at;
}

/** Gives back the end of the latest reservation, of which only the first bytes were used. */
// @ts-ignore: decorator
@inline
export function shorten(at: usize, used: usize): void {
  cursor = at + used;
}

/** Bytes that this call has taken so far. */
// @ts-ignore: decorator
@inline
export function arenaBytes(): usize {
  return filled + cursor - chunks;
}

/** Gives the arena back. */
export function resetArena(): void {
  if (chunks == 0) return;
  const used = arenaBytes();
  while (chunks != 0) {
    const next = nextInChain(chunks);
    freeBlock(chunks);
    chunks = next;
  }
  cursor = 0;
  limit = 0;
  filled = 0;
  chunkSize = min(max(used + (used >> 3), SMALLEST_CHUNK), LARGEST_CHUNK);
}

function reserveInNewChunk(size: usize): usize {
  filled = arenaBytes();
  if (chunks != 0) chunkSize = min(chunkSize << 1, LARGEST_CHUNK);
  const bytes = max(chunkSize, size);
  const chunk = allocateBlock(bytes);
  chain(chunk, chunks);
  chunks = chunk;
  cursor = chunk + size;
  limit = chunk + bytes;
  return chunk;
}
