/** Spools that are bounded, and spools that are compressed: their rows keep their numbers. */
import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Spool, SpoolReader } from '#index.js';
import { numberedBatches } from './batches.js';
import { filesOf, memoryStore } from './memory-store.js';
import { batches, bytesOf, newDirectory, noZstd, requireFrames, SEGMENT, spooled } from './spool-stage.js';

afterEach(() => vi.useRealTimers());

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

  test('says what was removed to a reader that does not look again', async () => {
    const directory = await spooled({ segmentBytes: 64 * 1024 });
    await using reader = await Spool.open(directory);
    // More than it keeps open.
    expect(reader.segments.length).toBeGreaterThan(20);
    await requireFrames(reader);
    const writer = await Spool.create(directory, { segmentBytes: 64 * 1024, maxBytes: 256 * 1024 });
    await writer.append(batches[0] as Uint8Array);
    await writer.close();
    await expect(reader.rows(0)).rejects.toMatchObject({
      code: 'ERR_SPOOL_READ',
      message: expect.stringMatching(/^Frame 0 was removed: the spool begins at frame \d+\.$/),
    });
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
