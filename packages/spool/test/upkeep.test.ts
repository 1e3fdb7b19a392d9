/** What keeps a spool in shape: indexes that are made anew, ends that are cut off, and what a writer refuses. */
import { once } from 'node:events';
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Spool, type SpoolError, type SpoolOptions, SpoolReader } from '#index.js';
import { decompressor } from '#zstd.js';
import { batchOf } from './batches.js';
import { batches, changeByte, newDirectory, requireFrames, SEGMENT, spooled } from './spool-stage.js';

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
    const { size } = await stat(file);
    const interrupted = await Spool.create(directory, { segmentBytes: 1024 ** 3 });
    await interrupted.append(batches[20] as Uint8Array);
    await interrupted.close();
    // As if it had been killed in the middle of its frame, and before it wrote to the index.
    await truncate(file, size + bytes);
    await truncate(`${file}.index`, (await stat(`${file}.index`)).size - 112);
    await using reader = await Spool.open(directory);
    expect([reader.endFrame, reader.lost]).toEqual([20, []]);
    await requireFrames(reader);
    const writer = await Spool.create(directory, SEGMENT);
    expect([writer.cutBytes, writer.nextFrame, (await stat(file)).size]).toEqual([bytes, 20, size]);
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

test.each(['with', 'without'])('a frame in the place of another is damage, and no item: %s an index', async (how) => {
  const elements = Array.from({ length: 30 }, (_, at) => batchOf({ lines: [`line ${100 + at}`], offset: at * 9 }));
  const directory = await spooled({}, elements);
  const file = join(directory, 'segment-0000000001.frames');
  if (how === 'without') await rm(`${file}.index`);
  const bytes = await readFile(file);
  const frame = bytes.indexOf('FRAM', bytes.indexOf('FRAM') + 1) - bytes.indexOf('FRAM');
  const at = (number: number) => bytes.indexOf('FRAM') + number * frame;
  bytes.copy(bytes, at(4), at(9), at(10));
  await writeFile(file, bytes);
  await using reader = await Spool.open(directory);
  const lost: unknown[] = [];
  const seen: number[] = [];
  for await (const { number } of reader.frames({ onDamage: ({ damage }) => lost.push(damage?.firstFrame) }))
    seen.push(number);
  expect(lost).toEqual([4]);
  expect(seen).toEqual(elements.map((_, number) => number).filter((number) => number !== 4));
  await expect(reader.rows(4)).rejects.toMatchObject({ code: 'ERR_SPOOL_DAMAGED' });
  expect((await reader.rows(9))[0]?.item.text).toBe('line 109');
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
