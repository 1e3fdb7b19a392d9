/** The package without Node: in a bare JavaScript context that has what a browser has of it, and no more. */
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import type * as Reader from '@chipmunk-host/batch';
import { type OutputChunk, rolldown } from 'rolldown';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type BatchVector,
  batchVectors,
  describeAttachment,
  describeHeader,
  KIND_NAMES,
  recordVectors,
} from './vectors.js';

const SECOND = 1_000_000_000n;

const ENTRY = new URL('../dist/index.js', import.meta.url).pathname;
const MOST_BYTES = 12 * 1024;

/** Refuses shared memory, as browsers do. */
class BrowserTextDecoder extends TextDecoder {
  override decode(bytes?: Uint8Array): string {
    if (bytes?.buffer instanceof SharedArrayBuffer)
      throw new TypeError('The provided ArrayBufferView value must not be shared.');
    return super.decode(bytes);
  }
}

async function bundle(minify: boolean): Promise<string> {
  await using build = await rolldown({ input: ENTRY });
  const { output } = await build.generate({ format: 'iife', name: 'reader', minify });
  return (output[0] as OutputChunk).code;
}

let reader: typeof Reader;

beforeAll(async () => {
  const context = createContext({ TextDecoder: BrowserTextDecoder, TextEncoder });
  runInContext(await bundle(false), context);
  for (const name of ['Buffer', 'process', 'require', 'global', 'setTimeout', 'btoa'])
    expect(runInContext(`typeof ${name}`, context)).toBe('undefined');
  reader = runInContext('reader', context) as typeof Reader;
});

test(`takes less than ${MOST_BYTES} bytes, minified and compressed`, async () => {
  expect(gzipSync(await bundle(true)).length).toBeLessThan(MOST_BYTES);
});

const memories = {
  'memory of its own': (bytes: Uint8Array) => Uint8Array.from(bytes),
  'shared memory': (bytes: Uint8Array) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared;
  },
};

describe.each(Object.entries(memories))('in %s', (_, place) => {
  test.each(batchVectors)('$name is read', ({ bytes, description }) => {
    const batch = reader.Batch.from(place(bytes));
    expectBatch(batch, description);
    expectBatch(batch.retain(), description);
    expect(Buffer.from(batch.bytes)).toEqual(Buffer.from(bytes));
  });

  test.each(recordVectors)('$name is read', ({ bytes, description: { about, source, ...record } }) => {
    const element = reader.readElement(place(bytes));
    expect(plain(element)).toEqual(record);
    expect(plain(element.retain())).toEqual(record);
    expect(Buffer.from(element.bytes)).toEqual(Buffer.from(bytes));
    expect(element.sourceName).toBe(source?.name);
  });

  test.each(batchVectors.filter(({ name }) => name.startsWith('v2/')))(
    '$name gets a header',
    ({ bytes, description }) => {
      const set = reader.Batch.from(place(bytes)).withHeader(
        { job: 'x', digest: Uint8Array.of(1) },
        { number: 9, name: 'ü' },
      );
      const batch = reader.Batch.from(place(Buffer.concat(set)));
      expectBatch(batch, description);
      expect(describeHeader(batch.header)).toEqual({ ...description.header, job: 'x', digest: { hex: '01' } });
      expect(plain(batch.sources)).toEqual([{ number: 9, name: 'ü' }]);
    },
  );

  test('all of them are read, one behind the other', () => {
    const all = Buffer.concat([...batchVectors, ...recordVectors].map(({ bytes }) => bytes));
    const counts = [...reader.readStream(place(all))].map((element) =>
      element.type === 'batch' ? element.count : element.type,
    );
    expect(counts).toEqual([
      ...batchVectors.map(({ description }) => itemsOf(description).length),
      ...recordVectors.map(({ description }) => description.type),
    ]);
  });
});

test('damage is an error with a code', () => {
  const { bytes } = batchVectors[0] as { bytes: Uint8Array };
  expect(() => reader.Batch.from(bytes.subarray(1))).toThrow(expect.objectContaining({ code: 'ERR_BATCH_FORMAT' }));
});

/** Compares every access with what the description says. */
function expectBatch(batch: Reader.Batch, description: BatchVector): void {
  const expected = itemsOf(description);
  const kinds = expected.map(({ kind }) => kind.replace('joined ', ''));
  const items = [...batch];
  const texts = expected.map(({ strings }) => strings.join('\u0004'));
  expect(batch.offset).toBe(Number(description.offset));
  expect(items.map(({ kind }) => KIND_NAMES[kind])).toEqual(kinds);
  expect(items.map(({ entry }) => KIND_NAMES[batch.kind(entry)])).toEqual(kinds);
  expect(items.map(({ wasJoined }) => wasJoined)).toEqual(expected.map(({ kind }) => kind.startsWith('joined ')));
  expect(items.map(({ time }) => time?.toString())).toEqual(expected.map(({ time }) => time));
  expect(items.map(({ length }) => length)).toEqual(expected.map(({ consumed }) => consumed));
  expect(items.map(({ text }) => text)).toEqual(texts);
  expect(items.map(({ entry }) => batch.text(entry))).toEqual(texts);
  expect(plain(items.map(({ columns }) => columns))).toEqual(expected.map(({ strings }) => strings));
  expect(plain(items.map(({ entry }) => batch.columnsOf(entry)))).toEqual(expected.map(({ strings }) => strings));
  expect(items.map(({ encodedColumns }) => Array.from(encodedColumns, utf8))).toEqual(
    expected.map(({ strings }) => strings),
  );
  expect(items.map(({ attachment }) => attachment && describeAttachment(attachment))).toEqual(
    expected.map(({ attachment }) => attachment),
  );
  const seen: string[] = [];
  batch.forEachText((text) => seen.push(text));
  expect(seen).toEqual(texts);
  const lines = expected.filter(({ kind }) => kind !== 'attachment').map(({ strings }) => `>${strings.join('\t')}\n`);
  expect(Array.from(batch.encodedLines('\t', '>'), utf8).join('')).toBe(lines.join(''));
  expect(plain(batch)).toMatchObject({ count: expected.length, entries: description.entries.length });
  for (const [index, item] of items.entries()) {
    const { consumed, strings, time, attachment } = expected[index] as BatchVector['entries'][number];
    const kind = kinds[index] as string;
    const content = kind.startsWith('line')
      ? { text: strings[0] }
      : kind.startsWith('columns')
        ? { columns: strings }
        : {};
    const base64 = attachment && Buffer.from(attachment.data, 'hex').toString('base64');
    expect(plain(item)).toEqual({
      offset: item.offset,
      length: consumed,
      ...(time && { time: isoTime(BigInt(time)) }),
      ...content,
      ...(attachment && { attachment: expect.objectContaining({ name: attachment.name, data: base64 }) }),
    });
  }
}

function itemsOf({ entries }: BatchVector): BatchVector['entries'] {
  return entries.filter(({ kind }) => kind !== 'skipped');
}

/** As JSON has it; what comes out of the context has other prototypes. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** By whole seconds and what is left of them. */
function isoTime(time: bigint): string {
  const nanoseconds = ((time % SECOND) + SECOND) % SECOND;
  const seconds = (time - nanoseconds) / SECOND;
  const text = new Date(Number(seconds) * 1000).toISOString();
  return text.replace('.000Z', `.${String(nanoseconds).padStart(9, '0')}Z`);
}
