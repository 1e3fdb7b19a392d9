import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildPlugin } from '#index.js';
import { loadParser, type ParserExports } from '#testing/index.js';

const entry = fileURLToPath(new URL('assembly/texts.ts', import.meta.url));
const runs = { numRuns: 500, seed: 16 };
let parser: ParserExports;

beforeAll(async () => {
  const { component } = await buildPlugin({ kind: 'parser', entry, name: 'texts' });
  ({ exports: parser } = await loadParser(component));
  parser.init({ logLevel: 'info' }, []);
});

/** What the plugin writes for the bytes: one text, or several. */
function written(what: string, ...parts: readonly Uint8Array[]): string | readonly string[] | undefined {
  const [item] = parser.parse(Buffer.concat([Buffer.from(what), ...parts]));
  const message = item?.value?.val;
  return message !== undefined && 'tag' in message ? message.val : undefined;
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(Buffer.from);

function u32(value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(value);
  return data;
}

function u64(value: bigint): Buffer {
  const data = Buffer.alloc(8);
  data.writeBigUInt64LE(BigInt.asUintN(64, value));
  return data;
}

test('numbers are read in both orders of bytes', () => {
  fc.assert(
    fc.property(bytes(8), (data) => {
      const little = [data.readUInt16LE(), data.readUInt32LE(), data.readBigUInt64LE()].map(String);
      const big = [data.readUInt16BE(), data.readUInt32BE(), data.readBigUInt64BE()].map(String);
      // The bits of floating point numbers: a NaN may have any.
      const expected = [...little, ...little.slice(1), ...big, ...big.slice(1)];
      expect(written('b', data)).toEqual(expected);
    }),
    runs,
  );
});

describe('decimal digits', () => {
  /** Numbers of 128 bits with few and with many digits, and what lies beside powers of ten. */
  const number = fc.oneof(
    fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
    fc.nat({ max: 1000 }).map(BigInt),
    fc
      .tuple(fc.nat({ max: 38 }), fc.integer({ min: -1, max: 1 }))
      .map(([power, more]) => 10n ** BigInt(power) + BigInt(more)),
    fc
      .tuple(fc.nat({ max: 127 }), fc.integer({ min: -1, max: 1 }))
      .map(([power, more]) => (1n << BigInt(power)) + BigInt(more)),
  );

  test('of whole numbers of all widths are right', () => {
    fc.assert(
      fc.property(number, fc.boolean(), (value, isNegative) => {
        const bits = BigInt.asUintN(128, isNegative ? -value : value);
        const [low, high] = [BigInt.asUintN(64, bits), bits >> 64n];
        const padded = String(BigInt.asUintN(32, bits)).padStart(20, '0');
        const digits = Number(high & 15n);
        expect(written('d', u64(low), u64(high))).toEqual([
          String(BigInt.asUintN(32, bits)),
          String(BigInt.asIntN(32, bits)),
          String(low),
          String(BigInt.asIntN(64, bits)),
          String(bits),
          String(BigInt.asIntN(128, bits)),
          padded.slice(padded.length - digits),
        ]);
      }),
      { ...runs, numRuns: 2000 },
    );
  });

  test('of floating point numbers are the fewest that give the same number', () => {
    const check = (data: Buffer) => {
      const [double = '', single = ''] = written('f', data) as readonly string[];
      expectShortest(double, data.readDoubleLE(), (text) => Number(text));
      expectShortest(single, data.readFloatLE(), (text) => Math.fround(Number(text)));
    };
    fc.assert(fc.property(bytes(8), check), runs);
    for (const value of [
      0,
      -0,
      0.1,
      5e-324,
      1.7976931348623157e308,
      2 ** 53,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -1 / 0,
    ]) {
      const data = Buffer.alloc(8);
      data.writeDoubleLE(value);
      check(data);
    }
  });

  function expectShortest(text: string, value: number, read: (text: string) => number): void {
    if (Number.isNaN(value)) expect(text).toBe('NaN');
    else if (!Number.isFinite(value)) expect(text).toBe(value > 0 ? 'inf' : '-inf');
    else {
      expect(text).toMatch(/^-?\d+(\.\d+)?$/);
      expect(read(text)).toBe(value);
      const digits = text.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
      // One digit less gives another number.
      if (digits > 1) expect(read(value.toPrecision(digits - 1))).not.toBe(value);
    }
  }

  test('of hexadecimal numbers are upper case', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    expect(written('x', all)).toBe(all.toString('hex').toUpperCase());
  });
});

