import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { Batch, readElement, type StreamElement } from '@chipmunk-host/batch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RangeSource, Spool, SpoolReader, type SpoolStore, searchSession, searchSpool } from '#index.js';
import { batchOf, gapOf } from './batches.js';
import { plainSearch } from './search-cases.js';

let root = '';
let counter = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spool-runs-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
const newDirectory = () => join(root, `spool-${counter++}`);

const ROWS = 1000;

/** Batches of 1,000 lines: each hundredth of all has `needle`. */
function batches(count: number, first = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const row = (first + index) * ROWS;
    const lines = Array.from({ length: ROWS }, (_, line) => {
      const number = row + line;
      return `line ${number} ${number % 100 === 7 ? 'needle' : 'hay'} ${'x'.repeat(60)}`;
    });
    return batchOf({ lines, offset: row * 100 });
  });
}

async function spoolOf(elements: readonly Uint8Array[], options: Parameters<typeof Spool.create>[1] = {}) {
  const directory = newDirectory();
  const writer = await Spool.create(directory, options);
  for (const element of elements) await writer.append(element);
  await writer.close();
  return directory;
}

const needles = (rows: number, from = 0) =>
  Array.from({ length: rows }, (_, row) => row).filter((row) => row >= from && row % 100 === 7);

describe('a search of a spool', () => {
  test('gives its first hits before it has searched all, and all of them in their order', async () => {
    await using reader = await Spool.open(await spoolOf(batches(60)));
    const search = await searchSpool(reader, { pattern: 'needle', fixed: true }, { threads: 1 });
    const found: number[] = [];
    let searchedAtFirst: number | undefined;
    for await (const rows of search.hits()) {
      searchedAtFirst ??= search.searchedRows;
      found.push(...rows);
    }
    expect(searchedAtFirst).toBeLessThan(60 * ROWS);
    expect(found).toEqual(needles(60 * ROWS));
    expect(await search.ended).toMatchObject({ rows: 60 * ROWS, hits: [600], isComplete: true, damage: [] });
    // Whoever comes later gets them all, too.
    const again: number[] = [];
    for await (const rows of search.hits()) again.push(...rows);
    expect(again).toEqual(found);
  });

  test('ends when its signal is aborted, and keeps what it has found up to there', async () => {
    await using reader = await Spool.open(await spoolOf(batches(60)));
    const controller = new AbortController();
    const { signal } = controller;
    const search = await searchSpool(reader, { pattern: 'needle' }, { signal, threads: 1 });
    const reason = new Error('enough');
    const found: number[] = [];
    const walk = async () => {
      for await (const rows of search.hits()) {
        found.push(...rows);
        controller.abort(reason);
      }
    };
    await expect(walk()).rejects.toBe(reason);
    await expect(search.ended).rejects.toBe(reason);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(600);
    expect(found).toEqual(needles(60 * ROWS).slice(0, found.length));
    const late = await searchSpool(reader, { pattern: 'needle' }, { signal });
    await expect(late.ended).rejects.toBe(reason);
    expect(late.rows[0]?.size).toBe(0);
  });

  test('ends at its limit, and when it is closed', async () => {
    await using reader = await Spool.open(await spoolOf(batches(60)));
    const limited = await searchSpool(reader, [{ pattern: 'needle' }, { pattern: 'line 7 ' }, { pattern: 'hay' }], {
      limit: 1,
    });
    expect(await limited.ended).toMatchObject({ hits: [1, 1, 1], isComplete: false });
    expect(limited.searchedRows).toBeLessThan(60 * ROWS);
    const closed = await searchSpool(reader, { pattern: 'needle' }, { threads: 1 });
    for await (const _ of closed.hits()) await closed.close();
    expect(await closed.ended).toMatchObject({ isComplete: false });
    expect([...(closed.rows[0] ?? [])]).toEqual(needles(60 * ROWS).slice(0, closed.rows[0]?.size));
  });

  test('searches the rows that it is asked for', async () => {
    await using reader = await Spool.open(await spoolOf(batches(10), { segmentBytes: 256 * 1024 }));
    const search = await searchSpool(reader, { pattern: 'needle' }, { fromRow: 1207, endRow: 8307 });
    await search.ended;
    expect([...(search.rows[0] ?? [])]).toEqual(needles(8307, 1207));
  });

  test('goes on with what is appended, while a block grows and where a segment begins', async () => {
    const directory = newDirectory();
    const writer = await Spool.create(directory, { segmentBytes: 256 * 1024 });
    const all = batches(12);
    await writer.append(all[0] as Uint8Array);
    await using reader = await Spool.open(directory);
    const search = await searchSpool(reader, { pattern: 'needle' }, { follow: true, pollMs: 1 });
    const found: number[] = [];
    let appended = 1;
    for await (const rows of search.hits()) {
      found.push(...rows);
      if (found.length < appended * 10) continue;
      expect(found).toEqual(needles(appended * ROWS));
      if (appended === all.length) await search.close();
      else await writer.append(all[appended++] as Uint8Array);
    }
    expect(found).toEqual(needles(12 * ROWS));
    await writer.close();
  });

  test('passes over damaged frames and names them, each time', async () => {
    const elements = batches(8);
    const directory = await spoolOf([...elements.slice(0, 2), gapOf(10, 10), ...elements.slice(2)]);
    await using reader = await Spool.open(directory);
    const frames = [];
    for await (const frame of reader.frames()) frames.push(frame.bytes);
    const path = join(directory, 'segment-0000000001.frames');
    const whole = await readFile(path);
    const file = await open(path, 'r+');
    // In the text of the third batch, and in what stands before the sixth.
    const [third, sixth] = [frames[3], frames[6]].map((bytes) => whole.indexOf(bytes as Uint8Array)) as [
      number,
      number,
    ];
    await file.write(Buffer.from('#'), 0, 1, third + (frames[3]?.length ?? 0) - 50);
    await file.write(Buffer.from('#'), 0, 1, sixth - 60);
    await file.close();
    const expected = needles(8 * ROWS).filter((row) => ![2, 5].includes(Math.floor(row / ROWS)));
    for (let round = 0; round < 2; round++) {
      const search = await searchSpool(reader, { pattern: 'needle' });
      const { damage, isComplete } = await search.ended;
      expect([...(search.rows[0] ?? [])]).toEqual(expected);
      expect(isComplete).toBe(true);
      expect(damage.map(({ firstRow, endRow }) => [firstRow, endRow])).toEqual([
        [2000, 3000],
        [5000, 6000],
      ]);
    }
  });

  test('searches batches that are larger than what is read at once, and texts across the borders of what wasm compares', async () => {
    const lines = Array.from({ length: 3000 }, (_, line) => `${'ab'.repeat(line)}needle`);
    const large = [batchOf({ lines }), ...batches(1), batchOf({ lines: ['a'.repeat(3_000_000), 'needle', 'b'] })];
    await using reader = await Spool.open(await spoolOf(large));
    const queries = [
      { pattern: 'needle' },
      { pattern: 'abneedle' },
      { pattern: 'ANeedle$', ignoreCase: true },
      { pattern: 'a{9}$' },
    ];
    const search = await searchSpool(reader, queries);
    await search.ended;
    for (const [index, query] of queries.entries())
      expect([...(search.rows[index] ?? [])], query.pattern).toEqual(plainSearch(large, query));
  });

  test('finds letters of other scripts that are the same as those of ASCII, and words beside letters of all scripts', async () => {
    const lines = [
      'tas\u212a',
      'ta\u017fk 5',
      'TASK',
      'task\u0301',
      'atask',
      'ätask',
      'task_',
      '.task.',
      '東task',
      'nothing',
    ];
    const mixed = [batchOf({ lines }), batchOf({ lines: ['task', 'ataska', '-TASK-', 'a'] })];
    await using reader = await Spool.open(await spoolOf(mixed));
    const queries = ['task', 'K', 's', 'task\\b|no'].flatMap((pattern) =>
      [0, 1, 2, 3].map((bits) => ({ pattern, ignoreCase: (bits & 1) !== 0, wholeWord: (bits & 2) !== 0 })),
    );
    const search = await searchSpool(reader, queries);
    await search.ended;
    // JavaScript takes U+212A and U+017F for parts of words where the case does not matter, RE2 never.
    for (const [index, query] of queries.entries())
      if (!(query.ignoreCase && query.pattern.includes('\\b')))
        expect([...(search.rows[index] ?? [])], JSON.stringify(query)).toEqual(plainSearch(mixed, query));
  });

  test('reads stores that are elsewhere in this thread', async () => {
    const elements = batches(5);
    const directory = await spoolOf(elements, { segmentBytes: 256 * 1024 });
    const files = new Map<string, Buffer>();
    for (const name of await readdir(directory))
      if (name.startsWith('segment-')) files.set(name, await readFile(join(directory, name)));
    const range = (bytes: Buffer): RangeSource => ({
      size: async () => bytes.length,
      read: async (position, length) => new Uint8Array(bytes.subarray(position, position + length)),
    });
    const store: SpoolStore = {
      name: 'memory',
      list: async () => [...files.keys()],
      open: async (name) => {
        const bytes = files.get(name);
        return bytes === undefined ? undefined : range(bytes);
      },
    };
    await using reader = await SpoolReader.open(store);
    const search = await searchSpool(reader, { pattern: 'needle' });
    expect(await search.ended).toMatchObject({ rows: 5000, isComplete: true });
    expect([...(search.rows[0] ?? [])]).toEqual(needles(5 * ROWS));
  });

  test.skipIf(!('zstdCompressSync' in zlib))(
    'searches segments that are compressed (where Node.js has zstd)',
    async () => {
      const directory = await spoolOf(batches(12), { segmentBytes: 256 * 1024, compression: 'zstd' });
      expect(await readdir(directory)).toContain('segment-0000000001.zframes');
      await using reader = await Spool.open(directory);
      for (let round = 0; round < 2; round++) {
        const search = await searchSpool(reader, { pattern: 'needle' });
        expect(await search.ended).toMatchObject({ rows: 12_000, isComplete: true, damage: [] });
        expect([...(search.rows[0] ?? [])]).toEqual(needles(12 * ROWS));
      }
      const path = join(directory, 'segment-0000000001.zframes');
      const file = await open(path, 'r+');
      await file.write(Buffer.from('##'), 0, 2, (await file.stat()).size - 40);
      await file.close();
      await using later = await Spool.open(directory);
      const search = await searchSpool(later, { pattern: 'needle' });
      const [lost, ...more] = (await search.ended).damage;
      expect(lost).toMatchObject({ file: 'segment-0000000001.zframes' });
      expect(more).toEqual([]);
      expect([...(search.rows[0] ?? [])]).toEqual(
        needles(12 * ROWS).filter((row) => row < (lost?.firstRow ?? 0) || row >= (lost?.endRow ?? 0)),
      );
    },
  );

  test('finds the file of a segment that was compressed since the spool was opened', async () => {
    const directory = await spoolOf(batches(12), { segmentBytes: 256 * 1024 });
    await using reader = await Spool.open(directory);
    // As far as the search can tell: the file that it knows is gone, and the reader finds the rows elsewhere.
    const elsewhere = Object.create(reader, {
      pathOf: { value: (name: string) => (looks++ === 0 ? join(directory, 'gone') : reader.pathOf(name)) },
      refresh: { value: () => reader.refresh() },
      frames: { value: (options: object) => reader.frames(options) },
    }) as SpoolReader;
    let looks = 0;
    for (const name of ['segments', 'firstFrame', 'firstRow', 'endFrame', 'endRow', 'lost', 'about'] as const)
      Object.defineProperty(elsewhere, name, { get: () => reader[name] });
    const search = await searchSpool(elsewhere, { pattern: 'needle' });
    expect(await search.ended).toMatchObject({ rows: 12_000, isComplete: true, damage: [] });
    expect([...(search.rows[0] ?? [])]).toEqual(needles(12 * ROWS));
  });

  test('names rows that a bound removed while it searched', async () => {
    const directory = await spoolOf(batches(30), { segmentBytes: 256 * 1024 });
    await using reader = await Spool.open(directory);
    const names = (await readdir(directory)).filter((name) => /segment-0*[12]\./.test(name));
    for (const name of names) await rm(join(directory, name));
    const gone = reader.segments[2]?.firstRow ?? 0;
    const search = await searchSpool(reader, { pattern: 'needle' });
    const { damage } = await search.ended;
    expect([...(search.rows[0] ?? [])]).toEqual(needles(30 * ROWS, gone));
    expect(Math.min(...damage.map(({ firstRow }) => firstRow))).toBe(0);
    expect(Math.max(...damage.map(({ endRow }) => endRow))).toBe(gone);
  });
});

