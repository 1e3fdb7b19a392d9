import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  ArrowOutput,
  BatchEncoder,
  type EncodedFormat,
  type EncodingOptions,
  type IngestOptions,
  IngestSession,
} from '@chipmunk-host/hosts';
import { beforeAll, describe, expect, test } from 'vitest';
import { setScene } from '../faults/scene.js';
import { readArrow, referenceRows } from './arrow-reader.js';
import { seeded } from './random-batches.js';

const scene = setScene();

/** Lines of many lengths: of nothing, of a few bytes, and of more than a slot of 4 KiB. */
function content(lines: number): Buffer {
  const random = seeded(7);
  const text = Array.from({ length: lines }, (_, number) => {
    const long = random() < 0.02 ? '"\\\t\u0001ä,'.repeat(Math.floor(random() * 2000)) : '';
    return `${number} ${random() < 0.3 ? 'say "yes", or\tno' : ''}${long}🐿️`;
  });
  return Buffer.from(`${text.join('\n')}\n`);
}

type Options = Partial<Omit<IngestOptions, 'source'>>;
type Encoding = Omit<EncodingOptions, 'format'>;

interface Written {
  readonly bytes: Buffer;
  readonly output: string;
  readonly items: number;
  readonly types: readonly string[];
}

/** All that a session writes. Checks that every byte of the input is accounted for, in order. */
async function written(session: IngestSession, format: EncodedFormat, options?: Encoding): Promise<Written> {
  const pieces: Uint8Array[] = [];
  const types: string[] = [];
  let items = 0;
  let offset = 0;
  for await (const element of session.encoded(format, options)) {
    expect(element.offset).toBe(offset);
    offset += element.consumedBytes;
    types.push(element.type);
    if (element.type !== 'encoded') continue;
    items += element.count;
    pieces.push(Uint8Array.from(element.bytes));
  }
  expect(session.summary).toMatchObject({ bytes: offset, items });
  const bytes = Buffer.concat(pieces);
  return { bytes, output: bytes.toString(), items, types };
}

/** The rows of Arrow that the items of the same session are to become. */
async function expectedRows(file: string, options: Options, encoding: EncodingOptions) {
  const session = await scene.open({ ...options, source: { file } });
  const captions = session.info.renderOptions.columns?.columns.map(({ caption }) => caption) ?? [];
  const rows: unknown[] = [];
  for await (const batch of session.batches()) rows.push(...referenceRows(batch, encoding, captions, false));
  return rows;
}

/** What the batches of the same session become on the main thread. */
async function expected(file: string, options: Options, format: EncodedFormat, encoding?: Encoding): Promise<string> {
  const session = await scene.open({ ...options, source: { file } });
  const encoder = new BatchEncoder({ ...encoding, format }, session.info.renderOptions);
  const pieces: Uint8Array[] = [encoder.header];
  for await (const batch of session.batches()) pieces.push(...encoder.encode(batch));
  return Buffer.concat(pieces).toString();
}

const SMALL_RING = { ring: { slots: 2, slotBytes: 4096 } };
const PARALLEL = { parallel: { instances: 3, boundary: 'newline', splitBytes: 20_000 } } as const;

