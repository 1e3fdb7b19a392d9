import { readdirSync, readFileSync } from 'node:fs';
import { Batch, BatchElement, BatchFlag, VARYING_STRINGS } from '@chipmunk-host/batch';
import { decode } from '@msgpack/msgpack';
import { Unpackr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import {
  encodeVector,
  KIND_NAMES,
  type Vector,
  type VectorAttachment,
  type VectorEntry,
} from '../scripts/vector-encoding.mjs';

const FOLDER = new URL('./vectors/', import.meta.url);
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

const decoders: Record<string, (bytes: Uint8Array) => unknown> = {
  '@msgpack/msgpack': (bytes) => decode(bytes, { useBigInt64: true }),
  msgpackr: (bytes) => new Unpackr({ int64AsType: 'bigint', mapsAsObjects: true }).unpack(bytes),
};

describe.each(NAMES)('vector %s', (name) => {
  const bytes = readFileSync(new URL(`${name}.msgpack`, FOLDER));
  const vector = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Vector;

  test('is what the encoder writes', () => {
    expect(Buffer.from(encodeVector(vector)).equals(bytes)).toBe(true);
  });

  test.each(Object.keys(decoders))('is read by %s and the definition alone', (decoder) => {
    const elements = decoders[decoder]?.(bytes) as unknown[];
    expect(elements.length).toBe(22);
    expect(readPlain(elements)).toEqual(vector.entries);
    expect(elements[BatchElement.version]).toBe(1);
    expect(elements[BatchElement.items]).toBe(vector.entries.filter(({ kind }) => kind !== 'skipped').length);
    expect(BigInt(elements[BatchElement.offset] as bigint)).toBe(BigInt(vector.offset));
    expect(Number(elements[BatchElement.bytes])).toBe(sum(vector.entries));
    expect(Number(elements[BatchElement.skippedBytes])).toBe(
      sum(vector.entries.filter(({ kind }) => kind === 'skipped')),
    );
  });

  test('begins its tables at multiples of 8', () => {
    const { buffer } = Uint8Array.from(bytes);
    const elements = decode(new Uint8Array(buffer)) as unknown[];
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
    expect(batch.offset).toBe(Number(vector.offset));
    const items = vector.entries.filter(({ kind }) => kind !== 'skipped');
    expect([...batch].map((item) => KIND_NAMES[item.kind])).toEqual(items.map(({ kind }) => kind));
    expect([...batch].map((item) => item.columns)).toEqual(items.map(({ strings }) => strings));
    const encoded = [...batch].map(({ encodedColumns }) => encodedColumns.map((column) => column.toString()));
    expect(encoded).toEqual(items.map(({ strings }) => strings));
    expect([...batch].map((item) => item.text)).toEqual(items.map(({ strings }) => strings.join('\u0004')));
    expect([...batch].map((item) => item.length)).toEqual(items.map(({ consumed }) => consumed));
    expect([...batch].map((item) => item.attachment && describeAttachment(item.attachment))).toEqual(
      items.map(({ attachment }) => attachment),
    );
  });
});

/** A reader that uses nothing but docs/batch-format.md and decoded msgpack. */
function readPlain(elements: unknown[]): VectorEntry[] {
  const numbers = (index: number): number[] => {
    const table = elements[index] as Uint8Array;
    const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
    return Array.from({ length: table.byteLength / 4 }, (_, i) => view.getUint32(i * 4, true));
  };
  const kinds = [...(elements[BatchElement.kinds] as Uint8Array)];
  const consumed = numbers(BatchElement.consumed);
  const counts = numbers(BatchElement.stringCounts);
  const ends = numbers(BatchElement.textEnds);
  const unitEnds = numbers(BatchElement.unitEnds);
  const text = elements[BatchElement.text] as Uint8Array;
  const ascii = ((elements[BatchElement.flags] as number) & BatchFlag.ascii) !== 0;
  const whole = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(text);
  const perEntry = elements[BatchElement.stringsPerEntry] as number;
  const first = (entry: number) => (perEntry === VARYING_STRINGS ? (counts[entry - 1] ?? 0) : entry * perEntry);
  const string = (s: number) => {
    const bytes = text.subarray(ends[s - 1] ?? 0, ends[s]);
    const decoded = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes);
    const unitTable = ascii ? ends : unitEnds;
    expect(whole.slice(unitTable[s - 1] ?? 0, unitTable[s])).toBe(decoded);
    return decoded;
  };
  const attachments = new Map(
    (elements[BatchElement.attachments] as PlainAttachment[]).map((attachment) => [attachment.entry, attachment]),
  );
  return kinds.map((kind, entry) => {
    const attachment = attachments.get(entry);
    return {
      kind: KIND_NAMES[kind] as string,
      consumed: consumed[entry] as number,
      strings: Array.from({ length: first(entry + 1) - first(entry) }, (_, s) => string(first(entry) + s)),
      ...(attachment === undefined ? {} : { attachment: describeAttachment(attachment) }),
    };
  });
}

interface PlainAttachment {
  readonly entry: number;
  readonly name: string;
  readonly size: bigint | number;
  readonly created: string | null;
  readonly modified: string | null;
  readonly messages: Iterable<bigint | number>;
  readonly data: Uint8Array;
}

function describeAttachment(attachment: {
  readonly name: string;
  readonly size: bigint | number;
  readonly created?: string | null | undefined;
  readonly modified?: string | null | undefined;
  readonly messages: Iterable<bigint | number>;
  readonly data: Uint8Array;
}): VectorAttachment {
  return {
    name: attachment.name,
    size: String(attachment.size),
    created: attachment.created ?? null,
    modified: attachment.modified ?? null,
    messages: [...attachment.messages].map(String),
    data: Buffer.from(attachment.data).toString('hex'),
  };
}

function sum(entries: readonly VectorEntry[]): number {
  return entries.reduce((total, { consumed }) => total + consumed, 0);
}
