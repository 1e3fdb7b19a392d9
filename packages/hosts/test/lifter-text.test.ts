import { Batch } from '@chipmunk-host/batch';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIFTER_WAYS } from '#api/v0_1_0/lifter/lifter-way.js';
import { ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { Arena, liftFrames, liftInto } from './lifted-batches.js';
import { type ItemModel, PluginHeap } from './plugin-heap.js';
import { readReference } from './reference-reader.js';

/** Beginnings, middles and ends of characters that are valid, and of all that UTF-8 forbids. */
const fragments = [
  [0x41],
  [0x00],
  [0x7f],
  [0xc3, 0xa4],
  [0xe2, 0x82, 0xac],
  [0xf0, 0x9f, 0x98, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xed, 0x9f, 0xbf],
  [0xee, 0x80, 0x80],
  [0xf4, 0x8f, 0xbf, 0xbf],
  [0xf0, 0x90, 0x80, 0x80],
  [0xe0, 0xa0, 0x80],
  [0xc2, 0x80],
];
const wrongFragments = [
  [0x80],
  [0xbf],
  [0xc3],
  [0xe2, 0x82],
  [0xe2],
  [0xf0, 0x9f, 0x98],
  [0xf0, 0x9f],
  [0xf0],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0x80],
  [0xe0, 0x9f, 0xbf],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xf8],
  [0xfe],
  [0xff],
  [0xc3, 0xc3, 0xa4],
];
const filler = fc.integer({ min: 0, max: 40 }).map((n) => new Array<number>(n).fill(0x78));
const good = fc.array(fc.oneof(filler, fc.constantFrom(...fragments)), { maxLength: 12 }).map((parts) => parts.flat());
const any = fc
  .array(fc.oneof(filler, fc.constantFrom(...fragments), fc.constantFrom(...wrongFragments)), { maxLength: 12 })
  .map((parts) => parts.flat());

/** Lines with these bytes, one directly behind the other. */
function heapOf(lines: readonly number[][]): { heap: PluginHeap; retptr: number; given: number } {
  const heap = new PluginHeap();
  const models: ItemModel[] = lines.map((bytes) => ({ columns: 'x'.repeat(bytes.length), consumed: 1 }));
  const retptr = heap.writeItems(models);
  for (const [i, bytes] of lines.entries()) heap.bytes.set(bytes, heap.view.getUint32(1024 + i * 96 + 20, true));
  return { heap, retptr, given: lines.length };
}

describe.each(LIFTER_WAYS)('%s', (way) => {
  describe('text', () => {
    test('is accepted when it is UTF-8, and only then', () => {
      fc.assert(
        fc.property(
          fc.array(good, { maxLength: 6 }),
          any,
          fc.array(good, { maxLength: 3 }),
          (before, suspect, behind) => {
            const { heap, retptr, given } = heapOf([...before, suspect, ...behind]);
            const { error: _, ...reference } = readReference(heap.memory.buffer, retptr, given);
            const arena = new Arena(65_536);
            const lifter = new ResultLifter(heap.memory, arena, { way });
            for (const { frames, ways: __, ...lifted } of [
              liftFrames(lifter, arena, retptr, given),
              // Again: the lifter now expects what it found before.
              liftFrames(lifter, arena, retptr, given),
              liftInto(lifter, retptr, given),
            ])
              expect(lifted).toEqual(reference);
          },
        ),
        { numRuns: 2000 },
      );
    });

    test.each([...wrongFragments.keys()])('wrong bytes number %i are found at any place of a line', (n) => {
      const wrong = wrongFragments[n] as number[];
      for (let before = 0; before < 34; before++) {
        for (const behind of [0, 1, 15, 16, 17]) {
          const line = [...new Array<number>(before).fill(0x61), ...wrong, ...new Array<number>(behind).fill(0x62)];
          const { heap, retptr } = heapOf([[0x61], line, [0x80]]);
          const arena = new Arena(4096);
          const lifter = new ResultLifter(heap.memory, arena, { way });
          const lifted = liftFrames(lifter, arena, retptr, 3);
          expect([lifted.breach, lifted.items.length]).toEqual([true, 1]);
        }
      }
    });

    test('is marked as ASCII exactly when it is, whatever the batches before were', () => {
      const arena = new Arena(131_072);
      const heap = new PluginHeap();
      const lifter = new ResultLifter(heap.memory, arena, { way });
      for (const word of ['a', 'ä', 'ä', 'a', 'a', '€', 'a']) {
        const retptr = heap.writeItems(
          Array.from({ length: 3000 }, (_, i) => ({ columns: i === 2990 ? word : 'plain', consumed: 1 })),
        );
        const { frames, items } = liftFrames(lifter, arena, retptr, 3000);
        expect(frames.map((frame) => frame[7])).toEqual([word === 'a' ? 1 : 0]);
        expect(items[2990]?.columns).toEqual([word]);
        expect(Batch.from(frames[0] as Uint8Array).text(2999)).toBe('plain');
      }
    });
  });
});
