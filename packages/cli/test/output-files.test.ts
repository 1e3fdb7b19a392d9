/** Outputs that are compressed, or several files: what stands in which file at which moment. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ItemOutput } from '#formats/item-output.js';
import { requireCompression } from '#output/compression.js';
import { RotatedFiles, type Rotation } from '#output/rotated-files.js';
import { byteSize, duration } from '#terminal/option-values.js';

const NEVER: Rotation = { bytes: Number.POSITIVE_INFINITY, everyMs: Number.POSITIVE_INFINITY };
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Buffer };

let top = '';
let directory = '';
let count = 0;

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'output-files-'));
});
beforeEach(async () => {
  directory = join(top, String(++count));
  await mkdir(directory);
});
afterEach(() => void vi.useRealTimers());
afterAll(() => rm(top, { recursive: true }));

async function rotated(name: string, rotation: Partial<Rotation>, { headed = false, warnings = [] as string[] } = {}) {
  const options = { rotation: { ...NEVER, ...rotation }, headed, warn: (text: string) => void warnings.push(text) };
  return RotatedFiles.open(join(directory, name), options);
}

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort();
  const read = async (name: string) => [name, await readFile(join(directory, name), 'latin1')] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

const write = async (file: RotatedFiles, ...chunks: readonly string[]) => {
  for (const chunk of chunks) await file.write(Buffer.from(chunk));
};

describe('an output in several files', () => {
  test('has whole chunks in each, and a name for each that is whole', async () => {
    const file = await rotated('items.txt', { bytes: 10 });
    await write(file, 'one\n', 'two\n', 'three\n', 'a long one alone\n', 'x\n');
    const all = {
      'items-000001.txt': 'one\ntwo\n',
      'items-000002.txt': 'three\n',
      'items-000003.txt': 'a long one alone\n',
    };
    expect(await contents()).toEqual({ ...all, 'items-000004.txt.partial': 'x\n' });
    expect(file.writtenBytes).toBe(33);
    await file.finish();
    expect(await contents()).toEqual({ ...all, 'items-000004.txt': 'x\n' });
  });

  test('begins each file with the header, which counts once', async () => {
    const file = await rotated('items.csv', { bytes: 12 }, { headed: true });
    await write(file, 'text\r\n', 'a\r\n', 'b\r\n', 'c\r\n');
    expect(file.writtenBytes).toBe(15);
    await file.finish();
    const files = { 'items-000001.csv': 'text\r\na\r\nb\r\n', 'items-000002.csv': 'text\r\nc\r\n' };
    expect(await contents()).toEqual(files);
    expect(file.writtenBytes).toBe(15);
  });

  test('is one file when there are no rows, or only a header', async () => {
    await (await rotated('nothing', { everyMs: 1 })).finish();
    const file = await rotated('header.csv', {}, { headed: true });
    await write(file, 'text\r\n');
    await file.finish();
    expect(await contents()).toEqual({ 'nothing-000001': '', 'header-000001.csv': 'text\r\n' });
  });

  test('completes a file when its time is over, with and without further rows', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const file = await rotated('items.txt', { everyMs: 3_600_000 });
    vi.advanceTimersByTime(5_000_000);
    // Time runs from the first row.
    await write(file, 'one\n');
    vi.advanceTimersByTime(3_599_999);
    await write(file, 'two\n');
    vi.advanceTimersByTime(1);
    await file.flush();
    expect(await contents()).toEqual({ 'items-000001.txt': 'one\ntwo\n' });
    expect(file.writtenBytes).toBe(8);
    await write(file, 'three\n');
    await file.finish();
    expect(await contents()).toEqual({ 'items-000001.txt': 'one\ntwo\n', 'items-000002.txt': 'three\n' });
    vi.advanceTimersByTime(5_000_000);
  });

  test('goes on behind the files that are there, and tells of one that is not whole', async () => {
    const before = {
      'items-000041.txt': 'a',
      'items-000042.txt.partial': 'b',
      'items-x.txt': 'c',
      'items-000099.csv': 'd',
    };
    for (const [name, text] of Object.entries(before)) await writeFile(join(directory, name), text);
    const warnings: string[] = [];
    const file = await rotated('items.txt', {}, { warnings });
    await write(file, 'one\n');
    await file.finish();
    expect(await contents()).toEqual({ ...before, 'items-000043.txt': 'one\n' });
    expect(warnings).toEqual([
      expect.stringMatching(/^'.*items-000042.txt.partial' is there: another run is writing it/),
    ]);
  });

  test('never replaces a file that comes there meanwhile', async () => {
    const file = await rotated('items.txt', { bytes: 1 });
    await writeFile(join(directory, 'items-000001.txt'), 'of somebody else');
    await write(file, 'one\n');
    const failed = {
      code: 'ERR_OUTPUT_WRITE',
      message: expect.stringMatching(/items-000001.txt' after 4 bytes: EEXIST/),
    };
    await expect(write(file, 'two\n')).rejects.toMatchObject(failed);
    expect(await file.abandon()).toBe(join(directory, 'items-000001.txt.partial'));
    expect(file.wholeFiles).toEqual([]);
    const left = { 'items-000001.txt': 'of somebody else', 'items-000001.txt.partial': 'one\n' };
    expect(await contents()).toEqual(left);
  });

  test('is refused where it cannot be', async () => {
    await expect(rotated('.', {})).rejects.toMatchObject({
      code: 'ERR_OUTPUT_OPEN',
      message: expect.stringMatching(/no regular file/),
    });
    await expect(rotated('no/items.txt', {})).rejects.toMatchObject({
      code: 'ERR_OUTPUT_OPEN',
      message: expect.stringMatching(/ENOENT/),
    });
  });

  test('has every file compressed by itself', async () => {
    const file = await rotated('items.ndjson.gz', { bytes: 6 });
    await write(file, '1\n', '2\n', '3\n', '4\n');
    await file.finish();
    expect((await readdir(directory)).sort()).toEqual(['items-000001.ndjson.gz', 'items-000002.ndjson.gz']);
    const texts = ['1\n2\n3\n', '4\n'].map((text, at) => [`items-00000${at + 1}.ndjson.gz`, text] as const);
    for (const [name, text] of texts)
      expect(zlib.gunzipSync(await readFile(join(directory, name))).toString()).toBe(text);
  });
});

test('sizes and times have units', () => {
  const sizes = ['262144', '1MB', '1.5 GiB', '300k', '1KiB'].map((text) => shown(() => byteSize(262_144)(text)));
  expect(sizes).toEqual([262_144, 1_000_000, 1_610_612_736, 300_000, expect.stringMatching(/^Expected a size with a/)]);
  const times = ['30s', '1.5h', '10 min', '7d', '5', '1ms', '30d', '0s'].map((text) =>
    shown(() => duration(1000, 0x7fff_ffff)(text)),
  );
  const refused = expect.stringMatching(/^Expected a time in s, min, h or d, such as 30s or 1h, from 1 s to 24 d.$/);
  expect(times).toEqual([30_000, 5_400_000, 600_000, 604_800_000, refused, refused, refused, refused]);
});

function shown(work: () => number): unknown {
  try {
    return work();
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a compressed output', () => {
  const { signal } = new AbortController();
  const open = (name: string, endless = false) =>
    ItemOutput.file(
      join(directory, name),
      { endless, signal, warn: () => {}, showControls: false, rotation: undefined, headed: false },
      () => {},
    );
  /** Of a file that need not be whole. */
  const gunzipped = async (name: string) =>
    zlib
      .gunzipSync(await readFile(join(directory, name)), { finishFlush: zlib.constants.Z_SYNC_FLUSH })
      .toString('latin1');

  test('is one member of gzip with all that was written', async () => {
    const output = await open('items.GZ');
    let text = '';
    for (let row = 0; row < 2000; row++) {
      const chunk = `${row} ${'x'.repeat(row % 50)}\n`.repeat(200);
      text += chunk;
      await output.write(Buffer.from(chunk), signal);
    }
    expect(text.length).toBeGreaterThan(8 * 1024 * 1024);
    await output.finish(signal);
    expect(output.writtenBytes).toBe(text.length);
    const bytes = await readFile(join(directory, 'items.GZ'));
    // `info` tells what was taken: a second member would be left.
    const { buffer, engine } = zlib.gunzipSync(bytes, { info: true }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    expect(engine.bytesWritten).toBe(bytes.length);
    expect(buffer.toString()).toBe(text);
  });

  test('counts as written what can be read, before it is whole as well', async () => {
    const output = await open('items.gz');
    await output.write(Buffer.from('one\n'), signal);
    expect(output.writtenBytes).toBe(0);
    await output.flush(signal);
    expect(output.writtenBytes).toBe(4);
    expect(await gunzipped('items.gz.partial')).toBe('one\n');
    await output.write(Buffer.from('two\n'), signal);
    expect(await output.abandon()).toMatch(
      /^The items so far are in '.*items.gz.partial'; '.*items.gz' is unchanged.$/,
    );
    // A whole gzip file, though not a whole output.
    const left = zlib.gunzipSync(await readFile(join(directory, 'items.gz.partial')));
    expect(left.toString()).toBe('one\ntwo\n');
  });

  test('of a run without end can be read at once', async () => {
    const output = await open('items.gz', true);
    await output.write(Buffer.from('one\n'), signal);
    await output.write(Buffer.from('two\n'), signal);
    // Without a further write; how much of it zlib's threads have compressed by now is not known.
    await vi.waitFor(async () => expect(await gunzipped('items.gz')).toMatch(/^one\n/));
    await output.finish(signal);
    expect(zlib.gunzipSync(await readFile(join(directory, 'items.gz'))).toString()).toBe('one\ntwo\n');
  });

  test('of which nothing was written leaves nothing when the run fails', async () => {
    expect(await (await open('items.gz')).abandon()).toBeUndefined();
    expect(await readdir(directory)).toEqual([]);
  });

  test.skipIf(process.platform !== 'linux')('says so when the disk is full', async () => {
    await symlink('/dev/full', join(directory, 'full.gz'));
    const output = await open('full.gz');
    await output.write(Buffer.from('one\n'), signal);
    const full = {
      code: 'ERR_OUTPUT_WRITE',
      message: expect.stringMatching(/full.gz' after 0 bytes: ENOSPC/),
      help: expect.stringMatching(/^The disk is full/),
    };
    await expect(output.finish(signal)).rejects.toMatchObject(full);
    expect(output.writtenBytes).toBe(0);
    expect(await output.abandon()).toBeUndefined();
  });

  test.skipIf(zstdDecompressSync === undefined)('is one frame of zstd', async () => {
    const output = await open('items.zst');
    for (const chunk of ['one\n', 'two\n']) {
      await output.write(Buffer.from(chunk), signal);
      await output.flush(signal);
    }
    await output.finish(signal);
    const bytes = await readFile(join(directory, 'items.zst'));
    // Node 22 and 24 read no more than the first frame.
    expect(zstdDecompressSync?.(bytes).toString()).toBe('one\ntwo\n');
  });

  test.skipIf(zstdDecompressSync !== undefined)('as zstd is refused where Node.js has none', () => {
    expect(() => requireCompression('items.zst')).toThrow(
      `'items.zst' needs zstd, which Node.js 22.15, 23.8 or 24 have and this Node.js, ${process.versions.node}, has not; choose a name that ends in .gz`,
    );
    expect(() => requireCompression('items.gz')).not.toThrow();
  });
});
