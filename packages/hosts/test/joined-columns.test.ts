/** Lines into which a plugin joined its columns, lifted in every way that there is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BindingsLifter } from '#api/v0_1_0/lifter/bindings-lifter.js';
import { ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { bindingsItem } from './bindings-items.js';
import { heapOptions, joinedItems, mostColumns, slotBytes } from './item-arbitraries.js';
import { Arena, liftAllWays, liftFrames, liftInto, readFrames, SOURCE } from './lifted-batches.js';
import { type ItemModel, PluginHeap } from './plugin-heap.js';
import { readReference } from './reference-reader.js';

const LINE = 1;
const COLUMNS = 2;
/** The fuzz target of the lifter has others. */
const SEED = 4;
const SLOT_BYTES = 64 * 1024 * 1024;

function givenFor(models: readonly ItemModel[]): number {
  return models.reduce((sum, item) => sum + item.consumed, 0);
}

function liftByBindings(models: readonly ItemModel[], most: number): Uint8Array[] {
  const lifter = new BindingsLifter(models.map(bindingsItem), givenFor(models), most);
  const frame = lifter.next(Number.MAX_SAFE_INTEGER, 0, SOURCE);
  return frame === undefined ? [] : [Buffer.concat(frame.segments)];
}

const hex = (frames: readonly Uint8Array[]) => frames.map((frame) => Buffer.from(frame).toString('hex'));

describe('any lines, any number of named columns', () => {
  test('give what a plain split gives, in slots of any size', () => {
    fc.assert(
      fc.property(joinedItems, heapOptions, slotBytes, mostColumns, (models, options, slot, most) => {
        const heap = new PluginHeap(options);
        const retptr = heap.writeItems(models);
        const { error: _, ...reference } = readReference(heap.memory.buffer, retptr, givenFor(models), most);
        for (const { frames, ways, ...lifted } of liftAllWays(heap, retptr, givenFor(models), slot, most))
          expect(lifted).toEqual(reference);
      }),
      { numRuns: 60, seed: SEED },
    );
  });

  test('give the same bytes by wasm, in JavaScript and through bindings', () => {
    fc.assert(
      fc.property(joinedItems, heapOptions, mostColumns, (models, options, most) => {
        const heap = new PluginHeap(options);
        const retptr = heap.writeItems(models);
        const arena = new Arena(SLOT_BYTES);
        const lifter = new ResultLifter(heap.memory, arena);
        lifter.mostColumns = most;
        const given = givenFor(models);
        const byWasm = hex(liftFrames(lifter, arena, retptr, given).frames);
        expect(hex(liftInto(lifter, retptr, given).frames)).toEqual(byWasm);
        expect(hex(liftByBindings(models, most))).toEqual(byWasm);
      }),
      { numRuns: 30, seed: SEED },
    );
  });

  test('lose nothing: joined again, the columns are the line', () => {
    fc.assert(
      fc.property(joinedItems, mostColumns, (models, most) => {
        const heap = new PluginHeap();
        const retptr = heap.writeItems(models);
        const withText = models.filter(({ columns, attachment }) => columns !== undefined || attachment !== undefined);
        const texts = withText.map(({ columns = '' }) =>
          typeof columns === 'string' ? columns : columns.join('\u0004'),
        );
        for (const { items } of liftAllWays(heap, retptr, givenFor(models), 1 << 20, most))
          expect(items.map(({ columns }) => columns.join('\u0004'))).toEqual(texts);
      }),
      { numRuns: 20, seed: SEED },
    );
  });
});

describe('a line of three named columns', () => {
  test.each([
    ['all', 'a\u0004b\u0004c', COLUMNS, ['a', 'b', 'c']],
    ['fewer', 'a\u0004b', COLUMNS, ['a', 'b']],
    ['none', 'abc', LINE, ['abc']],
    ['no text', '', LINE, ['']],
    ['more: the last column holds the rest', 'a\u0004b\u0004c\u0004d\u0004', COLUMNS, ['a', 'b', 'c\u0004d\u0004']],
    ['empty ones', '\u0004\u0004', COLUMNS, ['', '', '']],
    ['beyond ASCII', 'ü\u0004\u0004请求😀', COLUMNS, ['ü', '', '请求😀']],
    ['a separator as the 16th byte', `${'x'.repeat(15)}\u0004y`, COLUMNS, ['x'.repeat(15), 'y']],
    ['a separator as the 17th byte', `${'x'.repeat(16)}\u0004`, COLUMNS, ['x'.repeat(16), '']],
    ['bytes that look like it', 'a\u0003b\u0005c\u0084d', LINE, ['a\u0003b\u0005c\u0084d']],
  ])('with %s', (_, columns, kind, expected) => {
    const models = [{ columns, consumed: 1 }];
    const heap = new PluginHeap();
    const retptr = heap.writeItems(models);
    for (const { items } of liftAllWays(heap, retptr, 1, 1 << 16, 3))
      expect(items).toMatchObject([{ kind, columns: expected }]);
    expect(readFrames(liftByBindings(models, 3), 0).items).toMatchObject([{ kind, columns: expected }]);
  });

  test('does not become columns where one column is named', () => {
    const heap = new PluginHeap();
    const retptr = heap.writeItems([{ columns: 'a\u0004b', consumed: 1 }]);
    for (const { items } of liftAllWays(heap, retptr, 1, 1 << 16, 1))
      expect(items).toMatchObject([{ kind: LINE, columns: ['a\u0004b'] }]);
  });

  test('leaves lists of columns as they are, with the separators in them', () => {
    const heap = new PluginHeap();
    const columns = ['a\u0004b', 'c'];
    const retptr = heap.writeItems([{ columns, consumed: 1 }]);
    for (const { items } of liftAllWays(heap, retptr, 1, 1 << 16, 3)) expect(items).toMatchObject([{ columns }]);
  });
});

test('lines of every length are split up to the last byte of the memory, and from the first', () => {
  const heap = new PluginHeap({ pages: 1 });
  const retptr = heap.writeItems([{ columns: '', consumed: 1 }]);
  const record = heap.view.getUint32(retptr + 4, true);
  const { byteLength } = heap.memory.buffer;
  for (let bytes = 0; bytes <= 70; bytes++) {
    for (const start of [byteLength - bytes, 0, 3, 17]) {
      for (let i = 0; i < bytes; i++) heap.bytes[start + i] = i % 3 === 2 ? 4 : 0x61;
      heap.view.setUint32(record + 20, start, true);
      heap.view.setUint32(record + 24, bytes, true);
      const { items } = readReference(heap.memory.buffer, retptr, 1, 9);
      for (const lifted of liftAllWays(heap, retptr, 1, 1 << 16, 9)) expect(lifted.items).toEqual(items);
    }
  }
});
