/**
 * The plugin's memory, cut into large blocks: argument lists, results, and the chunks of the object heap (heap.ts).
 *
 * Blocks lie one after another in address order, free neighbours are joined at once, and the lowest block that fits is
 * taken. A block at the end of memory grows where it is, by what is missing only: when windows double from call to call,
 * the memory ends up at the size of the last one and not at the sum of all. There are few blocks, so a walk is enough.
 *
 * A header of 16 bytes precedes each payload, which is aligned to 16. The size comes last in it, just before the
 * payload, because that is where AssemblyScript's collector looks for it.
 */
import { outOfMemory } from './abort';

const HEADER: usize = 16;
/** Below this a rest is not worth a block of its own. */
const SMALLEST_REST: usize = 64;
/** Memory is grown by at least this much, since each growth makes the host look up its views again. */
const GROWTH_STEP: usize = 0x100000;
const LARGEST: usize = 0xf0000000;

// @ts-ignore: decorator
@unmanaged
class Header {
  /** The header before this one; 0 for the first. */
  previous: usize;
  used: usize;
  /** Free for the block's owner, who can chain blocks with it. */
  link: usize;
  /** Bytes of payload. */
  size: usize;
}

let first: usize = 0;
/** A used block without payload that closes the memory. Pages that someone else added to the memory become its payload. */
let closing: usize = 0;

/** A block of at least `size` bytes; its content is undefined. Traps when there is no memory left. */
export function allocateBlock(size: usize): usize {
  if (closing == 0) takeMemory();
  if (size > LARGEST) outOfMemory();
  const wanted = max<usize>((size + 15) & ~15, 16);
  let at = first;
  while (at != closing) {
    const header = changetype<Header>(at);
    if (header.used == 0 && header.size >= wanted) return use(at, wanted);
    at = after(at);
  }
  extend(wanted);
  return use(changetype<Header>(closing).previous, wanted);
}

/** Gives a block back. */
export function freeBlock(payload: usize): void {
  const at = payload - HEADER;
  changetype<Header>(at).used = 0;
  joinWithNext(at);
  const previous = changetype<Header>(at).previous;
  if (previous != 0 && changetype<Header>(previous).used == 0) joinWithNext(previous);
}

/** Makes a block smaller or larger, where it lies if possible, and returns where it lies then. */
export function resizeBlock(payload: usize, size: usize): usize {
  const at = payload - HEADER;
  const header = changetype<Header>(at);
  if (size > LARGEST) outOfMemory();
  const wanted = max<usize>((size + 15) & ~15, 16);
  if (wanted > header.size) {
    let next = after(at);
    if (next != closing && changetype<Header>(next).used == 0 && after(next) == closing) {
      if (header.size + HEADER + changetype<Header>(next).size < wanted) extend(wanted - header.size - HEADER);
    } else if (next == closing) {
      extend(wanted - header.size);
      next = after(at);
    }
    if (next != closing && changetype<Header>(next).used == 0) joinWithNext(at);
    if (wanted > header.size) {
      const moved = allocateBlock(size);
      memory.copy(moved, payload, header.size);
      changetype<Header>(moved - HEADER).link = header.link;
      freeBlock(payload);
      return moved;
    }
  }
  return use(at, wanted);
}

/** Bytes that a block can hold. */
// @ts-ignore: decorator
@inline
export function blockSize(payload: usize): usize {
  return changetype<Header>(payload - HEADER).size;
}

/** The block that the owner chained to this one; 0 for none. */
// @ts-ignore: decorator
@inline
export function nextInChain(payload: usize): usize {
  return changetype<Header>(payload - HEADER).link;
}

/** Chains a block to another of the same owner. */
// @ts-ignore: decorator
@inline
export function chain(payload: usize, next: usize): void {
  changetype<Header>(payload - HEADER).link = next;
}

// @ts-ignore: decorator
@inline
function after(at: usize): usize {
  return at + HEADER + changetype<Header>(at).size;
}

/** Marks a block as used and splits off what it has beyond `size`. */
function use(at: usize, size: usize): usize {
  const header = changetype<Header>(at);
  const rest = header.size - size;
  header.used = 1;
  if (rest >= SMALLEST_REST) {
    header.size = size;
    const spare = after(at);
    changetype<Header>(spare).used = 0;
    changetype<Header>(spare).previous = at;
    changetype<Header>(spare).size = rest - HEADER;
    changetype<Header>(after(spare)).previous = spare;
    joinWithNext(spare);
  }
  return at + HEADER;
}

/** Joins a block with the free one after it, if that is free. */
function joinWithNext(at: usize): void {
  const next = after(at);
  if (next == closing || changetype<Header>(next).used != 0) return;
  changetype<Header>(at).size += HEADER + changetype<Header>(next).size;
  changetype<Header>(after(at)).previous = at;
}

/** Grows memory until the last block is free and holds at least `wanted` bytes. */
function extend(wanted: usize): void {
  const last = changetype<Header>(closing).previous;
  let missing = wanted + HEADER;
  if (last != 0 && changetype<Header>(last).used == 0) missing = wanted - changetype<Header>(last).size;
  const pages = <i32>((missing + 0xffff) >> 16);
  let before = memory.grow(max<i32>(pages, <i32>(GROWTH_STEP >> 16)));
  if (before < 0) before = memory.grow(pages);
  // Out of memory, or within a page of 4 GiB, where addresses would wrap around.
  if (before < 0 || memory.size() > 0xffff) outOfMemory();

  const start = <usize>before << 16;
  const end = <usize>memory.size() << 16;
  let at = closing;
  if (start != closing + HEADER) {
    changetype<Header>(closing).size = start - closing - HEADER;
    at = start;
    changetype<Header>(at).previous = closing;
  }
  changetype<Header>(at).used = 0;
  changetype<Header>(at).size = end - at - 2 * HEADER;
  close(end - HEADER, at);
  const previous = changetype<Header>(at).previous;
  if (previous != 0 && changetype<Header>(previous).used == 0) joinWithNext(previous);
}

function takeMemory(): void {
  first = (__heap_base + 15) & ~15;
  if ((<usize>memory.size() << 16) < first + 4 * HEADER && memory.grow(1) < 0) outOfMemory();
  const end = <usize>memory.size() << 16;
  changetype<Header>(first).previous = 0;
  changetype<Header>(first).used = 0;
  changetype<Header>(first).size = end - first - 2 * HEADER;
  close(end - HEADER, first);
}

function close(at: usize, previous: usize): void {
  closing = at;
  changetype<Header>(at).previous = previous;
  changetype<Header>(at).used = 1;
  changetype<Header>(at).size = 0;
}
