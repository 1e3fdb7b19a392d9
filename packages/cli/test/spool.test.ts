/** `ingest --spool` and `show`: what is written of a spool is what `ingest` writes of the log. */

import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Spool } from '@chipmunk-host/spool';
import { beforeAll, describe, expect, test } from 'vitest';
import { runOnDisk, whyNoMounts } from './full-disk.js';
import { setStage, summaryOf } from './support.js';

const stage = setStage();
const noMounts = whyNoMounts();
const lines = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, at) => `${from + at} ${(from + at) % 7 === 0 ? 'timeout' : 'fine'} ä "x",y\n`,
  ).join('');

beforeAll(async () => {
  await stage.file('a.log', lines(0, 40_000));
  await stage.file('b.log', lines(40_000, 40_500));
  const made = await stage.run(
    'ingest',
    'a.log',
    'b.log',
    '-p',
    'string-parser',
    '--spool',
    'logs.spool',
    '--summary',
    'json',
  );
  expect(made.stdout.toString()).toBe('');
  expect(summaryOf(made)).toMatchObject({ status: 'completed', items: 40_500 });
  expect(made.code).toBe(0);
});

const INGEST = ['ingest', 'a.log', 'b.log', '-p', 'string-parser'];

describe('show writes what ingest writes of the log', () => {
  test.each([
    [['-f', 'ndjson']],
    [['-f', 'csv', '--no-header', '--delimiter', ';']],
    [['-f', 'ndjson', '--fields', 'offset,text']],
    [['-f', 'text', '--with-filename', '--separator', ' | ']],
    [['-f', 'msgpack']],
    [['-f', 'ndjson', '--where', '#1~^12', '--invert']],
    [['--count', '--match', 'timeout']],
  ])('with %j', async (options) => {
    const [ingested, shown] = await Promise.all([
      stage.run(...INGEST, ...options, '-q'),
      stage.run('show', 'logs.spool', ...options, '-q'),
    ]);
    expect(shown.stderr).toBe('');
    expect(shown.code).toBe(0);
    expect(ingested.stdout.length).toBeGreaterThan(4);
    expect(shown.stdout.equals(ingested.stdout)).toBe(true);
  });

  test('in Arrow, with the same rows', async () => {
    const arrow = createRequire(import.meta.url)('apache-arrow') as typeof import('apache-arrow');
    const rows = async (...args: string[]) =>
      [...arrow.tableFromIPC((await stage.run(...args)).stdout)].map((row) => row?.toJSON());
    const options = ['-f', 'arrow', '--fields', 'source,offset,text', '-q'];
    const [ingested, shown] = await Promise.all([rows(...INGEST, ...options), rows('show', 'logs.spool', ...options)]);
    expect(shown).toHaveLength(40_500);
    expect(shown).toEqual(ingested);
  });
});

describe('show begins', () => {
  const shown = async (...args: string[]) => (await stage.run('show', 'logs.spool', ...args)).stdout.toString();

  test('with any row, by its number, its position and its input', async () => {
    expect(await shown('--from-row', '39999', '--limit', '2')).toBe(lines(39_999, 40_001));
    expect(await shown('--from-row', '12345', '--limit', '3')).toBe(lines(12_345, 12_348));
    expect(await shown('--from-row', '100', '--match', 'timeout', '--skip', '1', '--limit', '1')).toBe(lines(112, 113));
    const offset = Buffer.byteLength(lines(0, 20_000));
    expect(await shown('--from-offset', String(offset + 1), '--limit', '1')).toBe(lines(20_000, 20_001));
    expect(await shown('--from-offset', '1', '--input', '1', '--limit', '2')).toBe(lines(40_000, 40_002));
    expect(await shown('--input', '1')).toBe(lines(40_000, 40_500));
    expect(await shown('--from-row', '40500')).toBe('');
  });

  test('and says what is in the spool', async () => {
    const info = JSON.parse(await shown('--info', '--json'));
    expect(info).toMatchObject({
      parser: 'string-parser',
      firstRow: 0,
      endRow: 40_500,
      inputs: [
        { number: 0, name: 'a.log', rows: 40_000, firstOffset: 0 },
        { number: 1, name: 'b.log', rows: 500 },
      ],
      damage: [],
    });
    expect(await shown('--info')).toMatch(
      /^Rows: 0 to 40499 \(40,500 rows\)\nSize: .*\nParser: string-parser\nInput 0: a.log/,
    );
  });
});

