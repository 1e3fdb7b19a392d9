/** The module over two memories against the two modules over one each: the same batches, byte for byte, and the same errors. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIFTER_WAYS, type LifterWay } from '#api/v0_1_0/lifter/lifter-way.js';
import { ParseReturn } from '#api/v0_1_0/lifter/parse-return-layout.js';
import { ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { frameOverhead } from '#worker/output/frame-source.js';
import { alikeItems, heapOptions, items, joinedItems, mostColumns, offset, slotBytes } from './item-arbitraries.js';
import { Arena, SOURCE } from './lifted-batches.js';
import { type ItemModel, PluginHeap } from './plugin-heap.js';

/** The fuzz target of the lifter has others. */
const SEED = 14;
const [nodeVersion] = process.versions.node.split('.').map(Number);
const TAKES_BOTH = LIFTER_WAYS.length === 2;

test('Node 22 and later take two memories', () => {
  expect(TAKES_BOTH).toBe((nodeVersion as number) >= 22);
});

interface Outcome {
  readonly batches: readonly { readonly kind: string; readonly bytes: string }[];
  readonly error: unknown;
  readonly consumed: number;
}

interface Lift {
  readonly heap: PluginHeap;
  readonly retptr: number;
  readonly given: number;
  readonly slot: number;
  readonly at: number;
  readonly most: number;
}

function newLifter(way: LifterWay, heap: PluginHeap, slot: number, most: number) {
  const arena = new Arena(slot);
  const lifter = new ResultLifter(heap.memory, arena, { way, outputBytes: 400_000 });
  lifter.mostColumns = most;
  return { arena, lifter };
}

function outcome(
  way: LifterWay,
  { heap, retptr, given, slot, at, most }: Lift,
  made = newLifter(way, heap, slot, most),
): Outcome {
  const { arena, lifter } = made;
  const batches: { kind: string; bytes: string }[] = [];
  let error: unknown;
  try {
    lifter.open(retptr, given);
    let next = at;
    for (let f = lifter.next(arena.slotOffset, slot, next, SOURCE); f !== undefined; ) {
      const bytes = f.kind === 'placed' ? arena.slot(f.byteLength) : Buffer.concat(f.segments);
      batches.push({ kind: f.kind, bytes: Buffer.from(bytes).toString('latin1') });
      next += f.bytes;
      f = lifter.next(arena.slotOffset, slot, next, SOURCE);
    }
  } catch (thrown) {
    error = thrown;
  }
  expect(arena.guardsAreIntact()).toBe(true);
  return { batches, error, consumed: lifter.consumed };
}

function expectSame(lift: Lift): void {
  const before = Buffer.from(lift.heap.bytes);
  expect(outcome('two-memories', lift)).toEqual(outcome('two-modules', lift));
  expect(before.equals(lift.heap.bytes)).toBe(true);
}

const givenFor = (models: readonly ItemModel[]) => models.reduce((sum, { consumed }) => sum + consumed, 0);

describe.skipIf(!TAKES_BOTH)('both ways (skipped on Node 20, which takes no module with two memories)', () => {
  test('lift random items alike', () => {
    fc.assert(
      fc.property(
        fc.oneof(items, joinedItems, alikeItems),
        heapOptions,
        slotBytes,
        offset,
        mostColumns,
        (models, options, slot, at, most) => {
          const heap = new PluginHeap(options);
          expectSame({ heap, retptr: heap.writeItems(models), given: givenFor(models), slot, at, most });
        },
      ),
      { numRuns: 200, seed: SEED },
    );
  });

  const change = fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 8, 0x7f, 0x80, 0xff), fc.nat(255)));
  const changes = fc.array(change, { minLength: 1, maxLength: 6 });

  test('lift records alike in which a plugin changed anything', () => {
    fc.assert(
      fc.property(
        fc.oneof(items, joinedItems, alikeItems),
        heapOptions,
        slotBytes,
        mostColumns,
        changes,
        (models, options, slot, most, changed) => {
          const heap = new PluginHeap(options);
          const retptr = heap.writeItems(models);
          const listBytes = Math.max(1, models.length * ParseReturn.bytes);
          for (const [place, value] of changed) heap.bytes[1024 + (place % listBytes)] = value;
          expectSame({ heap, retptr, given: 1_000_000, slot, at: 0, most });
        },
      ),
      { numRuns: 300, seed: SEED },
    );
  });

  test('lift text, columns and attachments alike in which a plugin changed anything', () => {
    fc.assert(
      fc.property(
        fc.oneof(items, joinedItems, alikeItems),
        slotBytes,
        mostColumns,
        changes,
        (models, slot, most, changed) => {
          const heap = new PluginHeap();
          const retptr = heap.writeItems(models);
          for (const [place, value] of changed) heap.bytes[1024 + (place % (retptr + 16 - 1024))] = value;
          expectSame({ heap, retptr, given: 1_000_000, slot, at: 0, most });
        },
      ),
      { numRuns: 200, seed: SEED },
    );
  });

  test('lift one result after another alike, by the same lifter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(items, alikeItems), { minLength: 2, maxLength: 12 }),
        mostColumns,
        (results, most) => {
          const heap = new PluginHeap();
          const slot = 8192;
          const retptrs = results.map((models) => heap.writeItems(models));
          const lifters = LIFTER_WAYS.map((way) => newLifter(way, heap, slot, most));
          for (const [index, models] of results.entries()) {
            const lift = { heap, retptr: retptrs[index] as number, given: givenFor(models), slot, at: 0, most };
            const [one, other] = LIFTER_WAYS.map((way, at) => outcome(way, lift, lifters[at]));
            expect(one).toEqual(other);
          }
        },
      ),
      { numRuns: 50, seed: SEED },
    );
  });

  test.each<[string, string | string[]]>([
    ['lines beyond ASCII', 'größer'],
    ['columns', ['a', 'row', 'of four', '']],
  ])('lift %s alike into slots of every size', (_, columns) => {
    const models = Array.from({ length: 3 }, () => ({ columns, consumed: 1 }));
    const heap = new PluginHeap();
    const retptr = heap.writeItems(models);
    const most = frameOverhead(SOURCE) + 3 * (9 + 4 * 8 + 16);
    for (let slot = frameOverhead(SOURCE); slot < most; slot++)
      expectSame({ heap, retptr, given: 3, slot, at: 0, most: 0 });
  });
});
