/** What keeps a spool in shape: bounds, compression, indexes that are made anew, and ends that are cut off. */

import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Spool, type SpoolError, type SpoolOptions, SpoolReader } from '#index.js';
import { decompressor } from '#zstd.js';
import { numberedBatches } from './batches.js';
import { filesOf, memoryStore } from './memory-store.js';

let root = '';
let counter = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spool-upkeep-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
afterEach(() => vi.useRealTimers());
const newDirectory = () => join(root, `spool-${counter++}`);
const noZstd = decompressor === undefined ? `Node.js ${process.versions.node} has no zstd` : undefined;

const batches = numberedBatches(
  Array.from({ length: 200 }, (_, at) => 50 + ((at * 31) % 200)),
  true,
);
const SEGMENT = { segmentBytes: 128 * 1024 };

async function spooled(options: SpoolOptions = {}, elements: readonly Uint8Array[] = batches): Promise<string> {
  const directory = newDirectory();
  const writer = await Spool.create(directory, { ...SEGMENT, ...options });
  for (const element of elements) await writer.append(element);
  await writer.close();
  return directory;
}

async function bytesOf(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name !== 'lock');
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function requireFrames(reader: SpoolReader, from = 0): Promise<void> {
  let next = from;
  for await (const { number, bytes } of reader.frames()) {
    expect(number).toBe(next);
    expect(Buffer.compare(bytes, batches[number] as Uint8Array)).toBe(0);
    next++;
  }
  expect(next).toBe(reader.endFrame);
}

describe('a bounded spool', () => {
  test('never takes more bytes, and keeps the numbers of its rows', async () => {
    const directory = newDirectory();
    const maxBytes = 512 * 1024;
    const writer = await Spool.create(directory, { maxBytes });
    const early = await (async () => {
      await writer.append(batches[0] as Uint8Array);
      return Spool.open(directory);
    })();
    for (const element of batches.slice(1)) {
      await writer.append(element);
      expect(await bytesOf(directory)).toBeLessThanOrEqual(maxBytes);
      expect(writer.bytes).toBeLessThanOrEqual(maxBytes);
    }
    await writer.close();
    await using reader = await Spool.open(directory);
    expect(reader.firstFrame).toBeGreaterThan(50);
    expect(reader.endFrame).toBe(200);
    await requireFrames(reader, reader.firstFrame);
    const [row] = await reader.rows(reader.firstRow);
    expect(row?.item.text.startsWith(`line ${reader.firstRow} `)).toBe(true);
    await early.refresh();
    expect(early.firstRow).toBe(reader.firstRow);
    await expect(early.rows(0)).rejects.toMatchObject({
      code: 'ERR_SPOOL_READ',
      help: expect.stringContaining(`row ${reader.firstRow}`),
    });
    await early.close();
  });

  test('takes a frame that is larger than it by itself', async () => {
    const [large] = numberedBatches([8000]) as [Uint8Array];
    const directory = await spooled({ maxBytes: 256 * 1024 }, [batches[0] as Uint8Array, large]);
    await using reader = await Spool.open(directory);
    expect([reader.firstFrame, reader.endFrame]).toEqual([1, 2]);
  });

  test('drops rows that are too old, and begins segments so that it can', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
    const directory = newDirectory();
    const writer = await Spool.create(directory, { maxAgeMs: 80_000 });
    for (const element of batches.slice(0, 100)) {
      await writer.append(element);
      vi.setSystemTime(Date.now() + 2000);
    }
    await writer.close();
    await using reader = await Spool.open(directory);
    // The last one was appended 2 s ago; a segment has an eighth of the time.
    expect(reader.firstFrame).toBeGreaterThanOrEqual(100 - 1 - 40 - 6);
    expect(reader.firstFrame).toBeLessThanOrEqual(100 - 40);
    for await (const { writtenAt } of reader.frames())
      expect(Date.now() - writtenAt).toBeLessThanOrEqual(80_000 + 10_000 + 2000);
  });
});

