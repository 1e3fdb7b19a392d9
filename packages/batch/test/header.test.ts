/** Headers: what those who store and send elements say of them. */
import { Batch, type Header, readElement, readHead } from '@chipmunk-host/batch';
import { decode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StoredElement } from '#stream-element.js';
import { batchVectors, recordVectors } from './vectors.js';

const version2 = [...batchVectors, ...recordVectors].filter(({ name }) => name.startsWith('v2/'));
const failsWith = (code: string) => expect.objectContaining({ code });
const bytesOf = (parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));

function vector(name: string): Uint8Array {
  const found = [...batchVectors, ...recordVectors].find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no vector ${name}`);
  return found.bytes;
}

const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double({ noNaN: true }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }),
);
/** `toEqual` cannot compare an own member of that name; msgpack-value.test.ts has it. */
const key = fc.string({ maxLength: 20 }).filter((name) => name !== '__proto__');
const header: fc.Arbitrary<Header> = fc.dictionary(key, value, { noNullPrototype: true });

describe.each(version2)('of $name', ({ bytes, description }) => {
  test('any can be set, and nothing else changes', () => {
    fc.assert(
      fc.property(header, (set) => {
        const before = readElement(bytes);
        const [prefix, rest] = before.withHeader({ ...undefinedOf(before.header), ...set });
        expect(prefix.length % 8).toBe(0);
        expect(rest.buffer).toBe(before.bytes.buffer);
        const after = bytesOf([prefix, rest]);
        expect(readHead(after)).toEqual({
          ...readHead(bytes),
          byteLength: after.length,
          prefixBytes: prefix.length,
        });
        const element = readElement(after);
        expect(element.header).toEqual(set);
        expect(element.sources).toEqual(before.sources);
        expect(contentOf(element)).toEqual(contentOf(before));
        // Any decoder of msgpack finds the whole value.
        expect((decode(after, { useBigInt64: true }) as unknown[]).length).toBe(before.type === 'batch' ? 32 : 18);
      }),
      { numRuns: 30 },
    );
  });

  test('one source can be set in place of another', () => {
    const source = { number: 7, name: 'seven', machine: 'b' };
    const element = readElement(bytesOf(readElement(bytes).withHeader({}, source)));
    expect(element).toMatchObject({ source: 7, sourceName: 'seven', sources: [source] });
    expect(element.header).toEqual(readElement(bytes).header);
    expect(element.offset).toBe(Number(description.offset));
  });
});

describe('a header', () => {
  const batch = () => Batch.from(vector('v2/header'));

  test('keeps what is not named, known or not', () => {
    const changed = Batch.from(bytesOf(batch().withHeader({ piece: undefined, job: 'other', added: 1 })));
    const { piece, ...rest } = batch().header;
    expect(piece).toBe(-3);
    expect(changed.header).toEqual({ ...rest, job: 'other', added: 1 });
  });

  test.each<[string, Record<string, unknown>]>([
    ['a list', { key: [1] }],
    ['an object', { key: {} }],
    ['a function', { key: () => 1 }],
    ['an integer of more than 64 bits', { key: 2n ** 64n }],
    ['more than 64 KiB', { key: 'x'.repeat(65_536) }],
  ])('of %s is refused', (_, changes) => {
    expect(() => batch().withHeader(changes as Header)).toThrow(failsWith('ERR_INVALID_OPTION'));
  });

  test.each([{ number: -1, name: '' }, { number: 2 ** 32, name: '' }, { number: 0.5, name: '' }, { number: 1 }])(
    'with the source %j is refused',
    (source) => {
      expect(() => batch().withHeader({}, source as never)).toThrow(failsWith('ERR_INVALID_OPTION'));
    },
  );

  test('cannot be set in version 1, where it is empty', () => {
    for (const name of ['v1/lines', 'v1/gap']) {
      const element = readElement(vector(name));
      expect(element).toMatchObject({ header: {}, sources: [], source: 0, sourceName: undefined });
      expect(() => element.withHeader({})).toThrow(failsWith('ERR_INVALID_OPTION'));
    }
  });

  test('is refused with tables of almost 4 GiB', () => {
    // Bytes that say that so many follow their prefix: the memory is not needed.
    class Huge extends StoredElement {
      readonly bytes: Uint8Array;

      constructor(bytes: Uint8Array, restBytes: number) {
        super(0, readHead(bytes).prefixBytes);
        const subarray = (start: number, end?: number) =>
          end === undefined ? { length: restBytes } : Uint8Array.prototype.subarray.call(bytes, start, end);
        this.bytes = Object.assign(Uint8Array.from(bytes), { subarray }) as Uint8Array;
      }
    }
    expect(() => new Huge(vector('v2/header'), 0xffff_ffff).withHeader({})).toThrow(failsWith('ERR_INVALID_OPTION'));
    expect(new Huge(vector('v2/header'), 0xff00_0000).withHeader({})[1].length).toBe(0xff00_0000);
  });

  test('may fill the prefix up to its limit', () => {
    const [prefix] = batch().withHeader({ key: 'x'.repeat(65_000) });
    expect(prefix.length).toBeGreaterThan(65_000);
    expect(prefix.length).toBeLessThanOrEqual(65_536);
  });
});

describe('damage', () => {
  const cases: [string, (bytes: Uint8Array) => void][] = [
    ['another version', (bytes) => (bytes[3] = 3)],
    ['another type', (bytes) => (bytes[4] = 3)],
    ['a type that it is not', (bytes) => (bytes[4] = 1)],
    ['a flag that is not known', (bytes) => (bytes[7] = 2)],
    ['a byte length that is too small', (bytes) => (bytes[12] = 8)],
    ['a byte length that is too large', (bytes) => (bytes[9] = 1)],
    ['a prefix that is no multiple of 8', (bytes) => bytes[17] !== undefined && bytes[17]++],
    ['a prefix that is longer than all of it', (bytes) => (bytes[16] = 0xff)],
    ['more items than entries', (bytes) => (bytes[47] = 1)],
    ['a number of another type', (bytes) => (bytes[8] = 0xcf)],
  ];

  test.each(cases)('%s is refused at once', (_, damage) => {
    const bytes = Uint8Array.from(vector('v2/lines'));
    damage(bytes);
    expect(() => readElement(bytes)).toThrow(failsWith('ERR_BATCH_FORMAT'));
  });

  test('a header that is none is refused when it is asked for', () => {
    const bytes = Uint8Array.from(vector('v2/lines'));
    const labelBytes = 1 + ((bytes[65] as number) & 0x1f);
    bytes[65 + labelBytes] = 0xc0;
    const batch = Batch.from(bytes);
    expect([...batch].length).toBe(batch.count);
    expect(() => batch.header).toThrow(failsWith('ERR_BATCH_FORMAT'));
  });

  test('a joined line is refused, and so is joined text in version 1', () => {
    for (const [name, kind] of [
      ['v2/lines', 9],
      ['v1/columns', 10],
    ] as const) {
      const bytes = Uint8Array.from(vector(name));
      const label = Buffer.from(bytes).indexOf('kinds');
      const data = Math.ceil((label + 5 + 5) / 8) * 8;
      bytes[data] = kind;
      expect(() => [...Batch.from(bytes)]).toThrow(failsWith('ERR_BATCH_FORMAT'));
    }
  });

  test('of any bytes is refused, or read without leaving them', () => {
    fc.assert(
      fc.property(
        fc.nat(version2.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        (which, changes) => {
          const bytes = Uint8Array.from(version2[which]?.bytes ?? []);
          for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
          try {
            const element = readElement(bytes);
            element.toJSON();
            element.header;
            element.sources;
            if (element.type === 'batch') for (const item of element) JSON.stringify(item);
          } catch (error) {
            expect(error).toEqual(failsWith('ERR_BATCH_FORMAT'));
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});

function undefinedOf(header: Header): Record<string, undefined> {
  return Object.fromEntries(Object.keys(header).map((key) => [key, undefined]));
}

function contentOf(element: ReturnType<typeof readElement>): unknown {
  return element.type === 'batch' ? [...element].map((item) => item.toJSON()) : element.toJSON();
}
