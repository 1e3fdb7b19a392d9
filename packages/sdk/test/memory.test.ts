import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildPlugin } from '#index.js';
import { CoreParser } from './core-calls.js';

const entry = fileURLToPath(new URL('assembly/everything.ts', import.meta.url));
const LF = 10;
const MIB = 1 << 20;
/** Calls until enough garbage was made to be collected. */
const WARM_UP = 40_000;
let component: Uint8Array;

beforeAll(async () => {
  ({ component } = await buildPlugin({ kind: 'parser', entry, name: 'everything' }));
});

describe('calls leave the memory as it was', () => {
  test.each([
    ['a million with lines and columns', 'lone\nctwo\nl\n', 1_000_000, 0],
    ['a million that log', 'kx\n', 1_000_000, 1],
    ['many that log much', 'L\n', 50_000, 5],
    ['a million that make objects', 'wx\n', 1_000_000, 0],
    ['many that make all kinds of items', 'sstring\nCa,b\nmboth\naattachment\n', 200_000, 0],
    ['many that ask for the temporary directory', 'T\nT\n', 200_000, 2],
  ])('%s', async (_, text, calls, hostCalls) => {
    const parser = await CoreParser.start(component);
    const input = Buffer.from(text);
    const call = (): void => {
      const { consumed } = parser.parse(input.length, (slice) => slice.set(input));
      if (consumed !== input.length) throw new Error(`consumed ${consumed}`);
    };
    for (let i = 0; i < WARM_UP; i++) call();
    const before = parser.memoryBytes;
    for (let i = WARM_UP; i < calls; i++) call();
    expect(parser.memoryBytes).toBe(before);
    expect(before).toBeLessThan(8 * MIB);
    expect(parser.hostCalls).toBe(calls * hostCalls);
  });
});

describe('windows', () => {
  /** Nothing that is an item, and one LF at the end. Fresh memory is left untouched: it is zero. */
  const skipped =
    (length: number, fresh = true) =>
    (slice: Uint8Array) => {
      slice.fill(0, 0, fresh ? 1 : length);
      slice[length - 1] = LF;
    };

  test('that grow use the same memory again', async () => {
    const parser = await CoreParser.start(component);
    for (const size of [10, 20, 40, 80, 160]) parser.parse(size * MIB, skipped(size * MIB));
    expect(parser.memoryBytes).toBeLessThan(162 * MIB);
  });

  test('that grow while objects are kept between them do so, too', async () => {
    const parser = await CoreParser.start(component);
    const garbage = Buffer.from('wkept\n'.repeat(20_000));
    for (const size of [10, 20, 40, 80, 160]) {
      parser.parse(size * MIB, (slice) => {
        // What calls before left there could be commands.
        slice.fill(0);
        slice[garbage.length] = LF;
        slice.set(garbage);
        slice[size * MIB - 1] = LF;
      });
    }
    expect(parser.memoryBytes).toBeLessThan(260 * MIB);
  });

  test('of all sizes need no more than the largest and its items', async () => {
    const parser = await CoreParser.start(component);
    const size = fc.integer({ min: 1, max: 2 * MIB });
    fc.assert(
      fc.property(fc.array(fc.tuple(size, fc.boolean()), { minLength: 1, maxLength: 20 }), (sizes) => {
        for (const [length, lines] of sizes) {
          if (lines) {
            const text = Buffer.from(`l${'x'.repeat(length % 100)}\n`.repeat(length % 5000));
            if (text.length > 0) parser.parse(text.length, (slice) => slice.set(text));
          } else {
            parser.parse(length, skipped(length, false));
          }
        }
        expect(parser.memoryBytes).toBeLessThan(6 * MIB);
      }),
    );
  });

  test('may be handed over in memory that was resized', async () => {
    const parser = await CoreParser.start(component);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MIB }), fc.integer({ min: 1, max: 100_000 }), (first, length) => {
        expect(parser.parseResized(first, length).items).toBe(length);
      }),
    );
    expect(parser.memoryBytes).toBeLessThan(32 * MIB);
  });
});

describe('objects', () => {
  test('that are kept stay what they are, and the others are given back', async () => {
    const keeper = fileURLToPath(new URL('assembly/keeper.ts', import.meta.url));
    const { component: keeping } = await buildPlugin({ kind: 'parser', entry: keeper, name: 'keeper' });
    const parser = await CoreParser.start(keeping);
    const size = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20_000 }));
    const record = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer(), size);
    fc.assert(
      fc.property(fc.array(fc.array(record, { minLength: 1, maxLength: 10 }), { maxLength: 20 }), (calls) => {
        for (const records of calls) {
          const input = Buffer.from(Int32Array.from(records.flat()).buffer);
          expect(parser.parse(input.length, (slice) => slice.set(input)).items).toBe(1);
        }
      }),
      { numRuns: 300 },
    );
    // 31 objects of at most 140 kB, as much garbage again, and what one call makes.
    expect(parser.memoryBytes).toBeLessThan(24 * MIB);
  });
});
