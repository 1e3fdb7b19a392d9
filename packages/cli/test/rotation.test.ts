/** `--rotate-size` and compressed outputs, with real sessions: no row is lost or split, in any format. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Batch, readStream } from '@chipmunk-host/manager';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ingestHere } from './in-process.js';

const KIB = 1024;
const LINE = 'a line, "quoted", of a log that has many lines like it';

let directory = '';
let log = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rotation-'));
  log = join(directory, 'in.log');
  await writeFile(log, Array.from({ length: 25_000 }, (_, row) => `${row} ${LINE}\n`).join(''));
});
afterAll(() => rm(directory, { recursive: true }));

async function partsOf(prefix: string): Promise<readonly Buffer[]> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(prefix)).sort();
  expect(names.map((name) => name.slice(prefix.length, prefix.length + 7))).toEqual(
    names.map((_, at) => `-${String(at + 1).padStart(6, '0')}`),
  );
  return Promise.all(names.map(async (name) => gunzipSync(await readFile(join(directory, name)))));
}

const PARSER = ['-p', 'string-parser'];

describe('an output in several compressed files has what one has:', () => {
  test.each(['text', 'ndjson', 'csv', 'raw', 'msgpack'])('%s', async (format) => {
    const whole = join(directory, `whole.${format}`);
    const size = ['--rotate-size', '256KiB'];
    expect(await ingestHere(directory, log, log, ...PARSER, '-f', format, '-o', whole)).toBe(0);
    const args = [log, log, ...PARSER, '-f', format, '-o', join(directory, `${format}.out.gz`)];
    expect(await ingestHere(directory, ...args, ...size)).toBe(0);
    const parts = await partsOf(`${format}`);
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.every(({ length }) => length <= 256 * KIB)).toBe(true);
    if (format === 'msgpack') {
      // Shorter files have shorter batches.
      const texts = (bytes: Uint8Array) =>
        [...readStream(bytes)].flatMap((element) =>
          element instanceof Batch ? [...element].map((item) => `${element.source} ${item.offset} ${item.text}`) : [],
        );
      expect(parts.flatMap(texts)).toEqual(texts(await readFile(whole)));
      return;
    }
    const header = format === 'csv' ? Buffer.from('source,text\r\n') : Buffer.alloc(0);
    expect(parts.every((part) => part.subarray(0, header.length).equals(header))).toBe(true);
    const rows = parts.map((part, at) => part.subarray(at === 0 ? 0 : header.length));
    expect(Buffer.concat(rows).equals(await readFile(whole))).toBe(true);
    // Lines are rows here.
    if (format !== 'raw') expect(parts.every((part) => part.at(-1) === 0x0a)).toBe(true);
  });
});

test('each of several files of Arrow is a stream with a schema', async () => {
  const args = [log, ...PARSER, '-f', 'arrow', '-o', join(directory, 'parts.arrows.gz')];
  expect(await ingestHere(directory, ...args, '--rotate-size', '256KiB')).toBe(0);
  const parts = await partsOf('parts');
  expect(parts.length).toBeGreaterThan(5);
  const texts = parts.flatMap((part) => [...(tableFromIPC(part).getChild('text') ?? [])]);
  expect(`${texts.join('\n')}\n`).toBe(await readFile(log, 'utf8'));
  const refused = [log, ...PARSER, '-f', 'arrow-file', '-o', join(directory, 'a.arrow'), '--rotate-size', '256KiB'];
  await expect(ingestHere(directory, ...refused)).rejects.toThrow('arrow-file');
});

test('a row that is longer than a file may be stays whole', async () => {
  const long = join(directory, 'long.log');
  const text = `${`${LINE}\n`.repeat(8000)}${'x'.repeat(600 * KIB)}\n${`${LINE}\n`.repeat(8000)}`;
  await writeFile(long, text);
  const args = ['-o', join(directory, 'long.txt'), '--rotate-size', '256KiB'];
  expect(await ingestHere(directory, long, ...PARSER, ...args)).toBe(0);
  const names = (await readdir(directory)).filter((name) => name.startsWith('long-'));
  const texts = await Promise.all(names.sort().map((name) => readFile(join(directory, name), 'latin1')));
  expect(texts.join('')).toBe(text);
  expect(texts.filter((part) => part.length > 256 * KIB)).toEqual([expect.stringMatching(/x{614400}\n/)]);
});

test('a failed run names the files, and leaves the last one as it is', async () => {
  const output = join(directory, 'failed.txt');
  const args = [log, join(directory, 'no.log'), ...PARSER, '-o', output, '--rotate-size', '1MiB'];
  expect(await ingestHere(directory, ...args)).toBe(1);
  const names = (await readdir(directory)).filter((name) => name.startsWith('failed')).sort();
  expect(names).toEqual(['failed-000001.txt', 'failed-000002.txt.partial']);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  expect(sizes.reduce((sum, size) => sum + size)).toBe((await stat(log)).size);
});
