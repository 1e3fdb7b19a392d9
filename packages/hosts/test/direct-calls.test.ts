/** Calls past the bindings, of functions that answer as no honest plugin does. */
import type { DirectFunction } from '@chipmunk-host/runtime/internal/worker';
import { createRingMemory, LiftBounds, OversizedText } from '@chipmunk-host/runtime/internal/worker';
import { describe, expect, test } from 'vitest';
import type { ByteSourceBindings } from '#api/v0_1_0/byte-source/byte-source-bindings.js';
import { DirectRead } from '#api/v0_1_0/byte-source/direct-read.js';
import { BindingsRead } from '#api/v0_1_0/byte-source/read-path.js';
import { requireText, requireTexts } from '#api/v0_1_0/common/bindings-bounds.js';
import { BindingsLifter } from '#api/v0_1_0/lifter/bindings-lifter.js';
import { ResultArea } from '#api/v0_1_0/lifter/parse-return-layout.js';
import { ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { DirectParse } from '#api/v0_1_0/parser/direct-parse.js';
import { Arena } from './lifted-batches.js';
import { PluginHeap } from './plugin-heap.js';

const PAGE = 65_536;
const breach = (message: RegExp) =>
  expect.objectContaining({ code: 'ERR_PLUGIN_CONTRACT', message: expect.stringMatching(message) });

/** Where the result lies. */
const AT = 64;

interface Answer {
  readonly at?: number;
  readonly resultCase?: number;
  /** Case of the error, or nothing of a list. */
  readonly errorCase?: number;
  readonly pointer?: number;
  readonly length?: number;
}

/** A function that answers with a list of bytes, or with an error. */
function answering({ at = AT, resultCase = 0, errorCase = 0, pointer = 1024, length = 4 }: Answer): DirectFunction {
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Uint8Array(memory.buffer, 1024, 8).set(Buffer.from('abc\xff', 'latin1'));
  const view = new DataView(memory.buffer);
  view.setUint8(AT + ResultArea.resultCase, resultCase);
  if (resultCase === 1) view.setUint8(AT + ResultArea.errorCase, errorCase);
  const list = resultCase === 1 ? ResultArea.messagePointer : ResultArea.listPointer;
  view.setUint32(AT + list, pointer, true);
  view.setUint32(AT + list + 4, length, true);
  return { call: () => at, memory, realloc: undefined, postReturn: undefined };
}

describe('read', () => {
  test('gives the bytes of a list, up to the end of the memory', () => {
    const into = new Uint8Array(8);
    expect(new DirectRead(answering({})).read(into)).toBe(4);
    expect([...into.subarray(0, 4)]).toEqual([0x61, 0x62, 0x63, 0xff]);
    expect(new DirectRead(answering({ pointer: PAGE - 4 })).read(into)).toBe(4);
    expect(new DirectRead(answering({ pointer: PAGE + 1, length: 0 })).read(into)).toBe(0);
  });

  test('throws the error of the source', () => {
    const read = new DirectRead(answering({ resultCase: 1, length: 3 }));
    expect(() => read.read(new Uint8Array(8))).toThrow(
      expect.objectContaining({ code: 'ERR_SOURCE_READ', message: expect.stringMatching(/^abc/) }),
    );
  });

  test.each<[string, Answer, RegExp]>([
    ['a result that is not aligned', { at: AT + 1 }, /not aligned/],
    [
      'a result that ends behind the memory',
      { at: PAGE - ResultArea.bytes + ResultArea.alignment },
      /result at \d+ is beyond/,
    ],
    ['a result that is neither', { resultCase: 2 }, /neither ok nor error, but 2/],
    ['more bytes than were asked for', { length: 9 }, /at most 8 bytes and returned 9/],
    ['bytes behind the memory', { pointer: PAGE - 3 }, /list of bytes.*beyond/],
    ['an unknown error', { resultCase: 1, errorCase: 200 }, /200/],
    ['a message behind the memory', { resultCase: 1, pointer: PAGE - 3 }, /message.*beyond/],
    ['a message that is not UTF-8', { resultCase: 1 }, /not UTF-8/],
  ])('refuses %s', (_, answer, message) => {
    expect(() => new DirectRead(answering(answer)).read(new Uint8Array(8))).toThrow(breach(message));
  });

  test('refuses more bytes than were asked for through the bindings, too', () => {
    const bindings = { read: () => new Uint8Array(9) } as unknown as ByteSourceBindings;
    const read = new BindingsRead(bindings, new LiftBounds());
    expect(() => read.read(new Uint8Array(8))).toThrow(breach(/at most 8 bytes and returned 9/));
    expect(read.read(new Uint8Array(9))).toBe(9);
  });
});

describe('the result of parse', () => {
  const opened = (change: (heap: PluginHeap, retptr: number) => number) => {
    const heap = new PluginHeap();
    const retptr = heap.writeError(0, 'no item here');
    return () => new ResultLifter(heap.memory, new Arena(4096)).open(change(heap, retptr), 10);
  };

  test('is an error as it was written', () => {
    expect(opened((_, retptr) => retptr)()).toMatchObject({ message: 'no item here' });
  });

  /** Changes a byte of the result. */
  const byte = (at: number, value: number) => (heap: PluginHeap, retptr: number) => {
    heap.view.setUint8(retptr + at, value);
    return retptr;
  };

  test.each<[string, (heap: PluginHeap, retptr: number) => number, RegExp]>([
    ['is not aligned', (_, retptr) => retptr + 1, /aligned/],
    ['ends behind the memory', (heap) => heap.memory.buffer.byteLength - 4, /beyond/],
    ['is neither ok nor error', byte(ResultArea.resultCase, 3), /neither ok nor error, but 3/],
    ['is an unknown error', byte(ResultArea.errorCase, 9), /9/],
    [
      'has a message that is not UTF-8',
      (heap, retptr) => {
        heap.bytes[heap.view.getUint32(retptr + ResultArea.messagePointer, true)] = 0xff;
        return retptr;
      },
      /UTF-8/,
    ],
  ])('is refused when it %s', (_, change, message) => {
    expect(opened(change)).toThrow(breach(message));
  });
});

test('parse writes nothing where realloc points out of the memory', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const ring = createRingMemory({ slots: 2, slotBytes: 4096 });
  const parse: DirectFunction = { call: () => 0, memory, realloc: undefined, postReturn: undefined };
  let allocated = PAGE - 10;
  const direct = new DirectParse(parse, () => allocated, ring, 1e9);
  expect(direct.prepare(10).length).toBe(10);
  allocated = PAGE - 9;
  expect(() => direct.prepare(10)).toThrow(breach(/realloc returned 65527 for 10 bytes/));
  allocated = -1;
  expect(() => direct.prepare(1)).toThrow(breach(/realloc returned 4294967295/));
});

describe('through the bindings', () => {
  const line = (consumed: bigint) => ({
    value: { tag: 'message' as const, val: { tag: 'line' as const, val: 'x' } },
    consumed,
  });

  test('an item that consumed more than there was is refused, behind those before it', () => {
    const lifter = new BindingsLifter([line(4n), line(7n)], 10);
    expect(lifter.next(1e6, 0)).toMatchObject({ items: 1, bytes: 4 });
    expect(() => lifter.next(1e6, 4)).toThrow(breach(/item 1/));
  });

  test('the first item of a batch that is refused is told at once', () => {
    const lifter = new BindingsLifter([line(2n ** 63n)], 10);
    expect(() => lifter.next(1e6, 0)).toThrow(breach(/item 0: consumed 9223372036854775808/));
  });

  test('a text that is too large is named', () => {
    const oversized = new OversizedText(5_000_000, 'aaa') as unknown as string;
    expect(() => requireText('init', 'the message', oversized)).toThrow(breach(/the message has 5000000 bytes/));
    expect(requireText('init', 'the message', 'short')).toBe('short');
    expect(() => requireTexts('parse', { value: [{ displayName: oversized }] })).toThrow(
      breach(/value\[0\]\.display-name/),
    );
  });
});
