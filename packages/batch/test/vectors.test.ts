import { Batch, readElement, readHead, readStream } from '@chipmunk-host/batch';
import { decode, ExtensionCodec } from '@msgpack/msgpack';
import { Unpackr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { readPlain } from './plain-reader.js';
import {
  batchVectors,
  consumedBy,
  describeAttachment,
  describeHeader,
  KIND_NAMES,
  recordVectors,
  type VectorEntry,
} from './vectors.js';

/** Version 1 has an extension for what is missing. */
const extensionCodec = new ExtensionCodec();
extensionCodec.register({ type: 0, encode: () => null, decode: () => undefined });

const decoders: Record<string, (bytes: Uint8Array) => unknown> = {
  '@msgpack/msgpack': (bytes) => decode(bytes, { useBigInt64: true, extensionCodec }),
  msgpackr: (bytes) => new Unpackr({ int64AsType: 'bigint', mapsAsObjects: true }).unpack(bytes),
};
const isVersion1 = (name: string) => name.startsWith('v1/');

/** The kind without what it says of how the columns were delivered. */
const plainKind = ({ kind }: VectorEntry) => kind.replace('joined ', '');

/** What only elements of version 2 say. */
function origin(name: string, bytes: Uint8Array, { source, header }: { source?: object; header?: object }): object {
  return isVersion1(name) ? {} : { byteLength: bytes.length, source: source ?? { number: 0 }, header: header ?? {} };
}

describe.each(batchVectors)('vector $name', ({ name, bytes, description }) => {
  const { offset, entries } = description;
  const items = entries.filter(({ kind }) => kind !== 'skipped');

  test.each(Object.keys(decoders))('is read by %s and the definition alone', (decoder) => {
    expect(readPlain(decoders[decoder]?.(bytes) as unknown[])).toEqual({
      type: 'batch',
      ...origin(name, bytes, description),
      offset: BigInt(offset),
      bytes: consumedBy(entries),
      items: items.length,
      skippedBytes: consumedBy(entries.filter(({ kind }) => kind === 'skipped')),
      entries,
    });
  });

  test('begins its tables at multiples of 8', () => {
    const elements = decode(Uint8Array.from(bytes)) as unknown[];
    for (const element of elements.filter((value) => value instanceof Uint8Array))
      expect(element.byteOffset % 8).toBe(0);
  });

  test.each(['\t', '', ' | ', 'ü'])(
    'has as lines of UTF-8 what its items say, with %j between columns',
    (separator) => {
      const batch = Batch.from(bytes);
      const lines = [...batch]
        .filter(({ kind }) => KIND_NAMES[kind] !== 'attachment')
        .map(({ columns }) => `${columns.join(separator)}\n`);
      expect(Buffer.concat([...batch.encodedLines(separator)]).toString()).toBe(lines.join(''));
    },
  );

  test('is read by Batch', () => {
    const batch = Batch.from(bytes);
    expect(batch.offset).toBe(Number(offset));
    expect([...batch].map((item) => KIND_NAMES[item.kind])).toEqual(items.map(plainKind));
    expect([...batch].map((item) => item.wasJoined)).toEqual(items.map(({ kind }) => kind.startsWith('joined ')));
    expect([...batch].map((item) => item.time)).toEqual(
      items.map(({ time }) => (time === undefined ? undefined : BigInt(time))),
    );
    expect(batch.hasTimes).toBe(items.some(({ time }) => time !== undefined));
    expect([...batch].map((item) => item.columns)).toEqual(items.map(({ strings }) => strings));
    const encoded = [...batch].map(({ encodedColumns }) =>
      encodedColumns.map((column) => Buffer.from(column).toString()),
    );
    expect(encoded).toEqual(items.map(({ strings }) => strings));
    expect([...batch].map((item) => item.text)).toEqual(items.map(({ strings }) => strings.join('\u0004')));
    expect([...batch].map((item) => item.length)).toEqual(items.map(({ consumed }) => consumed));
    expect([...batch].map((item) => item.attachment && describeAttachment(item.attachment))).toEqual(
      items.map(({ attachment }) => attachment),
    );
    const { source, header = {} } = description;
    expect(batch.source).toBe(source?.number ?? 0);
    expect(batch.sourceName).toBe(source?.name);
    expect(batch.sources).toEqual(source === undefined ? [] : [source]);
    expect(describeHeader(batch.header)).toEqual(header);
  });
});

describe.each(recordVectors)('vector $name', ({ name, bytes, description }) => {
  const { about, source, header, ...record } = description;
  const { type, offset, length, ...fields } = record;

  test.each(Object.keys(decoders))('is read by %s and the definition alone', (decoder) => {
    const read = readPlain(decoders[decoder]?.(bytes) as unknown[]);
    const origins = origin(name, bytes, description);
    expect(JSON.parse(JSON.stringify({ ...read, offset: Number(read.offset) }, plainIntegers))).toEqual({
      type,
      ...origins,
      offset,
      bytes: length,
      fields,
    });
  });

  test('is read', () => {
    const element = readElement(bytes);
    expect(element.type).toBe(type);
    expect(JSON.parse(JSON.stringify(element))).toEqual(record);
    expect(element).toMatchObject({ ...record, source: source?.number ?? 0, consumedBytes: length });
    expect(element.sourceName).toBe(source?.name);
  });
});

describe('a file of elements', () => {
  const all = [...batchVectors, ...recordVectors];
  const stored = Buffer.concat(all.map(({ bytes }) => bytes));

  test('is read one behind the other', () => {
    const lengths = Array.from(readStream(stored), ({ bytes }) => bytes.length);
    expect(lengths).toEqual(all.map(({ bytes }) => bytes.length));
  });

  test('that is cut off is read up to there', () => {
    let read = 0;
    const reading = () => {
      for (const _ of readStream(stored.subarray(0, -1))) read++;
    };
    expect(reading).toThrow(expect.objectContaining({ code: 'ERR_BATCH_FORMAT' }));
    expect(read).toBe(all.length - 1);
  });

  test('of version 2 is gone through by heads alone', () => {
    const version2 = all.filter(({ name }) => !isVersion1(name));
    const file = Buffer.concat(version2.map(({ bytes }) => bytes));
    const found: object[] = [];
    for (let at = 0; at < file.length; ) {
      // No more than the head is there.
      const { byteLength, offset } = readHead(file.subarray(at, at + 65));
      found.push({ byteLength, offset });
      at += byteLength;
    }
    expect(found).toEqual(
      version2.map(({ bytes, description }) => ({ byteLength: bytes.length, offset: Number(description.offset) })),
    );
  });
});

function plainIntegers(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
