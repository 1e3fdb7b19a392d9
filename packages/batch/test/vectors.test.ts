import { Batch } from '@chipmunk-host/batch';
import { decode } from '@msgpack/msgpack';
import { Unpackr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { readVersion1 } from './plain-reader.js';
import { batchVectors, consumedBy, describeAttachment, KIND_NAMES, recordVectors } from './vectors.js';

const decoders: Record<string, (bytes: Uint8Array) => unknown> = {
  '@msgpack/msgpack': (bytes) => decode(bytes, { useBigInt64: true }),
  msgpackr: (bytes) => new Unpackr({ int64AsType: 'bigint', mapsAsObjects: true }).unpack(bytes),
};

describe.each(batchVectors)('vector $name', ({ bytes, description: { offset, entries } }) => {
  const items = entries.filter(({ kind }) => kind !== 'skipped');

  test.each(Object.keys(decoders))('is read by %s and the definition alone', (decoder) => {
    expect(readVersion1(decoders[decoder]?.(bytes) as unknown[])).toEqual({
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
    expect([...batch].map((item) => KIND_NAMES[item.kind])).toEqual(items.map(({ kind }) => kind));
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
  });
});

describe.each(recordVectors)('vector $name', ({ bytes, description: { about, ...record } }) => {
  test('is read', () => {
    expect(Batch.from(bytes).record).toEqual(record);
  });
});