test.each([
  [{ pattern: '(' }, /'\(' cannot be used/],
  [{ pattern: 'a(?=b)' }, /look-ahead/],
  [{ pattern: 'a)(b', wholeWord: true }, /cannot be used/],
  [{ pattern: 'a', column: 'Level' }, /no column 'Level'.*no named columns/],
  [{ pattern: 'a', column: '#0' }, /no column '#0'/],
  [{ pattern: 'x'.repeat(20_000) }, /20000 bytes/],
  [{ pattern: '\ud800' }, /surrogate/],
  [{ pattern: 'a', fixd: true }, /fixd/],
  [[], /0 queries/],
])('%j is refused', async (query, message) => {
  await using reader = await Spool.open(await spoolOf(batches(1)));
  await expect(searchSpool(reader, query as never)).rejects.toThrow(message);
});

describe('a session', () => {
  const elements = () => [
    ...batches(10).map((bytes) => Batch.from(bytes)),
    readElement(gapOf(10, 10)),
    ...batches(10, 10).map((bytes) => Batch.from(bytes)),
  ];
  const sessionOf = (all: readonly StreamElement[]) => ({
    async *[Symbol.asyncIterator]() {
      yield* all;
    },
    info: { renderOptions: { columns: { columns: [{ caption: 'Text' }] } } },
  });

  test('is searched while it delivers, and what it delivers goes on to others', async () => {
    const all = elements();
    const passed: (readonly [StreamElement, number])[] = [];
    const onElement = (element: StreamElement, firstRow: number) => void passed.push([element, firstRow]);
    const queries = [{ pattern: 'needle' }, { pattern: 'line 7 ', column: 'Text' }];
    const search = await searchSession(sessionOf(all), queries, { onElement });
    expect(await search.ended).toMatchObject({ rows: 20_000, hits: [200, 1], isComplete: true });
    expect([...(search.rows[0] ?? [])]).toEqual(needles(20 * ROWS));
    const firstRows = all.map((_, index) => (index <= 10 ? index : index - 1) * ROWS);
    expect(passed).toEqual(all.map((element, index) => [element, firstRows[index]]));
  });

  test('that fails makes its search fail, behind what was found before', async () => {
    const failure = new Error('the plugin trapped');
    const failing = {
      async *[Symbol.asyncIterator]() {
        for (const bytes of batches(3)) yield Batch.from(bytes);
        throw failure;
      },
    };
    const search = await searchSession(failing, { pattern: 'needle' });
    const found: number[] = [];
    const walk = async () => {
      for await (const rows of search.hits()) found.push(...rows);
    };
    await expect(walk()).rejects.toBe(failure);
    await expect(search.ended).rejects.toBe(failure);
    expect(found).toEqual(needles(3 * ROWS));
  });

  test('goes on to others when enough was found, and ends where nobody takes it', async () => {
    const passed: StreamElement[] = [];
    const onElement = (element: StreamElement) => void passed.push(element);
    const search = await searchSession(sessionOf(elements()), { pattern: 'needle' }, { onElement, limit: 3 });
    expect(await search.ended).toMatchObject({ hits: [3], isComplete: false });
    expect([...(search.rows[0] ?? [])]).toEqual([7, 107, 207]);
    expect(passed).toHaveLength(21);
    let ended = false;
    const endless = {
      async *[Symbol.asyncIterator]() {
        try {
          for (;;) yield Batch.from(batches(1)[0] as Uint8Array);
        } finally {
          ended = true;
        }
      },
    };
    expect(await (await searchSession(endless, { pattern: 'needle' }, { limit: 3 })).ended).toMatchObject({
      hits: [3],
    });
    expect(ended).toBe(true);
  });
});
