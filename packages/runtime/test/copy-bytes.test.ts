import { copyBytes } from '@chipmunk-host/runtime/internal/shared';
import { describe, expect, test } from 'vitest';

const LENGTHS = [0, 1, 7, 1023, 1024, 1025, 65_536, 65_537, 200_003];
const SHIFTS = [0, 1, 4, 7];
const UNTOUCHED = 0xaa;
const MOST = 200_003 + 64;

const buffers = {
  shared: () => new SharedArrayBuffer(MOST),
  own: () => new ArrayBuffer(MOST),
};
type Kind = keyof typeof buffers;
const PAIRS: readonly [Kind, Kind][] = [
  ['shared', 'shared'],
  ['shared', 'own'],
  ['own', 'shared'],
  ['own', 'own'],
];

describe.each(PAIRS)('bytes of a buffer that is %s, copied into one that is %s', (from, to) => {
  test('are the same wherever they lie, and nothing else is written', () => {
    const all = new Uint8Array(buffers[from]());
    for (let i = 0; i < all.length; i++) all[i] = (i * 2_654_435_761) >>> 13;
    for (const length of LENGTHS)
      for (const sourceShift of SHIFTS)
        for (const [viewShift, at] of [
          [0, 0],
          [3, 0],
          [1, 6],
          [5, 8],
        ] as const) {
          const whole = new Uint8Array(buffers[to]()).fill(UNTOUCHED);
          const source = all.subarray(sourceShift, sourceShift + length);
          copyBytes(whole.subarray(viewShift, viewShift + at + length), source, at);
          const start = viewShift + at;
          const expected = new Uint8Array(MOST).fill(UNTOUCHED);
          expected.set(source, start);
          expect(Buffer.compare(whole, expected)).toBe(0);
        }
  });

  test.each([10, 4096])('are refused where there is no room for %i', (length) => {
    const target = new Uint8Array(buffers[to]()).subarray(0, length + 2);
    const source = new Uint8Array(buffers[from]()).subarray(1, 1 + length);
    expect(() => copyBytes(target, source, 3)).toThrow(RangeError);
    expect(target.every((byte) => byte === 0)).toBe(true);
  });
});
