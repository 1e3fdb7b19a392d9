import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ParseReturn } from '#api/v0_1_0/lifter/parse-return-layout.js';
import { heapOptions, items, slotBytes } from './item-arbitraries.js';
import { liftAllWays } from './lifted-batches.js';
import { PluginHeap } from './plugin-heap.js';
import { readReference } from './reference-reader.js';

describe('hostile results', () => {
  test('random changes to a good result end as the reference reader says', () => {
    const change = fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 8, 0x7f, 0x80, 0xff), fc.nat(255)));
    fc.assert(
      fc.property(
        items,
        heapOptions,
        slotBytes,
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (models, options, slot, changes) => {
          const heap = new PluginHeap(options);
          const retptr = heap.writeItems(models);
          const listBytes = Math.max(1, models.length * ParseReturn.bytes);
          for (const [place, value] of changes) heap.bytes[1024 + (place % listBytes)] = value;
          expectLikeReference(heap, retptr, 1_000_000, slot);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('random changes to text and lists do, too', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(items, slotBytes, fc.array(change, { minLength: 1, maxLength: 6 }), (models, slot, changes) => {
        const heap = new PluginHeap();
        const retptr = heap.writeItems(models);
        for (const [place, value] of changes) heap.bytes[1024 + (place % (retptr + 16 - 1024))] = value;
        expectLikeReference(heap, retptr, 1_000_000, slot);
      }),
      { numRuns: 120 },
    );
  });

  test('random bytes as a result area do, too', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 512 }),
        fc.nat(70_000),
        slotBytes,
        (noise, pointer, slot) => {
          const heap = new PluginHeap({ pages: 1 });
          const at = pointer & (pointer % 3 === 0 ? ~0 : ~3);
          heap.bytes.set(noise.subarray(0, Math.max(0, 65_536 - at)), Math.min(at, 65_536));
          if (at < 65_536) heap.bytes[at] = (noise[0] ?? 0) & 1;
          expectLikeReference(heap, at, 1000, slot);
        },
      ),
      { numRuns: 500 },
    );
  });

  function expectLikeReference(heap: PluginHeap, retptr: number, given: number, slot: number): void {
    const { error: _, ...reference } = readReference(heap.memory.buffer, retptr, given);
    const before = Buffer.from(heap.bytes);
    for (const { frames, ways, ...lifted } of liftAllWays(heap, retptr, given, slot)) expect(lifted).toEqual(reference);
    expect(before.equals(heap.bytes)).toBe(true);
  }
});