describe('a compressed spool', () => {
  test.skipIf(noZstd !== undefined)('has the same rows, in fewer bytes, and goes on', async () => {
    const half = batches.slice(0, 100);
    const plain = await spooled({}, half);
    const directory = await spooled({ compression: 'zstd' }, half);
    expect(await bytesOf(directory)).toBeLessThan((await bytesOf(plain)) / 2);
    const names = await readdir(directory);
    expect(names.filter((name) => name.endsWith('.frames'))).toEqual([]);
    expect(names.filter((name) => name.endsWith('.zframes')).length).toBeGreaterThan(2);
    const writer = await Spool.create(directory, SEGMENT);
    for (const element of batches.slice(100)) await writer.append(element);
    await writer.close();
    await using reader = await Spool.open(directory);
    await requireFrames(reader);
    for (let row = 0; row < reader.endRow; row += 1511) {
      expect((await reader.rows(row))[0]?.item.text.startsWith(`line ${row} `)).toBe(true);
      expect(await reader.atTime(BigInt(row) * 1000n)).toBe(row);
    }
  });

  test.skipIf(noZstd !== undefined)('is read on by who had its segments open before', async () => {
    const directory = newDirectory();
    const writer = await Spool.create(directory, { ...SEGMENT, compression: 'zstd' });
    await writer.append(batches[0] as Uint8Array);
    await using reader = await Spool.open(directory);
    for (const element of batches.slice(1)) await writer.append(element);
    await writer.close();
    await reader.refresh();
    expect(reader.segments.every(({ header }) => header.compressed)).toBe(true);
    await requireFrames(reader);
  });

  test.skipIf(noZstd !== undefined)('is whole for a reader that opens it while files are replaced', async () => {
    const files = await filesOf(await spooled({ compression: 'zstd' }));
    const store = memoryStore(files);
    let looks = 0;
    const reader = await SpoolReader.open({
      ...store,
      // As if each segment had been compressed between the first look and its opening.
      list: async () => {
        const names = await store.list();
        return looks++ === 0 ? names.map((name) => name.replace('.zframes', '.frames')) : names;
      },
    });
    expect(looks).toBe(2);
    expect(reader.lost).toEqual([]);
    await requireFrames(reader);
  });

  test.skipIf(noZstd === undefined)('is refused where Node.js has no zstd', async () => {
    await expect(Spool.create(newDirectory(), { compression: 'zstd' })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: `The option compression is zstd, which Node.js ${process.versions.node} lacks.`,
    });
  });
});

describe('an index', () => {
  const index = 'segment-0000000002.frames.index';
  const damages: readonly (readonly [string, string, (path: string) => Promise<void>])[] = [
    ['missing', 'missing', (path) => rm(path)],
    ['damaged in its header', 'damaged', (path) => changeByte(path, 30)],
    ['damaged in an entry', 'damaged', (path) => changeByte(path, 100)],
    ['behind', 'behind', async (path) => truncate(path, (await stat(path)).size - 112)],
    ['cut off in an entry', 'behind', async (path) => truncate(path, (await stat(path)).size - 50)],
  ];

  test.each(damages)(
    'that is %s is made anew: in memory by readers, on the disk by the next writer',
    async (_, state, damage) => {
      const directory = await spooled();
      const whole = await readFile(join(directory, index));
      await damage(join(directory, index));
      await using reader = await Spool.open(directory);
      expect(reader.segments.map(({ indexState }) => indexState)[1]).toBe(state);
      expect(reader.segments.filter(({ indexState }) => indexState === 'whole').length).toBe(
        reader.segments.length - 1,
      );
      await requireFrames(reader);
      await (await Spool.create(directory, SEGMENT)).close();
      expect(await readFile(join(directory, index))).toEqual(whole);
    },
  );
});