test('a pattern of four bytes is found at any place, also among its own beginnings', () => {
  const byte = fc.constantFrom(0x44, 0x4c, 0x54, 0x01, 0xff);
  fc.assert(
    fc.property(
      fc.array(byte, { maxLength: 60 }),
      fc.array(byte, { minLength: 4, maxLength: 4 }),
      fc.nat(80),
      (noise, pattern, at) => {
        const text = Buffer.concat([Buffer.alloc(at, 0x4c), Buffer.from(noise)]);
        const found = text.indexOf(Buffer.from(pattern));
        expect(Number(written('p', Buffer.from(pattern), text))).toBe(found === -1 ? text.length : found);
      },
    ),
    { ...runs, numRuns: 3000 },
  );
});

describe('text', () => {
  const sequence = fc.constantFrom(
    ...[
      '61',
      'c3a4',
      'e282ac',
      'f09f9880',
      'ff',
      'c3',
      'e282',
      'f09f98',
      '80',
      'c080',
      'eda080',
      'f4908080',
      'e0',
      'f8',
    ],
  );
  const mixed = fc.array(sequence, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''), 'hex'));

  test('of ISO 8859-1 becomes UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(written('l', data)).toBe(Buffer.from(data).toString('latin1'));
      }),
      runs,
    );
  });

  test('has U+FFFD in place of what is not valid UTF-8', () => {
    fc.assert(
      fc.property(mixed, (data) => {
        expect(written('m', data)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(data));
      }),
      { ...runs, numRuns: 2000 },
    );
  });

  test('is valid up to its first part that is not', () => {
    const isValid = (data: Uint8Array) => {
      try {
        new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(mixed, (data) => {
        const end = Number(written('v', data));
        expect(isValid(data.subarray(0, end))).toBe(true);
        if (end === data.length) return;
        // The longest sequence that may follow is none that is valid.
        for (let length = 1; length <= 4 && end + length <= data.length; length++)
          expect(isValid(data.subarray(end, end + length))).toBe(false);
        expect(Number(written('s', data.subarray(end)))).toBeLessThan(0);
      }),
      { ...runs, numRuns: 2000 },
    );
  });

  test('of a code point has its bytes', () => {
    const codes = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff];
    for (const code of codes) expect(written('c', u32(code))).toBe(String.fromCodePoint(code));
  });

  test('of a point in time is that of RFC 3339', () => {
    const seconds = fc.oneof(
      fc.nat({ max: 253_402_300_799 }),
      fc.constantFrom(0, 951_782_400, 951_868_800, 4_107_542_399),
    );
    fc.assert(
      fc.property(seconds, fc.nat({ max: 999_999_999 }), (second, nanosecond) => {
        const date = new Date(second * 1000).toISOString().slice(0, 19);
        const expected = `${date}.${String(nanosecond).padStart(9, '0')}Z`;
        expect(written('t', u64(BigInt(second)), u32(nanosecond))).toBe(expected);
      }),
      { ...runs, numRuns: 2000 },
    );
  });
});

describe('memory that grows', () => {
  test('keeps the texts of a call, whatever their lengths are', () => {
    const alphabet = 'abcdefghijklmnopqrstuvwxyz';
    const lengths = fc.array(fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 65_535 })), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lengths, (counts) => {
        const data = Buffer.from(Uint16Array.from(counts).buffer);
        const texts = counts.map((count) => alphabet.repeat(Math.ceil(count / 26)).slice(0, count));
        expect(written('w', data)).toEqual(texts);
      }),
      { ...runs, numRuns: 100 },
    );
  });

  test('keeps bytes from call to call until it is freed', () => {
    let expected = '';
    for (let call = 0; call < 300; call++) {
      const part = `${call}:${'x'.repeat((call * 37) % 500)};`;
      expected += part;
      expect(written('k', Buffer.from(part))).toBe(expected);
    }
    expect(written('K')).toBe('0 of 0');
    expect(written('k', Buffer.from('again'))).toBe('again');
  });
});
