import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readElement } from '@chipmunk-host/batch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Spool } from '#index.js';
import { gapOf, numberedBatches } from './batches.js';

let root = '';
let counter = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spool-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
const newDirectory = () => join(root, `spool-${counter++}`);

describe('a spool', () => {
  test('has the elements that were appended, as their bytes are', async () => {
    const directory = newDirectory();
    const batches = numberedBatches([10, 1, 500, 3000]);
    const elements = [batches[0], batches[1], gapOf(7000, 12), batches[2], batches[3]].map(
      (each) => each as Uint8Array,
    );
    const writer = await Spool.create(directory);
    for (const element of elements) await writer.append(element);
    expect(writer.nextRow).toBe(3511);
    await writer.close();
    await using reader = await Spool.open(directory);
    expect([reader.firstRow, reader.endRow, reader.endFrame]).toEqual([0, 3511, 5]);
    const frames = [];
    for await (const frame of reader.frames()) frames.push(frame);
    expect(frames.map(({ bytes }) => Buffer.from(bytes))).toEqual(elements.map((each) => Buffer.from(each)));
    const types = [];
    for await (const element of reader.elements()) types.push(element.type);
    expect(types).toEqual(elements.map((each) => readElement(each).type));
    expect(await readdir(directory)).toContain('segment-0000000001.frames');
  });

  test('is there as soon as it is made', async () => {
    const directory = newDirectory();
    await using writer = await Spool.create(directory);
    await using reader = await Spool.open(directory);
    expect([reader.firstRow, reader.endRow, reader.endFrame]).toEqual([0, 0, 0]);
    expect(await reader.rows(0, 5)).toEqual([]);
    expect(await reader.batchAt(0)).toBeUndefined();
    await writer.append(numberedBatches([3])[0] as Uint8Array);
    expect(await reader.refresh()).toBe(true);
    expect(await reader.rows(0, 5)).toHaveLength(3);
  });

  test('gives any row, by number, by offset and by time', async () => {
    const directory = newDirectory();
    const writer = await Spool.create(directory, { segmentBytes: 64 * 1024 });
    const sizes = Array.from({ length: 60 }, (_, at) => 1 + ((at * 37) % 400));
    for (const element of numberedBatches(sizes, true)) await writer.append(element);
    await writer.close();
    await using reader = await Spool.open(directory);
    expect(reader.segments.length).toBeGreaterThan(3);
    const all = await reader.rows(0, 100_000);
    expect(all).toHaveLength(reader.endRow);
    expect(all.map(({ row }) => row)).toEqual(all.map((_, at) => at));
    for (let row = 0; row < all.length; row += 97) {
      const [one] = await reader.rows(row);
      expect(one?.item.text.startsWith(`line ${row} `)).toBe(true);
      const { offset, length } = all[row]?.item ?? { offset: -1, length: 0 };
      expect(await reader.atOffset(offset)).toBe(row);
      expect(await reader.atOffset(offset + length - 1)).toBe(row);
      expect(await reader.atTime(BigInt(row) * 1000n)).toBe(row);
      expect(await reader.atTime(BigInt(row) * 1000n - 1n)).toBe(row);
      expect((await reader.batchAt(row))?.row).toBeLessThanOrEqual(row);
    }
    expect(await reader.rows(all.length, 5)).toEqual([]);
    expect(await reader.rows(all.length - 2, 5)).toHaveLength(2);
    expect(await reader.atTime(1n << 60n)).toBeUndefined();
  });

  test('takes elements wherever they lie in memory', async () => {
    const [element] = numberedBatches([30], true) as [Uint8Array];
    for (let shift = 0; shift < 9; shift++) {
      const moved = Buffer.alloc(element.length + shift);
      moved.set(element, shift);
      const directory = newDirectory();
      const writer = await Spool.create(directory);
      await writer.append(moved.subarray(shift));
      await writer.close();
      await using reader = await Spool.open(directory);
      const [block] = reader.blocks();
      expect(block?.entry).toMatchObject({ firstTime: 0n, lastTime: 29_000n, rows: 30 });
    }
  });

  test('is read while it is written', async () => {
    const directory = newDirectory();
    await using writer = await Spool.create(directory, { segmentBytes: 64 * 1024 });
    const elements = numberedBatches(Array.from({ length: 40 }, () => 100));
    await writer.append(elements[0] as Uint8Array);
    await using reader = await Spool.open(directory);
    const ending = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const { number } of reader.follow({ signal: ending.signal, pollMs: 600_000 })) {
        seen.push(number);
        if (number === 39) ending.abort();
      }
    })();
    for (const element of elements.slice(1)) await writer.append(element);
    await following;
    expect(seen).toEqual(Array.from({ length: 40 }, (_, at) => at));
  });

  test('refuses a second writer by name, and lets the next one go on', async () => {
    const directory = newDirectory();
    const [first, second] = numberedBatches([10, 20]) as [Uint8Array, Uint8Array];
    const writer = await Spool.create(directory);
    await writer.append(first);
    await expect(Spool.create(directory)).rejects.toMatchObject({
      code: 'ERR_SPOOL_LOCKED',
      message: expect.stringMatching(new RegExp(`'${directory}' is written by this process \\(${process.pid}\\)`)),
    });
    await writer.close();
    const next = await Spool.create(directory);
    expect([next.nextRow, next.nextFrame, next.nextSource]).toEqual([10, 1, 1]);
    await next.append(second);
    await next.close();
    await using reader = await Spool.open(directory);
    expect((await reader.rows(5, 20)).map(({ item }) => item.text.split(' ')[1])).toEqual(
      Array.from({ length: 20 }, (_, at) => String(at + 5)),
    );
  });
});