describe('without an index', () => {
  const forms = ['none', ...(decompressor === undefined ? [] : ['zstd'])] as const;

  test.each(forms)('what is behind a damaged header is found again: %s', async (compression) => {
    const directory = await spooled({ compression: compression as 'none', segmentBytes: 1024 ** 3 });
    const name = compression === 'none' ? 'segment-0000000001.frames' : 'segment-0000000001.zframes';
    const file = join(directory, name);
    await rm(`${file}.index`);
    const bytes = await readFile(file);
    const second = bytes.indexOf(compression === 'none' ? 'FRAM' : 'BLCK', 500);
    await changeByte(file, second + 20);
    await using reader = await Spool.open(directory);
    expect(reader.endFrame).toBe(200);
    const errors: { firstFrame: number; endFrame: number; firstRow: number }[] = [];
    const seen = new Set<number>();
    const onDamage = ({ damage }: SpoolError) => damage !== undefined && errors.push(damage);
    for await (const { number, bytes: element } of reader.frames({ onDamage })) {
      expect(Buffer.compare(element, batches[number] as Uint8Array)).toBe(0);
      seen.add(number);
    }
    expect(errors).toHaveLength(1);
    const [{ firstFrame, endFrame, firstRow } = { firstFrame: 0, endFrame: 0, firstRow: 0 }] = errors;
    expect(seen.size + endFrame - firstFrame).toBe(200);
    if (compression === 'none') expect([firstFrame, endFrame]).toEqual([1, 2]);
    await expect(reader.rows(firstRow)).rejects.toMatchObject({ code: 'ERR_SPOOL_DAMAGED', damage: { firstFrame } });
  });
});

describe('an end that is not whole', () => {
  test.each([1, 50, 96, 97, 3000])('is passed over, and cut off by the next writer: %i bytes', async (bytes) => {
    const directory = await spooled({ segmentBytes: 1024 ** 3 }, batches.slice(0, 20));
    const file = join(directory, 'segment-0000000001.frames');
    const donor = await readFile(
      join(await spooled({ segmentBytes: 1024 ** 3 }, batches.slice(0, 21)), 'segment-0000000001.frames'),
    );
    const size = (await stat(file)).size;
    await appendFile(file, donor.subarray(size, size + bytes));
    await using reader = await Spool.open(directory);
    expect(reader.endFrame).toBe(20);
    await requireFrames(reader);
    const writer = await Spool.create(directory, SEGMENT);
    expect([writer.cutBytes, writer.nextFrame]).toEqual([bytes, 20]);
    for (const element of batches.slice(20)) await writer.append(element);
    await writer.close();
    await reader.refresh();
    await requireFrames(reader);
  });

  test('of all its bytes, but not with its checksum, was interrupted, too', async () => {
    const directory = await spooled({ segmentBytes: 1024 ** 3 }, batches.slice(0, 20));
    const file = join(directory, 'segment-0000000001.frames');
    const whole = await readFile(file);
    const donor = await spooled({ segmentBytes: 1024 ** 3 }, batches.slice(0, 20));
    // The identity of the segment is in each frame: a frame of another one is none of this.
    await appendFile(file, (await readFile(join(donor, 'segment-0000000001.frames'))).subarray(whole.length - 4000));
    await using other = await Spool.open(directory);
    expect(other.endFrame).toBe(20);
    const half = await spooled({ segmentBytes: 1024 ** 3 }, batches.slice(0, 21));
    const longer = join(half, 'segment-0000000001.frames');
    await rm(`${longer}.index`);
    const bytes = await readFile(longer);
    bytes.fill(0, bytes.length - 100);
    await writeFile(longer, bytes);
    await using reader = await Spool.open(half);
    expect(reader.endFrame).toBe(20);
    await requireFrames(reader);
    await (await Spool.create(half, { segmentBytes: 1024 ** 3 })).close();
    expect((await stat(longer)).size).toBe(whole.length);
  });

  test('and files that are none are no matter', async () => {
    const directory = await spooled();
    await writeFile(join(directory, 'segment-0000000099.frames.partial'), 'CHMSPOOL');
    await writeFile(join(directory, 'notes.txt'), 'mine');
    await using reader = await Spool.open(directory);
    await requireFrames(reader);
    await (await Spool.create(directory)).close();
    expect(await readdir(directory)).toContain('notes.txt');
    expect(await readdir(directory)).not.toContain('segment-0000000099.frames.partial');
  });
});

