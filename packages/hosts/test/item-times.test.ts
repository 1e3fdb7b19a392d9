/** Times that a plugin gives of its items: every way of lifting puts them into the batch, and a list that breaks the contract is refused. */
import { Batch } from '@chipmunk-host/batch';
import { NO_TIME } from '@chipmunk-host/batch/internal';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BindingsLifter } from '#api/v0_1_0/lifter/bindings-lifter.js';
import { LIFTER_WAYS } from '#api/v0_1_0/lifter/lifter-way.js';
import { ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { bindingsItem } from './bindings-items.js';
import { heapOptions, items, joinedItems, mostColumns, offset, slotBytes } from './item-arbitraries.js';
import { Arena, type Lifted, liftFrames, liftInto, SOURCE } from './lifted-batches.js';
import { type ItemModel, PluginHeap } from './plugin-heap.js';

const time = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { weight: 1, arbitrary: fc.constant(NO_TIME) },
);
/** Items all, some or none of which have times; skipped ones have some, too, which mean nothing. */
const timedItems = fc
  .tuple(fc.oneof(items, joinedItems), fc.array(time, { minLength: 1, maxLength: 30 }), fc.constantFrom(1, 2, 50))
  .map(([models, times, each]) =>
    models.map(
      (model, i): ItemModel => (i % each === 0 ? { ...model, time: times[i % times.length] as bigint } : model),
    ),
  );

/** Of the items that have values. */
function expectedTimes(models: readonly ItemModel[]): (bigint | undefined)[] {
  return models
    .filter(({ columns, attachment }) => columns !== undefined || attachment !== undefined)
    .map(({ time = NO_TIME }) => (time === NO_TIME ? undefined : time));
}

function timesIn(frames: readonly Uint8Array[]): (bigint | undefined)[] {
  return frames.flatMap((frame) => [...Batch.from(frame)].map((item) => item.time));
}

const givenFor = (models: readonly ItemModel[]) => models.reduce((sum, { consumed }) => sum + consumed, 0);

describe('times of items', () => {
  test('are in the batches that every way makes, which are the same', () => {
    fc.assert(
      fc.property(timedItems, heapOptions, slotBytes, offset, mostColumns, (models, options, slot, at, most) => {
        const heap = new PluginHeap(options);
        const [retptr, times, given] = [heap.writeItems(models), heap.writeTimes(models), givenFor(models)];
        const expected = expectedTimes(models);
        const lifted: Lifted[] = LIFTER_WAYS.flatMap((way) => {
          const arena = new Arena(slot);
          const lifter = new ResultLifter(heap.memory, arena, { way });
          lifter.mostColumns = most;
          const both = [
            liftFrames(lifter, arena, retptr, given, at, times),
            liftInto(lifter, retptr, given, at, times),
          ];
          expect(arena.guardsAreIntact()).toBe(true);
          return both;
        });
        for (const { frames, breach } of lifted) {
          expect(breach).toBe(false);
          expect(timesIn(frames)).toEqual(expected);
          // A table only where a row has a time.
          for (const frame of frames) {
            const batch = Batch.from(frame);
            expect(batch.hasTimes).toBe([...batch].some((item) => item.time !== undefined));
          }
        }
        const bindings = new BindingsLifter(
          models.map(bindingsItem),
          given,
          most,
          false,
          BigInt64Array.from(models, ({ time = NO_TIME }) => time),
        );
        const whole = bindings.next(Number.POSITIVE_INFINITY, at, SOURCE);
        if (whole === undefined) return;
        const bytes = Buffer.concat(whole.segments);
        expect(timesIn([bytes])).toEqual(expected);
        for (const { frames } of lifted.filter(({ frames }) => frames.length === 1))
          expect(bytes.equals(frames[0] as Uint8Array)).toBe(true);
      }),
      { numRuns: 60, seed: 16 },
    );
  });

  const lines: ItemModel[] = Array.from({ length: 10 }, (_, i) => ({ columns: `line ${i}`, consumed: 7, time: 5n }));
  const BREACHES: readonly [what: string, result: (heap: PluginHeap) => unknown, message: string][] = [
    [
      'of more times',
      (heap) => heap.writeTimes([...lines, ...lines]),
      '20 times, and parse returned 10 items; expected as many times as items, or none',
    ],
    ['of fewer times', (heap) => heap.writeTimes(lines.slice(1)), '9 times, and parse returned 10 items'],
    ['beyond the memory', (heap) => heap.writeList(heap.bytes.length - 72, 10), "beyond the memory's"],
    ['at the end of all addresses', (heap) => heap.writeList(0xffff_fff8, 10), "beyond the memory's"],
    ['that is not aligned', (heap) => heap.writeList(1028, 10), 'the list of times: pointer 1028 is not aligned to 8'],
    ['at address 0', (heap) => heap.writeList(0, 10), 'the list of times: pointer 0'],
    ['whose result is not aligned', () => 1026, 'the result: pointer 1026 is not aligned to 4'],
    ['whose result is beyond the memory', (heap) => heap.bytes.length - 4, 'the result: 1 × 8 bytes'],
    ['that is a number of 64 bits', () => 16n, 'the result is no pointer'],
  ];

  test.each(BREACHES)('a list %s is refused, and no item is handed out', (_, result, message) => {
    const heap = new PluginHeap();
    const retptr = heap.writeItems(lines);
    const arena = new Arena(65_536);
    const lifter = new ResultLifter(heap.memory, arena);
    lifter.open(retptr, 70);
    const times = result(heap);
    expect(() => lifter.takeTimes(times)).toThrow(
      expect.objectContaining({
        code: 'ERR_PLUGIN_CONTRACT',
        message: expect.stringContaining(
          'get-item-times returned a result that its interface does not allow: ',
        ) as unknown,
      }),
    );
    expect(() => lifter.takeTimes(times)).toThrow();
    lifter.open(retptr, 70);
    expect(() => lifter.takeTimes(times)).toThrow(message);
    expect(lifter.next(arena.slotOffset, arena.slotBytes, 0)).toBeUndefined();
  });

  test('times of one call are not those of the next', () => {
    const heap = new PluginHeap();
    const retptr = heap.writeItems(lines);
    const arena = new Arena(65_536);
    const lifter = new ResultLifter(heap.memory, arena);
    expect(timesIn(liftFrames(lifter, arena, retptr, 70, 0, heap.writeTimes(lines)).frames)).toEqual(
      Array(10).fill(5n),
    );
    expect(timesIn(liftFrames(lifter, arena, retptr, 70).frames)).toEqual(Array(10).fill(undefined));
    const none = heap.writeList(1028, 0);
    expect(timesIn(liftFrames(lifter, arena, retptr, 70, 0, none).frames)).toEqual(Array(10).fill(undefined));
  });
});
