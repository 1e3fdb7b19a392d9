/** What the wasm lifter does at the edges of a slot, and with a memory that is another one at the second look. */
import { describe, expect, test } from 'vitest';
import { PluginMemory } from '#api/v0_1_0/common/plugin-memory.js';
import { createSlotLifter, LIFTER_WAYS } from '#api/v0_1_0/lifter/lifter-way.js';
import { Column, Message, ParseReturn, ResultArea } from '#api/v0_1_0/lifter/parse-return-layout.js';
import { ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { frameOverhead } from '#worker/output/frame-source.js';
import { Arena, liftFrames, SOURCE } from './lifted-batches.js';
import { type ItemModel, PluginHeap } from './plugin-heap.js';
import { readReference } from './reference-reader.js';

const ATTACHMENT = {
  name: 'n',
  size: 1n,
  created: undefined,
  modified: undefined,
  messages: [],
  data: Uint8Array.of(1),
};

const MIXTURES: Readonly<Record<string, readonly ItemModel[]>> = {
  'lines and skipped stretches': [
    ...[{ columns: 'one', consumed: 4 }, { consumed: 3 }, { columns: '', consumed: 1 }, { consumed: 2 }],
    ...[{ columns: 'three', consumed: 6 }, { consumed: 1 }, { consumed: 1 }, { columns: 'x'.repeat(40), consumed: 41 }],
  ],
  columns: [['a', 'bb'], [], ['', '', ''], ['ccc'], ['d', 'e', 'f', 'g', 'h']].map((columns) => ({
    columns,
    consumed: 7,
  })),
  'joined columns': ['a\u0004bb', '\u0004', 'c', '\u0004\u0004dd', 'e\u0004f\u0004g\u0004h'].map((columns) => ({
    columns,
    consumed: 7,
  })),
  attachments: [
    { columns: 'one', attachment: ATTACHMENT, consumed: 5 },
    { attachment: ATTACHMENT, consumed: 5 },
    { columns: 'two', consumed: 5 },
    { columns: ['t', 'ree'], attachment: ATTACHMENT, consumed: 5 },
  ],
};
const OVERHEAD_BYTES = frameOverhead(SOURCE);
/** One batch has room for all of each mixture. */
const ROOM_BYTES = 250;

describe.each(LIFTER_WAYS)('%s', (way) => {
  describe.each(Object.entries(MIXTURES))('%s', (_, models) => {
    test.each([0, 3])('come through slots of every size, with up to %i joined columns', (mostColumns) => {
      const heap = new PluginHeap();
      const retptr = heap.writeItems(models);
      const given = models.reduce((sum, { consumed }) => sum + consumed, 0);
      const { error: _, ...reference } = readReference(heap.memory.buffer, retptr, given, mostColumns);
      for (let slotBytes = OVERHEAD_BYTES; slotBytes < OVERHEAD_BYTES + ROOM_BYTES; slotBytes++) {
        const arena = new Arena(slotBytes);
        const lifter = new ResultLifter(heap.memory, arena, { way });
        lifter.mostColumns = mostColumns;
        const { frames, ways, ...lifted } = liftFrames(lifter, arena, retptr, given);
        expect({ slotBytes, ...lifted }).toEqual({ slotBytes, ...reference });
        for (const [index, frame] of frames.entries())
          if (ways[index] === 'placed') expect(frame.length).toBeLessThanOrEqual(slotBytes);
        expect(arena.guardsAreIntact()).toBe(true);
      }
    });
  });

  /** Of the first record in a heap. */
  const RECORD = 1024;
  const MESSAGE = { case: RECORD + 16, pointer: RECORD + 20, length: RECORD + 24 };
  const SLOT_BYTES = 4096;
  const CANARY = 0xa5;
  /** In no label of a table, and no number of these batches. */
  const WRITTEN = '~'.charCodeAt(0);

  /** Measures one batch of all records, has the memory changed, and lifts. Returns what lies in the slot then. */
  function liftedAfter(
    models: readonly ItemModel[],
    change: (heap: PluginHeap) => void,
  ): { slot: Uint8Array; error: unknown } {
    const heap = new PluginHeap();
    heap.writeItems(models);
    const arena = new Arena(SLOT_BYTES);
    const slot = arena.slot(SLOT_BYTES).fill(CANARY);
    const lifter = createSlotLifter(new PluginMemory(heap.memory), heap.memory, arena.memory, way);
    expect(lifter.measure(RECORD, models.length, SLOT_BYTES, SLOT_BYTES, 1000, 0).records).toBe(models.length);
    change(heap);
    let error: unknown;
    try {
      lifter.lift(arena.slotOffset, SLOT_BYTES, 0);
    } catch (thrown) {
      error = thrown;
    }
    expect(arena.guardsAreIntact()).toBe(true);
    return { slot, error };
  }

  describe('what changes between the first look and the second', () => {
    const refused = expect.objectContaining({ code: 'ERR_INTERNAL', message: expect.stringMatching(/second pass/) });

    test('nothing, and the batch is there', () => {
      const { slot, error } = liftedAfter([{ columns: '~~', consumed: 2 }], () => {});
      expect(error).toBeUndefined();
      expect(slot.includes(WRITTEN)).toBe(true);
    });

    // Each length goes another way from the one module to the other.
    test.each([6, 12, 24, 40, 80, 150, 1000])(
      'a line that has %i bytes then is refused, and nothing of it is written',
      (bytes) => {
        const { slot, error } = liftedAfter([{ columns: '', consumed: 5 }], (heap) => {
          const text = heap.allocate(bytes, 1);
          heap.bytes.fill(WRITTEN, text, text + bytes);
          heap.view.setUint32(MESSAGE.pointer, text, true);
          heap.view.setUint32(MESSAGE.length, bytes, true);
        });
        expect(error).toEqual(refused);
        expect(slot.includes(WRITTEN)).toBe(false);
      },
    );

    test('a line that is shorter then is refused', () => {
      const shorten = (heap: PluginHeap) => heap.view.setUint32(MESSAGE.length, 2, true);
      expect(liftedAfter([{ columns: 'xxxx', consumed: 5 }], shorten).error).toEqual(refused);
    });

    test('a list that has a column more then is refused', () => {
      const lengthen = (heap: PluginHeap) => heap.view.setUint32(MESSAGE.length, 3, true);
      const { error } = liftedAfter([{ columns: ['', ''], consumed: 5 }], lengthen);
      expect(error).toEqual(refused);
    });

    test('a record that takes a row then, and took none, is refused', () => {
      const { error } = liftedAfter([{ consumed: 0 }, { columns: '~~', consumed: 2 }], (heap) =>
        heap.view.setBigUint64(RECORD + ParseReturn.consumed, 9n, true),
      );
      expect(error).toEqual(refused);
    });

    test('far more records that take a row then are refused, and nothing is written behind the slot', () => {
      const models = Array.from({ length: 6000 }, () => ({ consumed: 0 }));
      const { error } = liftedAfter([{ columns: 'x', consumed: 1 }, ...models], (heap) => {
        // Lists of no columns: a row each, and no string.
        for (let i = 1; i <= models.length; i++) {
          const record = RECORD + i * ParseReturn.bytes;
          heap.view.setUint8(record + ParseReturn.valueOption, 1);
          heap.view.setUint8(record + ParseReturn.yield + Message.messageCase, 1);
        }
      });
      expect(error).toEqual(refused);
    });

    test('a slot that is smaller then is refused, and nothing is written', () => {
      const heap = new PluginHeap();
      heap.writeItems([{ columns: '~~', consumed: 2 }]);
      const arena = new Arena(SLOT_BYTES);
      const lifter = createSlotLifter(new PluginMemory(heap.memory), heap.memory, arena.memory, way);
      lifter.measure(RECORD, 1, SLOT_BYTES, SLOT_BYTES, 1000, 0);
      expect(() => lifter.lift(arena.slotOffset, 100, 0)).toThrow(refused);
      expect(arena.slot(SLOT_BYTES).every((byte) => byte === 0)).toBe(true);
    });

    test('an attachment that is much larger then is refused, and nothing of it is written', () => {
      const { slot, error } = liftedAfter([{ columns: 'xx', attachment: ATTACHMENT, consumed: 2 }], (heap) => {
        const bytes = 2 * SLOT_BYTES;
        const data = heap.allocate(bytes, 1);
        heap.bytes.fill(WRITTEN, data, data + bytes);
        heap.view.setUint32(RECORD + ParseReturn.consumed - 8, data, true);
        heap.view.setUint32(RECORD + ParseReturn.consumed - 4, bytes, true);
      });
      expect(error).toEqual(refused);
      expect(slot.includes(WRITTEN)).toBe(false);
    });

    test('an attachment that is smaller then is refused', () => {
      const { error } = liftedAfter([{ columns: 'xx', attachment: ATTACHMENT, consumed: 2 }], (heap) =>
        heap.view.setUint32(RECORD + ParseReturn.consumed - 4, 0, true),
      );
      expect(error).toEqual(refused);
    });

    test('an attachment that has another size then is refused', () => {
      const { error } = liftedAfter([{ columns: 'xx', attachment: ATTACHMENT, consumed: 2 }], (heap) => {
        // Length of the data: the last word of the record before the bytes consumed.
        const at = RECORD + ParseReturn.consumed - 4;
        heap.view.setUint32(at, 2, true);
      });
      expect(error).toEqual(refused);
    });
  });

  test('a record that is larger than a batch can be is refused, though its text is in memory but once', () => {
    const heap = new PluginHeap({ pages: 32 });
    const columns = 4097;
    const text = heap.allocate(1024 * 1024, 1);
    const retptr = heap.writeItems([{ columns: Array.from({ length: columns }, () => ''), consumed: 1 }]);
    const list = heap.view.getUint32(retptr + ResultArea.listPointer, true);
    const first = heap.view.getUint32(list + ParseReturn.yield + Message.pointer, true);
    for (let column = 0; column < columns; column++) {
      heap.view.setUint32(first + column * Column.bytes, text, true);
      heap.view.setUint32(first + column * Column.bytes + Column.length, 1024 * 1024, true);
    }
    const arena = new Arena(SLOT_BYTES);
    const lifter = new ResultLifter(heap.memory, arena, { way, outputBytes: Number.POSITIVE_INFINITY });
    lifter.open(retptr, 1);
    expect(() => lifter.next(arena.slotOffset, arena.slotBytes, 0)).toThrow(
      expect.objectContaining({
        code: 'ERR_PLUGIN_CONTRACT',
        message: expect.stringMatching(/item 0: larger than a batch/),
      }),
    );
  });
});