describe('a session that is encoded by its worker', () => {
  let file = '';
  beforeAll(async () => {
    file = await scene.input(content(3000));
  });

  test.each<[string, Options]>([
    ['alone', {}],
    ['through slots that are smaller than some rows', SMALL_RING],
    ['a few items at a time', { window: { bytes: 60 } }],
    ['by several instances', PARALLEL],
    ['through bindings', { bindingsOnly: true }],
    ['with columns', { config: { columns: true } }],
  ])('writes what its batches become, %s', async (_, options) => {
    for (const [format, encoding] of [
      ['text', { source: 'the input' }],
      ['ndjson', {}],
      ['csv', { guardFormulas: true, fields: ['offset', 'text'] }],
    ] as const) {
      const session = await scene.open({ ...options, source: { file } });
      const { output, items } = await written(session, format, encoding);
      expect(session.summary).toMatchObject({ status: 'completed', skippedBytes: 0 });
      expect(items).toBe(3000);
      expect(output === (await expected(file, options, format, encoding)), format).toBe(true);
    }
  });

  test.each<[string, Options]>([
    ['alone', {}],
    ['through small slots', SMALL_RING],
    ['by several instances', PARALLEL],
  ])('copies the input of the items, %s', async (_, options) => {
    const session = await scene.open({ ...options, source: { file } });
    const { output } = await written(session, 'raw');
    expect(output === content(3000).toString()).toBe(true);
  });

  test('writes the same when the main thread encodes, since it was asked too late', async () => {
    const session = await scene.open({ source: { file } });
    await setImmediate();
    const { output } = await written(session, 'ndjson');
    expect(output === (await expected(file, {}, 'ndjson'))).toBe(true);
  });

  test('can still be asked for another format when it was too late for raw', async () => {
    const session = await scene.open({ source: { file } });
    await setImmediate();
    expect(() => session.encoded('raw')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    const { output } = await written(session, 'text');
    expect(output === (await expected(file, {}, 'text'))).toBe(true);
  });

  test('reads streams, of which the input is read once more for raw', async () => {
    const { stringParser: component, pool } = scene;
    const bytes = content(500);
    for (const format of ['raw', 'text'] as const) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, n) =>
        bytes.subarray(n * 1000, n * 1000 + 1000),
      );
      const session = await IngestSession.open({ component, pool, source: { stream: chunks } });
      expect((await written(session, format)).output === bytes.toString()).toBe(true);
    }
  });
});

describe.each(['arrow', 'arrow-file'] as const)('a session as %s', (format) => {
  let file = '';
  beforeAll(async () => {
    file = await scene.input(content(3000));
  });

  test.each<[string, Options, Encoding]>([
    ['alone', {}, {}],
    ['through slots that are smaller than some rows', SMALL_RING, {}],
    ['a few items at a time', { window: { bytes: 60 } }, { batchRows: 2 }],
    ['by several instances', PARALLEL, { source: 'the input' }],
    ['with columns', { config: { columns: true } }, {}],
  ])('has the rows of its batches, %s', async (_, options, encoding) => {
    const session = await scene.open({ ...options, source: { file } });
    const { bytes, items } = await written(session, format, encoding);
    expect(session.summary).toMatchObject({ status: 'completed', skippedBytes: 0 });
    const { rows, batches } = readArrow(bytes);
    expect(rows).toHaveLength(items);
    expect(Math.max(...batches)).toBeLessThanOrEqual(encoding.batchRows ?? items);
    const expected = await expectedRows(file, options, { ...encoding, format });
    expect(isDeepStrictEqual(rows, expected)).toBe(true);
  });

  test('has the same rows when the main thread encodes, since it was asked too late', async () => {
    const session = await scene.open({ source: { file } });
    await setImmediate();
    const { bytes } = await written(session, format);
    expect(isDeepStrictEqual(readArrow(bytes).rows, await expectedRows(file, {}, { format }))).toBe(true);
  });

  test('ends as a stream does, and not when it is left', async () => {
    const session = await scene.open({ source: { file } });
    const { rows } = readArrow(await buffer(session.readable({ as: format })));
    expect(rows).toHaveLength(3000);
    const left = await scene.open({ source: { file } });
    const output = new ArrowOutput(format);
    for await (const element of left.encoded(format, { output })) if (element.type === 'encoded') break;
    expect(output.end().length).toBeGreaterThan(0);
  });

  test.each<[string, Options, Encoding]>([
    ['', {}, {}],
    [' through small slots', SMALL_RING, {}],
    [' in small record batches', {}, { batchRows: 5 }],
  ])('has what is selected, and ends behind the last item of a limit%s', async (_, options, encoding) => {
    const select = { match: ['say'], skip: 10, limit: 200 };
    const session = await scene.open({ ...options, source: { file }, select });
    const bytes = await buffer(session.readable({ as: format, encoding }));
    const { rows } = readArrow(bytes);
    const all = await expectedRows(file, {}, { format });
    const said = all.filter((row) => /say/.test(String((row as { readonly text: string }).text)));
    expect(isDeepStrictEqual(rows, said.slice(10, 210))).toBe(true);
  });

  test('has nothing of what a plugin failed on', async () => {
    const lines = Array.from({ length: 300 }, (_, number) => (number % 50 === 20 ? '!trap' : `line ${number}`));
    const source = { file: await scene.input(`${lines.join('\n')}\n`) };
    const session = await scene.open({ component: scene.faulty, ...SMALL_RING, source });
    const { bytes, types } = await written(session, format, { fields: ['text'] });
    expect(types.filter((type) => type === 'gap')).toHaveLength(6);
    expect(readArrow(bytes).rows).toEqual(lines.filter((line) => line !== '!trap').map((text) => ({ text })));
  });
});

