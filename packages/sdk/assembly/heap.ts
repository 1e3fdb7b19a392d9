/**
 * The allocator behind AssemblyScript's objects (strings, arrays, the author's classes). Its collector, the standard
 * library's two-colour mark and sweep, runs on top of it and is only started between two calls of the host, when no object
 * can be held by a local variable.
 *
 * Small objects are cells of a size class, cut from chunks that belong to the heap for good; a freed cell waits in its
 * class's list. Large ones are blocks of their own. AssemblyScript wants the size in the four bytes before an object, and
 * objects aligned to 16: a cell of n units of 16 bytes holds 16 n - 4 bytes.
 */
import { allocateBlock, blockSize, freeBlock, resizeBlock } from './blocks';

const CELL_HEADER: usize = 4;
const UNIT: usize = 16;
/** Up to so many units each number of units has its own class; above, there are four classes to a doubling. */
const EXACT_UNITS: usize = 32;
const LARGEST_CELL_UNITS: usize = 512;
const LARGEST_CELL: usize = LARGEST_CELL_UNITS * UNIT - CELL_HEADER;
const CLASSES: usize = 32 + 16;
const SMALLEST_CHUNK: usize = 0x10000;
const LARGEST_CHUNK: usize = 0x400000;
/** No collection before so many bytes were allocated. */
const LEAST_GARBAGE: usize = 0x100000;

/** One list of free cells for each class: the address of the first, which holds the address of the next. */
const freeCells = memory.data(192);

let chunkCursor: usize = 0;
let chunkEnd: usize = 0;
let chunkBytes: usize = 0;
let bytesInUse: usize = 0;
let bytesSinceCollection: usize = 0;
let garbageLimit: usize = LEAST_GARBAGE;

/** Bytes of objects made since the last collection. */
// @ts-ignore: decorator
@inline
export function garbageBytes(): usize {
  return bytesSinceCollection;
}

/** Frees the objects that are out of reach, once enough were made to be worth it. Only between two calls of the host. */
export function collectGarbage(): void {
  if (bytesSinceCollection < garbageLimit) return;
  __collect();
  bytesSinceCollection = 0;
  // As much again as is alive: the work of a collection is then shared out over as many bytes as it looks at.
  garbageLimit = max(bytesInUse, LEAST_GARBAGE);
}

// @ts-ignore: decorator
@global @unsafe
export function __alloc(size: usize): usize {
  let cell: usize;
  if (size > LARGEST_CELL) {
    cell = allocateBlock(size);
  } else {
    cell = takeCell((size + CELL_HEADER + UNIT - 1) / UNIT);
  }
  const taken = load<usize>(cell - CELL_HEADER);
  bytesInUse += taken;
  bytesSinceCollection += taken;
  return cell;
}

// @ts-ignore: decorator
@global @unsafe
export function __realloc(cell: usize, size: usize): usize {
  const before = load<usize>(cell - CELL_HEADER);
  if (before > LARGEST_CELL && size > LARGEST_CELL) {
    const moved = resizeBlock(cell, size);
    const now = blockSize(moved);
    bytesInUse += now - before;
    if (now > before) bytesSinceCollection += now - before;
    return moved;
  }
  if (size <= before && before <= LARGEST_CELL) return cell;
  const moved = __alloc(size);
  memory.copy(moved, cell, min(before, size));
  __free(cell);
  return moved;
}

// @ts-ignore: decorator
@global @unsafe
export function __free(cell: usize): void {
  if (cell < __heap_base) return;
  const size = load<usize>(cell - CELL_HEADER);
  bytesInUse -= size;
  if (size > LARGEST_CELL) {
    freeBlock(cell);
    return;
  }
  const list = freeCells + (classOf((size + CELL_HEADER) / UNIT) << 2);
  store<usize>(cell, load<usize>(list));
  store<usize>(list, cell);
}

function takeCell(units: usize): usize {
  const sizeClass = classOf(units);
  const list = freeCells + (sizeClass << 2);
  const free = load<usize>(list);
  if (free != 0) {
    store<usize>(list, load<usize>(free));
    return free;
  }
  const bytes = unitsOf(sizeClass) * UNIT;
  if (chunkCursor + bytes > chunkEnd) startChunk();
  const cell = chunkCursor + UNIT;
  chunkCursor += bytes;
  store<usize>(cell - CELL_HEADER, bytes - CELL_HEADER);
  return cell;
}

/** Chunks grow with the heap, so that few of them come to lie between the blocks of calls. */
function startChunk(): void {
  const bytes = min(max(chunkBytes >> 1, SMALLEST_CHUNK), LARGEST_CHUNK);
  chunkCursor = allocateBlock(bytes);
  // The first cell's size lies in the unit before it, so that the last unit of a chunk stays empty.
  chunkEnd = chunkCursor + bytes - UNIT;
  chunkBytes += bytes;
}

// @ts-ignore: decorator
@inline
function classOf(units: usize): usize {
  if (units <= EXACT_UNITS) return units - 1;
  // The two bits after the leading one, rounded up: 33..40 units are class 32, 41..48 are 33, and so on.
  const shift = 29 - clz<u32>(<u32>(units - 1));
  return <usize>(shift << 2) + ((units - 1) >> shift) + 16;
}

// @ts-ignore: decorator
@inline
function unitsOf(sizeClass: usize): usize {
  if (sizeClass < EXACT_UNITS) return sizeClass + 1;
  const shift: usize = 3 + ((sizeClass - 32) >> 2);
  return (5 + ((sizeClass - 32) & 3)) << shift;
}
