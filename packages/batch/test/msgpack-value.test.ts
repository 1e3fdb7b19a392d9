import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { decodeValue } from '#msgpack-value.js';

const failsWith = (code: string) => expect.objectContaining({ code });

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
  fc.uint8Array({ maxLength: 300 }),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('array'), tie('map')),
  array: fc.array(tie('value'), { maxLength: 20 }),
  map: fc.dictionary(fc.string({ maxLength: 20 }), tie('value'), { maxKeys: 20, noNullPrototype: true }),
}));

const packr = new Packr({ useRecords: false, variableMapSize: true });
const encoders: Record<string, (value: unknown) => Uint8Array> = {
  '@msgpack/msgpack': (value) => encode(value, { useBigInt64: true }),
  msgpackr: (value) => Uint8Array.from(packr.pack(value)),
};

describe.each(Object.entries(encoders))('values of %s', (_, encoded) => {
  test('are read', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(decodeValue(encoded(original))).toEqual(original);
      }),
    );
  });

  test('are refused when they are cut off', () => {
    fc.assert(
      fc.property(value, fc.nat(), (original, cut) => {
        const bytes = encoded(original);
        expect(() => decodeValue(bytes.subarray(0, cut % bytes.length))).toThrow(failsWith('ERR_BATCH_FORMAT'));
      }),
    );
  });
});

test.each([
  ['an extension', [0xd4, 5, 0]],
  ['a byte that begins nothing', [0xc1]],
  ['a key that is no string', [0x81, 1, 1]],
  ['an array of more than there is', [0xdd, 0xff, 0xff, 0xff, 0xff, 1]],
  ['a map of more than there is', [0xdf, 0xff, 0xff, 0xff, 0xff, 1]],
  ['arrays in one another without end', Array.from({ length: 100_000 }, () => 0x91)],
  ['bytes behind the value', [1, 2]],
])('%s is refused', (_, bytes) => {
  expect(() => decodeValue(Uint8Array.from(bytes))).toThrow(failsWith('ERR_BATCH_FORMAT'));
});

test('a key cannot change what an object is', () => {
  const read = decodeValue(encode(JSON.parse('{"__proto__": {"polluted": 1}}')));
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  expect(Object.keys(read as object)).toEqual(['__proto__']);
});