describe('a writer', () => {
  test('refuses what is no element, and goes on', async () => {
    const directory = newDirectory();
    await using writer = await Spool.create(directory);
    const whole = batches[0] as Uint8Array;
    for (const wrong of [
      new Uint8Array(),
      new Uint8Array(200),
      whole.subarray(1),
      whole.subarray(0, 400),
      new Uint8Array([...whole, 0]),
    ])
      await expect(writer.append(wrong)).rejects.toMatchObject({ code: 'ERR_SPOOL_ELEMENT' });
    await writer.append(whole);
    expect(writer.nextFrame).toBe(1);
    await writer.close();
    await expect(writer.append(whole)).rejects.toMatchObject({
      code: 'ERR_SPOOL_WRITE',
      message: expect.stringContaining('was closed'),
    });
  });

  test.each([
    [{ segmentBytes: 10 }, 'segmentBytes'],
    [{ maxBytes: 10 }, 'maxBytes'],
    [{ maxAgeMs: 0 }, 'maxAgeMs'],
    [{ compressionLevel: 20 }, 'compressionLevel'],
    [{ compression: 'gzip' }, 'compression'],
    [{ size: 5 }, 'size'],
  ])('refuses the options %j', async (options, name) => {
    await expect(Spool.create(newDirectory(), options as SpoolOptions)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(name),
    });
  });

  test('appends in the order of the calls', async () => {
    const directory = newDirectory();
    const writer = await Spool.create(directory, SEGMENT);
    await Promise.all(batches.map((element) => writer.append(element)));
    await writer.close();
    await using reader = await Spool.open(directory);
    await requireFrames(reader);
  });
});

test('a spool is read by ranges over HTTP, without the file system', async () => {
  const directory = await spooled();
  const asked: number[] = [];
  const server = createServer(async ({ url = '', method, headers }, response) => {
    if (url === '/files.json') return void response.end(JSON.stringify(await readdir(directory)));
    const bytes = await readFile(join(directory, url.slice(1))).catch(() => undefined);
    if (bytes === undefined) return void response.writeHead(404).end();
    if (method === 'HEAD') return void response.writeHead(200, { 'content-length': bytes.length }).end();
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const part = bytes.subarray(Number(from), Number(to) + 1);
    asked.push(part.length);
    return void response.writeHead(part.length === 0 ? 416 : 206).end(part);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const file = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  // As the README has it.
  const reader = await SpoolReader.open({
    name: 'trace.spool',
    list: async () => (await (await fetch(file('files.json'))).json()) as string[],
    open: async (name) => {
      const head = await fetch(file(name), { method: 'HEAD' });
      if (!head.ok) return undefined;
      return {
        size: async () => Number(head.headers.get('content-length')),
        read: async (position, length) => {
          const range = { range: `bytes=${position}-${position + length - 1}` };
          const answer = await fetch(file(name), { headers: range });
          return answer.status === 206 ? new Uint8Array(await answer.arrayBuffer()) : new Uint8Array();
        },
      };
    },
  });
  asked.length = 0;
  expect((await reader.rows(12_345, 2)).map(({ item }) => item.text.split(' ')[1])).toEqual(['12345', '12346']);
  // One block.
  expect(asked).toHaveLength(1);
  expect(asked[0]).toBeLessThan(200_000);
  await requireFrames(reader);
  server.close();
  server.closeAllConnections();
});

async function changeByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