describe('a plugin that fails while its items are encoded', () => {
  const lines = Array.from({ length: 300 }, (_, number) => (number % 50 === 20 ? '!trap' : `line ${number}`));
  const good = lines.filter((line) => line !== '!trap');

  test.each<[string, Options, EncodedFormat]>([
    ['alone', {}, 'text'],
    ['through small slots', SMALL_RING, 'text'],
    ['as raw', {}, 'raw'],
    ['by several instances', { parallel: { instances: 3, boundary: 'newline', splitBytes: 500 } }, 'text'],
  ])('is replaced, and nothing is written twice or lost: %s', async (_, options, format) => {
    const source = { file: await scene.input(`${lines.join('\n')}\n`) };
    const session = await scene.open({ component: scene.faulty, ...options, source });
    const { output, types } = await written(session, format);
    expect(output).toBe(`${good.join('\n')}\n`);
    expect(types.filter((type) => type === 'gap')).toHaveLength(6);
    expect(session.summary).toMatchObject({ status: 'completed', items: good.length, gaps: 6, gapBytes: 36 });
  });

  test('also when its thread is lost with it', async () => {
    const text = `${Array.from({ length: 2000 }, (_, n) => (n === 1500 ? '!loop' : `line ${n}`)).join('\n')}\n`;
    const source = { file: await scene.input(text) };
    const options = { window: { bytes: 1000 }, recovery: { narrowingMs: 0 }, deadlineMs: 300 };
    const session = await scene.open({ component: scene.faulty, ...options, ...SMALL_RING, source });
    const { output } = await written(session, 'text');
    const { gapBytes, gaps } = session.summary;
    expect(gaps).toBe(1);
    const without = output.split('\n');
    expect(new Set(without).size).toBe(without.length);
    expect(Buffer.byteLength(output)).toBe(text.length - gapBytes);
  });
});

describe('the iteration over encoded items', () => {
  test('ends the session when it is left, and releases what it delivered', async () => {
    const session = await scene.open({ source: { file: await scene.input(content(20_000)) } });
    const kept: { bytes: Uint8Array }[] = [];
    for await (const element of session.encoded('text')) {
      if (element.type !== 'encoded') continue;
      kept.push(element, element.retain());
      if (kept.length > 2) break;
    }
    expect(session.summary.status).toBe('stopped');
    expect(() => kept[0]?.bytes).toThrow(expect.objectContaining({ code: 'ERR_BATCH_RELEASED' }));
    expect(kept[1]?.bytes.length).toBeGreaterThan(0);
  });

  test('is the only one', async () => {
    const session = await scene.open({ source: { file: await scene.input('line\n') } });
    const elements = session.encoded('text');
    await expect(session.next()).rejects.toMatchObject({ code: 'ERR_SESSION_TAKEN' });
    expect(() => session.encoded('text')).toThrow(expect.objectContaining({ code: 'ERR_SESSION_TAKEN' }));
    expect(() => session.readable()).toThrow(expect.objectContaining({ code: 'ERR_SESSION_TAKEN' }));
    await elements.return(undefined);
    await session.close();
  });

  test.each<[string, EncodedFormat, Encoding]>([
    ['an unknown format', 'xml' as EncodedFormat, {}],
    ['an unknown option', 'text', { sep: ',' } as Encoding],
    ['a column that the parser has not', 'csv', { columns: ['nope'] }],
  ])('refuses %s', async (_, format, options) => {
    await using session = await scene.open({ source: { file: await scene.input('line\n') } });
    expect(() => session.encoded(format, options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });

  test('refuses raw when the worker makes batches already', async () => {
    await using session = await scene.open({ source: { file: await scene.input('line\n') } });
    await session.next();
    expect(() => session.encoded('raw')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });
});

test('a session that is closed before it began ends', async () => {
  const session = await scene.open({ source: { file: await scene.input('line\n') } });
  await session.close();
  expect(session.summary.status).toBe('stopped');
});
