/** Every kind of boundary that UTF-8 has, at every place of a vector of sixteen bytes, against a plain reader of UTF-8. */
import { Batch } from '@chipmunk-host/batch';
import { describe, expect, test } from 'vitest';
import { LIFTER_WAYS } from '#api/v0_1_0/lifter/lifter-way.js';
import { ResultLifter } from '#api/v0_1_0/lifter/result-lifter.js';
import { Arena, liftFrames } from './lifted-batches.js';
import { PluginHeap } from './plugin-heap.js';

/** A code point in so many bytes, whether that is allowed or not. */
function encode(codePoint: number, bytes: number): number[] {
  if (bytes === 1) return [codePoint];
  const lead = [0, 0, 0xc0, 0xe0, 0xf0, 0xf8, 0xfc][bytes] as number;
  const encoded = [lead | (codePoint >>> (6 * (bytes - 1)))];
  for (let shift = 6 * (bytes - 2); shift >= 0; shift -= 6) encoded.push(0x80 | ((codePoint >>> shift) & 0x3f));
  return encoded;
}

/** The text, or undefined where RFC 3629 forbids the bytes. */
function read(bytes: readonly number[]): string | undefined {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number;
    const length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;
    const rest = bytes.slice(at + 1, at + length);
    if (length === 0 || rest.length !== length - 1 || rest.some((byte) => byte < 0x80 || byte > 0xbf)) return undefined;
    let codePoint = length === 1 ? lead : lead & (0x7f >> length);
    for (const byte of rest) codePoint = (codePoint << 6) | (byte & 0x3f);
    const least = [0, 0, 0x80, 0x800, 0x1_0000][length] as number;
    if (codePoint < least || codePoint > 0x10_ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return undefined;
    text += String.fromCodePoint(codePoint);
    at += length;
  }
  return text;
}

const EDGES = [
  ...[0, 1, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0x7ff, 0x800, 0x801, 0xfff, 0x1000, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff],
  ...[0xe000, 0xfffd, 0xffff, 0x1_0000, 0x3_ffff, 0x4_0000, 0xf_ffff, 0x10_0000, 0x10_ffff, 0x11_0000, 0x13_ffff],
  ...[0x14_0000, 0x1f_ffff],
];
const FITS = [0, 0x7f, 0x7ff, 0xffff, 0x1f_ffff];
const shapes: number[][] = [];
for (const edge of EDGES) {
  for (let bytes = 1; bytes <= 4; bytes++) {
    if (edge > (FITS[bytes] as number)) continue;
    const whole = encode(edge, bytes);
    // Whole, cut short, and with a continuation too many.
    for (let length = 1; length <= bytes; length++) shapes.push(whole.slice(0, length));
    shapes.push([...whole, 0x80]);
  }
}
for (let byte = 0x80; byte <= 0xff; byte++) shapes.push([byte]);
for (const lead of [
  0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfb, 0xfc, 0xfe,
])
  for (const second of [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xff])
    for (const rest of [[], [0x80], [0x80, 0x80], [0xbf, 0xbf]]) shapes.push([lead, second, ...rest]);

const BEHIND = [[], [0x62], [0xc3, 0xa4], new Array<number>(15).fill(0x62), new Array<number>(17).fill(0x62)];
const FILLERS = [[0x61], [0xc3, 0xa4], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98, 0x80]];

describe.each(LIFTER_WAYS)('%s', (way) => {
  const heap = new PluginHeap();
  const retptr = heap.writeItems([{ columns: 'x'.repeat(200), consumed: 1 }]);
  const record = heap.view.getUint32(retptr + 4, true);
  const text = heap.view.getUint32(record + 20, true);
  const arena = new Arena(4096);
  const lifter = new ResultLifter(heap.memory, arena, { way });

  function expectLikePlainReader(bytes: readonly number[]): void {
    // What comes behind the text in memory could complete it, and must not.
    heap.bytes.fill(0x80, text, text + 200);
    heap.bytes.set(bytes, text);
    heap.view.setUint32(record + 24, bytes.length, true);
    const { frames, breach } = liftFrames(lifter, arena, retptr, 1);
    const lifted = frames.length === 0 ? undefined : Batch.from(frames[0] as Uint8Array);
    const actual = { breach, text: lifted?.text(0), units: lifted?.text(0).length };
    const expected = read(bytes);
    if (actual.text === expected && breach === (expected === undefined)) return;
    expect({ bytes, ...actual }).toEqual({ bytes, breach: expected === undefined, text: expected });
  }

  test('each shape at each place between vectors', () => {
    for (const shape of shapes)
      for (const before of [0, 1, 11, 12, 13, 14, 15, 16, 29, 31])
        for (const behind of BEHIND)
          expectLikePlainReader([...new Array<number>(before).fill(0x61), ...shape, ...behind]);
  });

  test.each([0, 1, 2, 3])('characters of all lengths, shifted by %i, cut off at every byte', (shift) => {
    for (const filler of FILLERS) {
      const whole = [...new Array<number>(shift).fill(0x61), ...Array.from({ length: 12 }, () => filler).flat()];
      for (let length = 0; length <= whole.length; length++) expectLikePlainReader(whole.slice(0, length));
    }
  });
});