describe('a spool', () => {
  test('is kept beside an output, and goes on in the next run', async () => {
    const both = await stage.run('ingest', 'b.log', '-p', 'string-parser', '--spool', 'both.spool', '-f', 'csv', '-q');
    expect(both.stdout.toString().split('\r\n')).toHaveLength(502);
    expect(
      (await stage.run('ingest', 'b.log', '-p', 'string-parser', '--spool', 'both.spool', '-o', 'b.txt')).code,
    ).toBe(0);
    await using reader = await Spool.open(join(stage.directory, 'both.spool'));
    expect(reader.endRow).toBe(1000);
    expect(new Set([...reader.blocks()].map(({ entry }) => entry.source))).toEqual(new Set([0, 1]));
  });

  test('has the selected items alone', async () => {
    await stage.run('ingest', 'a.log', '-p', 'string-parser', '--spool', 'few.spool', '--match', 'timeout');
    expect((await stage.run('show', 'few.spool', '--count')).stdout.toString()).toBe(`${Math.ceil(40_000 / 7)}\n`);
  });

  test('is bounded by its size', async () => {
    await stage.run(
      'ingest',
      'a.log',
      'a.log',
      '-p',
      'string-parser',
      '--spool',
      'small.spool',
      '--spool-max-size',
      '2MB',
    );
    const info = JSON.parse((await stage.run('show', 'small.spool', '--info', '--json')).stdout.toString());
    expect(info.endRow).toBe(80_000);
    expect(info.firstRow).toBeGreaterThan(0);
    expect(info.bytes + info.indexBytes).toBeLessThanOrEqual(2_100_000);
    const removed = await stage.run('show', 'small.spool', '--from-row', '5', '--limit', '1');
    expect(removed.stderr).toBe(
      `warning: the rows before ${info.firstRow} were removed from the spool, which is bounded\n`,
    );
  });

  test('refuses a second writer, and another parser', async () => {
    await using writer = await Spool.create(join(stage.directory, 'taken.spool'));
    const refused = await stage.run('ingest', 'b.log', '-p', 'string-parser', '--spool', 'taken.spool');
    expect(refused.stderr).toMatch(
      new RegExp(`^error ERR_SPOOL_LOCKED: .*'taken.spool' is written by process ${process.pid} `),
    );
    expect(refused.code).toBe(1);
    await writer.close();
    const other = await stage.run('ingest', 'b.log', '-p', 'json-lines', '--spool', 'logs.spool');
    expect(other.stderr).toContain(
      "error ERR_SPOOL_ELEMENT: The spool 'logs.spool' has rows of the parser 'string-parser'",
    );
    expect(other.code).toBe(1);
  });

  test('is followed while it is written', async () => {
    const writer = stage.start('ingest', '-', '-p', 'string-parser', '--spool', 'live.spool', '-q');
    writer.stdin.write('one\n');
    const directory = join(stage.directory, 'live.spool');
    while (!(await readdir(directory).catch(() => [] as string[])).some((name) => name.endsWith('.frames')))
      await new Promise((resolve) => setImmediate(resolve));
    const follower = stage.start('show', 'live.spool', '--follow');
    let seen = '';
    const two = new Promise<void>((resolve) =>
      follower.stdout.on('data', (chunk: Buffer) => {
        seen += chunk;
        if (seen.includes('one\n') && !seen.includes('two')) writer.stdin.end('two\n');
        if (seen.includes('two\n')) resolve();
      }),
    );
    await two;
    follower.kill('SIGINT');
    expect((await once(follower, 'close'))[0]).toBe(130);
    expect(seen).toBe('one\ntwo\n');
  });

  test('that was damaged says what is lost, and shows the rest', async () => {
    await cp(join(stage.directory, 'logs.spool'), join(stage.directory, 'damaged.spool'), { recursive: true });
    const file = join(stage.directory, 'damaged.spool', 'segment-0000000001.frames');
    const bytes = await readFile(file);
    const at = Math.floor(bytes.length / 4);
    bytes[at] = (bytes[at] ?? 0) ^ 255;
    await writeFile(file, bytes);
    const shown = await stage.run('show', 'damaged.spool');
    expect(shown.stderr).toMatch(
      /^error ERR_SPOOL_DAMAGED: Frame 0 of the spool \(rows 0 to \d+\) is damaged: it does not have its checksum/,
    );
    expect(shown.code).toBe(1);
    expect(shown.stdout.toString()).toBe(lines(0, 40_500).slice(-shown.stdout.toString().length));
  });

  test('says what to install when its package is not there', async () => {
    const hook = `export async function resolve(specifier, context, next) {
      if (specifier !== '@chipmunk-host/spool') return next(specifier, context);
      throw Object.assign(new Error("Cannot find package '@chipmunk-host/spool' imported from x"), { code: 'ERR_MODULE_NOT_FOUND' });
    }`;
    const loader = await stage.file(
      'without-spool.mjs',
      `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});`,
    );
    const { NODE_OPTIONS } = stage.env;
    stage.env.NODE_OPTIONS = `--import ${loader}`;
    try {
      for (const args of [
        ['show', 'logs.spool'],
        ['ingest', 'b.log', '-p', 'string-parser', '--spool', 'new.spool'],
      ]) {
        const { code, stderr } = await stage.run(...args);
        expect(stderr).toContain(
          'error ERR_NO_PACKAGE: Spools need the package @chipmunk-host/spool, which is not installed.',
        );
        expect(stderr).toContain('npm install @chipmunk-host/spool');
        expect(code).toBe(1);
      }
      expect((await stage.run('ingest', 'b.log', '-p', 'string-parser', '-q')).stdout.length).toBeGreaterThan(1000);
    } finally {
      if (NODE_OPTIONS === undefined) delete stage.env.NODE_OPTIONS;
      else stage.env.NODE_OPTIONS = NODE_OPTIONS;
    }
  });

  test('is for commands that fit', async () => {
    for (const [args, message] of [
      [[...INGEST, '--spool-max-size', '1GB'], "'--spool-max-size' needs a spool"],
      [[...INGEST, '--spool', 'x', '-f', 'raw'], "'--spool' does not work with the format raw"],
      [['show', 'logs.spool', '-f', 'raw'], 'a spool does not have the bytes of the input'],
      [['show', 'logs.spool', '--json'], "'--json' is for '--info'"],
      [['show', 'logs.spool', '--since', '2024-01-01'], "'--since' is for rows that have times"],
      [['show', 'logs.spool', '--from-row', '1', '--from-offset', '1'], "use '--from-row' or '--from-offset'"],
    ] as const) {
      const { code, stderr } = await stage.run(...args);
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    }
    await mkdir(join(stage.directory, 'empty'));
    const none = await stage.run('show', 'empty');
    expect(none.stderr).toContain("error ERR_SPOOL_FORMAT: 'empty' is no spool");
    expect(none.code).toBe(1);
  });

  test.skipIf(noMounts !== undefined)('on a full disk ends the run, and what was written is whole', async () => {
    const log = join(stage.directory, 'a.log');
    const options = ['-p', 'string-parser', '--spool', 's.spool', '--summary', 'json'];
    const full = await runOnDisk(stage, { size: '1m' }, 'ingest', log, ...options);
    expect(full.stderr).toContain("error ERR_SPOOL_WRITE: The spool 's.spool' cannot be written: the disk is full.");
    expect(full.code).toBe(1);
    const shown = await stage.run('show', join(full.files, 's.spool'));
    expect(shown.code).toBe(0);
    const written = shown.stdout.toString();
    expect(lines(0, 40_000).startsWith(written)).toBe(true);
    await using reader = await Spool.open(join(full.files, 's.spool'));
    expect(written.split('\n')).toHaveLength(reader.endRow + 1);
  });
});
