/**
 * Fuzz target `lifter`: whatever lies in a plugin's memory as the result of `parse`, each way of lifting it must come to the
 * items that the slow reference reader finds, and to a breach of contract exactly where that one does.
 */
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { heapOptions, items, joinedItems, mostColumns, slotBytes } from '../test/item-arbitraries.js';
import { liftAllWays } from '../test/lifted-batches.js';
import { PluginHeap } from '../test/plugin-heap.js';
import { readReference } from '../test/reference-reader.js';
import { type FuzzOptions, type FuzzResult, rounds } from './rounds.js';

/** Where the first allocation of a heap lies: the list of items. */
const LIST = 1024;
const ITEM_BYTES = 96;
const PAGE_BYTES = 65_536;

const given = fc.oneof(fc.constant(1_000_000), fc.nat(1000));
/** Numbers at which checks may go wrong. */
const number = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 7, 8, 95, 96, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_fff8, PAGE_BYTES),
  fc.integer({ min: -64, max: 64 }).map((near) => PAGE_BYTES * 16 + near),
  fc.nat(2048),
  fc.nat(0xffff_ffff),
);
const byte = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 8, 0x7f, 0x80, 0xc3, 0xed, 0xf4, 0xff), fc.nat(255));

/** A good result, damaged byte by byte. */
const damaged = fc.property(
  items,
  heapOptions,
  slotBytes,
  given,
  fc.array(fc.tuple(fc.nat(), byte), { maxLength: 8 }),
  (models, options, slot, given, changes) => {
    const heap = new PluginHeap(options);
    const retptr = heap.writeItems(models);
    for (const [place, value] of changes) heap.bytes[LIST + (place % (retptr + 16 - LIST))] = value;
    compare(heap, retptr, given, slot);
  },
);

/** The same of lines that hold separators, which are split. */
const joined = fc.property(
  joinedItems,
  heapOptions,
  slotBytes,
  given,
  mostColumns,
  fc.array(fc.tuple(fc.nat(), byte), { maxLength: 8 }),
  (models, options, slot, given, most, changes) => {
    const heap = new PluginHeap(options);
    const retptr = heap.writeItems(models);
    for (const [place, value] of changes) heap.bytes[LIST + (place % (retptr + 16 - LIST))] = value;
    compare(heap, retptr, given, slot, most);
  },
);

/** A good result in which whole fields of items, and of the result itself, are replaced. */
const replaced = fc.property(
  items,
  heapOptions,
  slotBytes,
  given,
  fc.array(fc.tuple(fc.nat(), number), { minLength: 1, maxLength: 6 }),
  (models, options, slot, given, changes) => {
    const heap = new PluginHeap(options);
    const retptr = heap.writeItems(models);
    const fields = (Math.max(1, models.length) * ITEM_BYTES) / 4;
    for (const [place, value] of changes) {
      const field = place % (fields + 3);
      const at = field < fields ? LIST + field * 4 : retptr + (field - fields) * 4;
      if (at + 4 <= heap.bytes.length) heap.view.setUint32(at, value, true);
    }
    compare(heap, retptr, given, slot);
  },
);

/** Noise as items, whose cases are mostly valid, so that a good part of each is read. */
const noise = fc.property(
  fc.array(fc.record({ cases: fc.nat(31), numbers: fc.array(fc.nat(4096), { minLength: 24, maxLength: 24 }) }), {
    minLength: 1,
    maxLength: 12,
  }),
  slotBytes,
  given,
  (records, slot, given) => {
    const heap = new PluginHeap({ pages: 2 });
    const list = heap.allocate(records.length * ITEM_BYTES, 8);
    for (const [i, { cases, numbers }] of records.entries()) {
      const at = list + i * ITEM_BYTES;
      for (const [k, value] of numbers.entries()) heap.view.setUint32(at + k * 4, value, true);
      heap.bytes[at] = cases & 1;
      heap.bytes[at + 8] = (cases >> 1) % 3;
      heap.bytes[at + 16] = (cases >> 3) & 1;
      heap.view.setBigUint64(at + 88, BigInt(cases), true);
    }
    compare(heap, heap.writeResult(list, records.length), given, slot);
  },
);

/** Noise as the result itself. */
const noisyResult = fc.property(
  fc.uint8Array({ minLength: 16, maxLength: 512 }),
  fc.nat(PAGE_BYTES + 64),
  slotBytes,
  (noise, pointer, slot) => {
    const heap = new PluginHeap({ pages: 1 });
    const at = pointer % 3 === 0 ? pointer : pointer & ~3;
    if (at < PAGE_BYTES) {
      heap.bytes.set(noise.subarray(0, PAGE_BYTES - at), at);
      heap.bytes[at] = (noise[0] ?? 0) & 1;
    }
    compare(heap, at, 1000, slot);
  },
);

/** The small ones are quick: more of them in a round. */
const PROPERTIES: readonly [fc.IProperty<unknown>, runs: number][] = [
  [damaged as fc.IProperty<unknown>, 10],
  [joined as fc.IProperty<unknown>, 10],
  [replaced as fc.IProperty<unknown>, 10],
  [noise as fc.IProperty<unknown>, 100],
  [noisyResult as fc.IProperty<unknown>, 100],
];

export function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  return rounds('lifter', options, async (seed) => {
    for (const [property, numRuns] of PROPERTIES) fc.assert(property, { numRuns, seed });
    return PROPERTIES.reduce((sum, [, runs]) => sum + runs, 0);
  });
}

function compare(heap: PluginHeap, retptr: number, given: number, slot: number, mostColumns = 0): void {
  const { error: _, ...reference } = readReference(heap.memory.buffer, retptr, given, mostColumns);
  const before = Buffer.from(heap.bytes);
  for (const { frames, ways, ...lifted } of liftAllWays(heap, retptr, given, slot, mostColumns))
    deepStrictEqual(lifted, reference);
  if (!before.equals(heap.bytes)) throw new Error("the lifter changed the plugin's memory");
}
