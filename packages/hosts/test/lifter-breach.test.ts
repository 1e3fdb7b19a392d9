import { PluginContractError } from '@chipmunk-host/runtime/internal/shared';
import { describe, expect, test } from 'vitest';
import { LIFTER_WAYS } from '#api/v0_1_0/lifter/lifter-way.js';
import { Message, ParseReturn, ResultArea } from '#api/v0_1_0/lifter/parse-return-layout.js';
import { ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { Arena, liftAllWays, liftFrames } from './lifted-batches.js';
import { type ItemModel, PluginHeap } from './plugin-heap.js';

const THREE: ItemModel[] = [
  { columns: 'one', consumed: 10 },
  { columns: ['two', 'too'], consumed: 10 },
  {
    columns: 'three',
    attachment: { name: 'n', size: 1n, created: 'c', modified: 'm', messages: [1n], data: Uint8Array.of(1) },
    consumed: 10,
  },
];

/** Where item `index` lies in a heap whose first allocation the list is. */
const recordAt = (index: number): number => 1024 + index * ParseReturn.bytes;

describe.each(LIFTER_WAYS)('%s', (way) => {
  describe('a breach of contract', () => {
    const cases: [
      what: string,
      break_: (heap: PluginHeap, retptr: number) => void,
      message: RegExp,
      delivered: number,
    ][] = [
      ['a result that is neither', (h, r) => h.view.setUint8(r, 2), /neither ok nor error, but 2/, 0],
      [
        'a list that is not aligned',
        (h, r) => h.view.setUint32(r + ResultArea.listPointer, 1028, true),
        /list of items.*aligned/,
        0,
      ],
      [
        '2^32 - 1 items',
        (h, r) => h.view.setUint32(r + ResultArea.listLength, 0xffff_ffff, true),
        /list of items.*beyond/,
        0,
      ],
      ['a value that is neither none nor some', (h) => h.view.setUint8(recordAt(1), 2), /item 1.*value.*but 2/, 1],
      ['an unknown yield', (h) => h.view.setUint8(recordAt(1) + 8, 3), /item 1.*unknown kind of value 3/, 1],
      ['an unknown message', (h) => h.view.setUint8(recordAt(1) + 16, 2), /item 1.*unknown kind of message 2/, 1],
      [
        '2^63 bytes consumed',
        (h) => h.view.setBigUint64(recordAt(2) + 88, 2n ** 63n, true),
        /item 2: consumed 9223372036854775808/,
        2,
      ],
      [
        'one byte too many consumed',
        (h) => h.view.setBigUint64(recordAt(2) + 88, 11n, true),
        /item 2: consumed 11 bytes/,
        2,
      ],
      [
        'a line beyond the memory',
        (h) => h.view.setUint32(recordAt(0) + 24, 0xffff_ffff, true),
        /item 0, line.*beyond/,
        0,
      ],
      ['an empty line at a wild pointer', (h) => wild(h, recordAt(0) + 16), /item 0, line.*beyond/, 0],
      [
        'a list of columns that is not aligned',
        (h) => h.view.setUint32(recordAt(1) + 20, 1030, true),
        /item 1, columns.*aligned/,
        1,
      ],
      [
        'a list of two columns of which one is beyond the memory',
        (h) => h.view.setUint32(recordAt(1) + 20, h.memory.buffer.byteLength - 8, true),
        /item 1, columns.*beyond/,
        1,
      ],
      ['2^32 - 1 columns', (h) => h.view.setUint32(recordAt(1) + 24, 0xffff_ffff, true), /item 1, columns.*beyond/, 1],
      ['a column beyond the memory', (h) => column(h, 1, 0xffff_fff0), /item 1, column 1.*beyond/, 1],
      [
        'messages that are not aligned',
        (h) => h.view.setUint32(recordAt(2) + 72, 1028, true),
        /item 2, messages.*aligned/,
        2,
      ],
      ['a name beyond the memory', (h) => beyond(h, recordAt(2) + 32), /item 2, name.*beyond/, 2],
      ['a date of creation beyond the memory', (h) => beyond(h, recordAt(2) + 52), /item 2, created-date.*beyond/, 2],
      ['a date of change beyond the memory', (h) => beyond(h, recordAt(2) + 64), /item 2, modified-date.*beyond/, 2],
      ['a date of change that is not UTF-8', (h) => text(h, recordAt(2) + 64), /item 2, modified-date.*UTF-8/, 2],
      ['a date of creation that is not UTF-8', (h) => text(h, recordAt(2) + 52), /item 2, created-date.*UTF-8/, 2],
      [
        'data beyond the memory',
        (h) => h.view.setUint32(recordAt(2) + 84, 0xffff_ffff, true),
        /item 2, data.*beyond/,
        2,
      ],
      [
        'a date that is neither none nor some',
        (h) => h.view.setUint8(recordAt(2) + 60, 7),
        /item 2.*modified-date.*but 7/,
        2,
      ],
      ['a name that is not UTF-8', (h) => text(h, recordAt(2) + 32), /item 2, name.*UTF-8/, 2],
      ['a line that is not UTF-8', (h) => text(h, recordAt(0) + 20), /item 0, line.*UTF-8/, 0],
      [
        'a column that is not UTF-8',
        (h) => text(h, h.view.getUint32(recordAt(1) + 20, true) + 8),
        /item 1, column 1.*UTF-8/,
        1,
      ],
    ];

    function wild(heap: PluginHeap, message: number): void {
      heap.view.setUint32(message + Message.pointer, heap.memory.buffer.byteLength + 1, true);
      heap.view.setUint32(message + Message.length, 0, true);
    }
    function column(heap: PluginHeap, index: number, pointer: number): void {
      heap.view.setUint32(heap.view.getUint32(recordAt(1) + 20, true) + index * 8, pointer, true);
    }
    function beyond(heap: PluginHeap, at: number): void {
      heap.view.setUint32(at, heap.memory.buffer.byteLength, true);
    }
    function text(heap: PluginHeap, at: number): void {
      heap.bytes[heap.view.getUint32(at, true)] = 0xff;
    }

    test.each(cases)('%s is named, after the items before it', (_, break_, message, delivered) => {
      const heap = new PluginHeap();
      const retptr = heap.writeItems(THREE);
      break_(heap, retptr);
      for (const lifted of liftAllWays(heap, retptr, 30, 65_536)) {
        expect(lifted.breach).toBe(true);
        expect(lifted.items.length).toBe(delivered);
      }
      const arena = new Arena(65_536);
      const lifter = new ResultLifter(heap.memory, arena, { way });
      expect(() => {
        lifter.open(retptr, 30);
        while (lifter.next(arena.slotOffset, arena.slotBytes, 0) !== undefined);
      }).toThrow(message);
    });

    test('one byte too many consumed is found wherever it is consumed', () => {
      for (const model of [
        { columns: 'line', consumed: 10 },
        { columns: ['a', 'b'], consumed: 10 },
        { consumed: 10 },
      ]) {
        const heap = new PluginHeap();
        const retptr = heap.writeItems([model, model]);
        for (const lifted of liftAllWays(heap, retptr, 20, 65_536))
          expect(lifted).toMatchObject({ breach: false, consumed: 20 });
        for (const lifted of liftAllWays(heap, retptr, 19, 65_536))
          expect(lifted).toMatchObject({ breach: true, consumed: 10 });
      }
    });

    test('a list of columns beyond the memory is named among records that are alike', () => {
      const heap = new PluginHeap();
      const retptr = heap.writeItems(Array.from({ length: 3 }, () => ({ columns: ['one', 'two'], consumed: 1 })));
      heap.view.setUint32(recordAt(1) + 20, heap.memory.buffer.byteLength - 8, true);
      const arena = new Arena(65_536);
      const lifter = new ResultLifter(heap.memory, arena, { way });
      lifter.open(retptr, 3);
      expect(lifter.next(arena.slotOffset, arena.slotBytes, 0)?.items).toBe(1);
      expect(() => lifter.next(arena.slotOffset, arena.slotBytes, 1)).toThrow(/item 1, columns.*beyond/);
    });

    test.each([1, 2])('a good list of columns is refused at %i bytes off alignment', (shift) => {
      const heap = new PluginHeap();
      const retptr = heap.writeItems([{ columns: ['one', 'two'], consumed: 1 }]);
      const list = heap.view.getUint32(recordAt(0) + 20, true);
      const copy = heap.allocate(32, 8) + shift;
      heap.bytes.copyWithin(copy, list, list + 16);
      heap.view.setUint32(recordAt(0) + 20, copy, true);
      for (const lifted of liftAllWays(heap, retptr, 1, 65_536))
        expect(lifted).toMatchObject({ breach: true, items: [] });
    });

    test('an empty line at the end of the memory is no breach', () => {
      const heap = new PluginHeap();
      const retptr = heap.writeItems(THREE);
      heap.view.setUint32(recordAt(0) + 20, heap.memory.buffer.byteLength, true);
      heap.view.setUint32(recordAt(0) + 24, 0, true);
      for (const lifted of liftAllWays(heap, retptr, 30, 65_536)) expect(lifted.items[0]?.columns).toEqual(['']);
    });

    test('text that is only valid together with the string behind it is one', () => {
      const heap = new PluginHeap();
      const retptr = heap.writeItems([{ columns: ['aä', 'b'], consumed: 1 }]);
      const list = heap.view.getUint32(recordAt(0) + 20, true);
      heap.view.setUint32(list + 4, 2, true);
      heap.view.setUint32(list + 8, heap.view.getUint32(list, true) + 2, true);
      for (const lifted of liftAllWays(heap, retptr, 1, 65_536))
        expect(lifted).toMatchObject({ breach: true, items: [] });
    });

    test('a million items that share one large string end at the cap on output', () => {
      const heap = new PluginHeap({ pages: 100 });
      const text = heap.allocate(1_000_000, 1);
      heap.bytes.fill(0x61, text, text + 1_000_000);
      const count = 50_000;
      const list = heap.allocate(count * ParseReturn.bytes, 8);
      for (let i = 0; i < count; i++) {
        const record = list + i * ParseReturn.bytes;
        heap.view.setUint8(record, 1);
        heap.view.setUint32(record + 20, text, true);
        heap.view.setUint32(record + 24, 1_000_000, true);
      }
      const retptr = heap.writeResult(list, count);
      const arena = new Arena(65_536);
      const lifter = new ResultLifter(heap.memory, arena, { way, outputBytes: 10_000_000 });
      lifter.open(retptr, 1);
      let bytes = 0;
      expect(() => {
        for (
          let f = lifter.next(arena.slotOffset, arena.slotBytes, 0);
          f;
          f = lifter.next(arena.slotOffset, arena.slotBytes, 0)
        )
          bytes += f.byteLength;
      }).toThrow(/item 9: .*more than 10000000 bytes/);
      expect(bytes).toBeGreaterThan(8_000_000);
      expect(bytes).toBeLessThan(10_000_000);
      expect(lifter.next(arena.slotOffset, arena.slotBytes, 0)).toBeUndefined();
    });

    test('the cap holds for small items, too, and 0 lifts it', () => {
      const heap = new PluginHeap();
      const retptr = heap.writeItems(Array.from({ length: 1000 }, () => ({ columns: 'x'.repeat(83), consumed: 0 })));
      const arena = new Arena(4096);
      const capped = liftFrames(new ResultLifter(heap.memory, arena, { way, outputBytes: 20_000 }), arena, retptr, 0);
      expect(capped).toMatchObject({ breach: true });
      expect(capped.items.length).toBe(200);
      const free = liftFrames(
        new ResultLifter(heap.memory, arena, { way, outputBytes: Number.POSITIVE_INFINITY }),
        arena,
        retptr,
        0,
      );
      expect(free.items.length).toBe(1000);
    });
  });

  describe('errors of parse', () => {
    test('are told apart', () => {
      const heap = new PluginHeap();
      const lifter = new ResultLifter(heap.memory, new Arena(0), { way });
      expect(lifter.open(heap.writeError(0, 'böse'), 1)).toEqual({ kind: 'unrecoverable', message: 'böse' });
      expect(lifter.open(heap.writeError(1, ''), 1)).toEqual({ kind: 'parse', message: '' });
      expect(lifter.open(heap.writeError(2, ''), 1)).toEqual({ kind: 'incomplete' });
      expect(lifter.open(heap.writeError(3, ''), 1)).toEqual({ kind: 'eof' });
      expect(() => lifter.open(heap.writeError(4, ''), 1)).toThrow(PluginContractError);
      expect(lifter.next(0, 0, 0)).toBeUndefined();
    });

    test('a very long message is cut at a character', () => {
      const heap = new PluginHeap();
      const lifter = new ResultLifter(heap.memory, new Arena(0), { way });
      const opened = lifter.open(heap.writeError(1, `a${'ä'.repeat(1_000_000)}`), 1);
      expect(opened).toMatchObject({ kind: 'parse', message: `a${'ä'.repeat(8191)} … (2000001 bytes)` });
    });

    test('a message that is not UTF-8 is a breach of contract', () => {
      const heap = new PluginHeap();
      const retptr = heap.writeError(1, 'x');
      heap.bytes[heap.view.getUint32(retptr + 8, true)] = 0xff;
      expect(() => new ResultLifter(heap.memory, new Arena(0), { way }).open(retptr, 1)).toThrow(
        /error's message.*UTF-8/,
      );
    });
  });
});
