import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BindingsLifter } from '#api/v0_1_0/lifter/bindings-lifter.js';
import { LIFTER_WAYS } from '#api/v0_1_0/lifter/lifter-way.js';
import { ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { bindingsItem } from './bindings-items.js';
import { heapOptions, items, offset, slotBytes } from './item-arbitraries.js';
import { Arena, liftFrames, liftInto, readFrames, SOURCE } from './lifted-batches.js';
import { type ItemModel, PluginHeap } from './plugin-heap.js';
import { readReference } from './reference-reader.js';

const lines = (count: number, make: (i: number) => string): ItemModel[] =>
  Array.from({ length: count }, (_, i) => ({ columns: make(i), consumed: 10 }));

function givenFor(models: readonly ItemModel[]): number {
  return models.reduce((sum, item) => sum + item.consumed, 0);
}

describe.each(LIFTER_WAYS)('%s', (way) => {
  describe('every way to lift gives the items of the reference reader', () => {
    test('batches in slots, by wasm or in JavaScript', () => {
      fc.assert(
        fc.property(items, heapOptions, slotBytes, offset, (models, options, bytes, at) => {
          const heap = new PluginHeap(options);
          const retptr = heap.writeItems(models);
          const before = Buffer.from(heap.bytes);
          const arena = new Arena(bytes);
          const lifter = new ResultLifter(heap.memory, arena, { way });
          const { ways: _, frames, ...lifted } = liftFrames(lifter, arena, retptr, givenFor(models), at);
          const { error: __, ...reference } = readReference(heap.memory.buffer, retptr, givenFor(models));
          expect(lifted).toEqual(reference);
          expect(lifter.consumed).toBe(reference.consumed);
          expect(arena.guardsAreIntact()).toBe(true);
          expect(before.equals(heap.bytes)).toBe(true);
        }),
        { numRuns: 150 },
      );
    });

    test('a builder over the whole result', () => {
      fc.assert(
        fc.property(items, heapOptions, offset, (models, options, at) => {
          const heap = new PluginHeap(options);
          const retptr = heap.writeItems(models);
          const lifter = new ResultLifter(heap.memory, new Arena(0), { way });
          const { ways: _, frames, ...lifted } = liftInto(lifter, retptr, givenFor(models), at);
          const { error: __, ...reference } = readReference(heap.memory.buffer, retptr, givenFor(models));
          expect(lifted).toEqual(reference);
        }),
        { numRuns: 80 },
      );
    });

    test('the items of bindings', () => {
      fc.assert(
        fc.property(items, slotBytes, offset, (models, bytes, at) => {
          const heap = new PluginHeap();
          const retptr = heap.writeItems(models);
          const lifter = new BindingsLifter(models.map(bindingsItem), givenFor(models));
          const frames: Uint8Array[] = [];
          let next = at;
          for (
            let frame = lifter.next(bytes, next, SOURCE);
            frame !== undefined;
            frame = lifter.next(bytes, next, SOURCE)
          ) {
            frames.push(Buffer.concat(frame.segments));
            next += frame.bytes;
          }
          const { error: _, breach: __, ...reference } = readReference(heap.memory.buffer, retptr, givenFor(models));
          expect(readFrames(frames, at)).toEqual(reference);
        }),
        { numRuns: 60 },
      );
    });

    test('wasm and JavaScript write the same bytes', () => {
      fc.assert(
        fc.property(items, heapOptions, (models, options) => {
          const plain = models.filter((item) => item.attachment === undefined);
          const heap = new PluginHeap(options);
          const retptr = heap.writeItems(plain);
          const arena = new Arena(64 * 1024 * 1024);
          const lifter = new ResultLifter(heap.memory, arena, { way });
          const byWasm = liftFrames(lifter, arena, retptr, givenFor(plain));
          const byBuilder = liftInto(lifter, retptr, givenFor(plain));
          expect(byWasm.frames.map((f) => Buffer.from(f).toString('hex'))).toEqual(
            byBuilder.frames.map((f) => Buffer.from(f).toString('hex')),
          );
        }),
        { numRuns: 60 },
      );
    });
  });

  describe('the way that a batch takes', () => {
    test('lines fill slots; nothing is left when the last was taken', () => {
      const models = lines(5000, (i) => `line ${i}`);
      const heap = new PluginHeap();
      const retptr = heap.writeItems(models);
      const arena = new Arena(16_384);
      const lifter = new ResultLifter(heap.memory, arena, { way });
      const lifted = liftFrames(lifter, arena, retptr, 50_000);
      expect(new Set(lifted.ways)).toEqual(new Set(['placed']));
      expect(lifted.frames.length).toBeLessThan(12);
      expect(lifter.next(arena.slotOffset, arena.slotBytes, 0)).toBeUndefined();
    });

    test('a string larger than the slot comes as segments that are not copied', () => {
      const heap = new PluginHeap();
      const retptr = heap.writeItems([
        ...lines(3, () => 'before'),
        { columns: 'x'.repeat(200_000), consumed: 1 },
        ...lines(3, () => 'ß'),
      ]);
      const arena = new Arena(4096);
      const lifter = new ResultLifter(heap.memory, arena, { way });
      lifter.open(retptr, 100);
      expect(lifter.next(arena.slotOffset, arena.slotBytes, 0)).toMatchObject({ kind: 'placed', items: 3 });
      const large = lifter.next(arena.slotOffset, arena.slotBytes, 30);
      expect(large).toMatchObject({ kind: 'segments', items: 1 });
      if (large?.kind !== 'segments') return;
      expect(large.segments.some((segment) => segment.buffer === heap.memory.buffer)).toBe(true);
      expect(lifter.next(arena.slotOffset, arena.slotBytes, 31)).toMatchObject({ kind: 'placed', items: 3, bytes: 30 });
    });

    test('items with attachments share a batch with those without', () => {
      const heap = new PluginHeap();
      const attachment = (i: number, bytes: number) => ({
        name: `datei-${i}-ä.bin`,
        size: 2n ** 63n + BigInt(i),
        created: i % 2 === 0 ? 'gestern' : undefined,
        modified: i % 3 === 0 ? 'heute, früh' : undefined,
        messages: Array.from({ length: i % 4 }, (_, n) => BigInt(n) << 60n),
        data: new Uint8Array(bytes).fill(i),
      });
      const models = Array.from({ length: 400 }, (_, i): ItemModel => {
        if (i % 7 === 0) return { consumed: 3 };
        const data = i % 5 === 0 ? { attachment: attachment(i, i * 3) } : {};
        if (i % 10 === 0) return { ...data, consumed: 10 };
        return { ...data, columns: i % 2 === 0 ? `line ${i}` : ['a', `${i}`, 'ß'], consumed: 10 };
      });
      const retptr = heap.writeItems(models);
      const arena = new Arena(1 << 20);
      const lifted = liftFrames(new ResultLifter(heap.memory, arena, { way }), arena, retptr, 4000);
      expect(lifted.ways).toEqual(['placed']);
      expect(lifted.items).toEqual(readReference(heap.memory.buffer, retptr, 4000).items);
      expect(lifted.items.filter((item) => item.attachment !== undefined).length).toBeGreaterThan(50);
      expect(arena.guardsAreIntact()).toBe(true);
    });

    test('an attachment that does not fit any more begins the next batch', () => {
      const heap = new PluginHeap();
      const withData = (bytes: number) => ({
        columns: 'with data',
        attachment: {
          name: 'a',
          size: 1n,
          created: undefined,
          modified: undefined,
          messages: [],
          data: new Uint8Array(bytes),
        },
        consumed: 10,
      });
      const retptr = heap.writeItems([withData(3000), withData(3000), withData(10_000), withData(100)]);
      const arena = new Arena(4096);
      const lifted = liftFrames(new ResultLifter(heap.memory, arena, { way }), arena, retptr, 40);
      expect(lifted.ways).toEqual(['placed', 'placed', 'segments', 'placed']);
      expect(lifted.items).toEqual(readReference(heap.memory.buffer, retptr, 40).items);
    });

    test('strings far apart fill slots, too', () => {
      const heap = new PluginHeap({ gap: () => 5000 });
      const models = lines(3000, (i) => `line ${i}`);
      const retptr = heap.writeItems(models);
      const arena = new Arena(65_536);
      const lifted = liftFrames(new ResultLifter(heap.memory, arena, { way }), arena, retptr, 30_000);
      expect(lifted.items).toEqual(readReference(heap.memory.buffer, retptr, 30_000).items);
      expect(lifted.frames.length).toBe(2);
    });

    test('strings of every length come through, up to the last byte of the memory', () => {
      const heap = new PluginHeap({ pages: 2 });
      for (const alphabet of ['abcdefghijklmnopqrstuvwxyz0123456789', 'aäöüß€😀z']) {
        const letters = [...alphabet];
        const models = lines(320, (i) =>
          Array.from({ length: i }, (_, n) => letters[(i + n * 7) % letters.length]).join(''),
        );
        const retptr = heap.writeItems(models);
        // The last line ends where the memory does.
        const record = heap.view.getUint32(retptr + 4, true) + 319 * 96;
        for (const bytes of [200, 97, 96, 95, 48, 47, 33, 31, 16, 15, 9, 7, 4, 3, 1, 0]) {
          const atEnd = heap.memory.buffer.byteLength - bytes;
          heap.bytes.fill(0x2e, atEnd, atEnd + bytes);
          heap.view.setUint32(record + 20, atEnd, true);
          heap.view.setUint32(record + 24, bytes, true);
          const arena = new Arena(1 << 20);
          const lifted = liftFrames(new ResultLifter(heap.memory, arena, { way }), arena, retptr, 3200);
          expect(lifted.ways).toEqual(['placed']);
          expect(lifted.items).toEqual(readReference(heap.memory.buffer, retptr, 3200).items);
          expect(arena.guardsAreIntact()).toBe(true);
        }
      }
    });

    test('a memory that grew between two calls is read where it is now', () => {
      const heap = new PluginHeap({ pages: 1 });
      const arena = new Arena(65_536);
      const lifter = new ResultLifter(heap.memory, arena, { way });
      for (const count of [10, 2000, 5000]) {
        const retptr = heap.writeItems(lines(count, (i) => `${count} ${i}`));
        expect(liftFrames(lifter, arena, retptr, count * 10).items.length).toBe(count);
      }
    });

    test('items that neither hold nor consume anything make no batch', () => {
      const heap = new PluginHeap();
      const arena = new Arena(65_536);
      const retptr = heap.writeItems(Array.from({ length: 3000 }, () => ({ consumed: 0 })));
      expect(liftFrames(new ResultLifter(heap.memory, arena, { way }), arena, retptr, 0).frames).toEqual([]);
    });
  });
});
