/** Several files as one input, of every kind that can be read. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FilesRequest } from '#shared/files-options.js';
import { Files } from '#worker/files/files.js';
import { compressedBy, logLines } from '../compressed/compressed-bytes.js';
import { RecordedOutput, type RecordedOutputOptions } from '../recorded-output.js';

let directory: string;
const inDirectory = (name: string) => join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'files-source-'));
  writeFileSync(inDirectory('plain.log'), 'plain\n');
  writeFileSync(inDirectory('empty.log'), '');
  writeFileSync(inDirectory('packed.gz'), gzipSync('packed\n'));
  writeFileSync(inDirectory('no-gzip.gz'), 'not packed\n');
  mkdirSync(inDirectory('rotated'));
  for (const name of ['log', 'log.1', 'log.10', 'other-20261127', 'other-20261128', 'other'])
    writeFileSync(inDirectory(`rotated/${name}`), `${name}\n`);
  writeFileSync(inDirectory('rotated/log.2.gz'), gzipSync('log.2.gz\n'));
});

afterAll(() => rmSync(directory, { recursive: true }));

async function read(request: FilesRequest, options?: RecordedOutputOptions) {
  const source = new Files(request);
  const output = new RecordedOutput(options);
  try {
    await source.open();
    await source.run(output, new AbortController().signal);
    return { output, progress: source.progress };
  } finally {
    await source.close();
  }
}

const named = (...names: string[]) => names.map(inDirectory);

describe('several files', () => {
  test('come in their order, plain and compressed, each as an input of its own', async () => {
    const { output, progress } = await read({
      files: named('plain.log', 'packed.gz', 'empty.log', 'no-gzip.gz', 'plain.log'),
    });
    expect(output.texts).toEqual([
      [inDirectory('plain.log'), 'plain\n'],
      [inDirectory('packed.gz'), 'packed\n'],
      [inDirectory('empty.log'), ''],
      [inDirectory('no-gzip.gz'), 'not packed\n'],
      [inDirectory('plain.log'), 'plain\n'],
    ]);
    expect(progress.done).toBe(progress.total);
  });

  test('joined, they are one input, and records say where each begins', async () => {
    const { output } = await read({ files: named('plain.log', 'packed.gz'), join: true });
    expect(output.texts).toEqual([[undefined, 'plain\npacked\n']]);
    expect(output.events.map(({ at, event }) => [at, event.event, event.file])).toEqual([
      [0, 'file', inDirectory('plain.log')],
      [6, 'file', inDirectory('packed.gz')],
    ]);
  });

  test('one that cannot be opened is named before anything is read', async () => {
    const source = new Files({ files: named('plain.log', 'missing.log') });
    await expect(source.open()).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
      message: `There is no file '${inDirectory('missing.log')}'.`,
    });
    await source.close();
    await expect(read({ files: [inDirectory('rotated')] })).rejects.toThrow(
      `'${inDirectory('rotated')}' is a directory; expected a file.`,
    );
  });

  test('are read as they lie there when nothing is to be decompressed', async () => {
    const { output } = await read({ files: named('packed.gz'), compression: 'none' });
    expect(output.all.equals(gzipSync('packed\n'))).toBe(true);
  });

  test('of another compression than was said are refused', async () => {
    await expect(read({ files: named('plain.log'), compression: 'gzip' })).rejects.toThrow(
      `'${inDirectory('plain.log')}' is not compressed, as far as its first bytes tell; expected gzip.`,
    );
    await expect(read({ files: named('packed.gz'), compression: 'zstd' })).rejects.toThrow(
      'is compressed with gzip; expected zstd.',
    );
  });

  test('may be more than a process may hold open', async () => {
    const names = Array.from({ length: 200 }, (_, at) => `many-${at}`);
    for (const name of names) writeFileSync(inDirectory(name), `${name}\n`);
    const { output } = await read({ files: named(...names) });
    expect(output.all.toString()).toBe(names.map((name) => `${name}\n`).join(''));
  });

  test('one that was cut meanwhile ends the input with an error', async () => {
    writeFileSync(inDirectory('cut.log'), logLines(5000));
    const source = new Files({ files: named('plain.log', 'cut.log') });
    await source.open();
    truncateSync(inDirectory('cut.log'), 10);
    const output = new RecordedOutput();
    await expect(source.run(output, new AbortController().signal)).rejects.toMatchObject({
      code: 'ERR_SOURCE_CHANGED',
      message: expect.stringContaining('was cut to 10 bytes'),
    });
    expect(output.texts[0]?.[1]).toBe('plain\n');
    await source.close();
  });

  test('end where nothing more is wanted', async () => {
    writeFileSync(inDirectory('long.log'), logLines(50_000));
    const { output } = await read({ files: named('long.log', 'plain.log') }, { mostBytes: 100_000 });
    expect(output.bytes).toBeLessThan(200_000);
    writeFileSync(inDirectory('long.gz'), gzipSync(logLines(100_000)));
    const packed = await read({ files: named('long.gz', 'plain.log') }, { mostBytes: 100_000 });
    expect(packed.output.inputs).toHaveLength(2);
  });
});

describe('patterns', () => {
  test('are expanded in the order of names as people count', async () => {
    const { output } = await read({ files: [inDirectory('rotated/log.*')], glob: true });
    expect(output.all.toString()).toBe('log.1\nlog.2.gz\nlog.10\n');
  });

  test('of a directory, the oldest file first', async () => {
    const { output } = await read({ files: [inDirectory('rotated')], pattern: '*', order: 'oldest-first' });
    expect(output.all.toString()).toBe('log.10\nlog.2.gz\nlog.1\nlog\nother-20261127\nother-20261128\nother\n');
  });

  test('that match nothing are named', async () => {
    await expect(read({ files: [inDirectory('*.none')], glob: true })).rejects.toThrow(
      `No file matches '${inDirectory('*.none')}'.`,
    );
    await expect(read({ files: [directory], pattern: '*.none' })).rejects.toThrow(
      `No file matches '*.none' in '${directory}'.`,
    );
  });

  test('may be the name of a file', async () => {
    writeFileSync(inDirectory('[a].log'), 'brackets\n');
    expect((await read({ files: named('[a].log'), glob: true })).output.all.toString()).toBe('brackets\n');
  });
});

describe.skipIf(process.platform === 'win32')('what is no regular file', () => {
  test('a FIFO is read to its end, also a compressed one', async () => {
    for (const content of ['plain', 'packed'] as const) {
      const fifo = inDirectory(`fifo-${content}`);
      execFileSync('mkfifo', [fifo]);
      const lines = logLines(20_000);
      writeFileSync(inDirectory('fifo-content'), content === 'plain' ? lines : gzipSync(lines));
      const writer = spawn('sh', ['-c', `cat '${inDirectory('fifo-content')}' > '${fifo}'`]);
      const { output, progress } = await read({ files: [fifo] });
      expect(output.all.equals(lines)).toBe(true);
      expect(progress.share).toBeUndefined();
      writer.kill();
    }
  });

  test('what comes out of a FIFO is delivered at once, however little it is', async () => {
    const fifo = inDirectory('fifo-slow');
    execFileSync('mkfifo', [fifo]);
    const writer = spawn('sh', ['-c', `exec 3> '${fifo}'; printf 'hi' >&3; read line`]);
    const source = new Files({ files: [fifo] });
    await source.open();
    const output = new RecordedOutput();
    const stopping = new AbortController();
    const running = source.run(output, stopping.signal);
    await expect.poll(() => output.bytes, { interval: 5, timeout: 20_000 }).toBe(2);
    stopping.abort();
    await running;
    await source.close();
    writer.kill();
  });

  test('what was not known to be compressed or not is delivered when it is stopped', async () => {
    const fifo = inDirectory('fifo-begun');
    execFileSync('mkfifo', [fifo]);
    const writer = spawn('sh', ['-c', `exec 3> '${fifo}'; printf 'BZ' >&3; echo written; read line`]);
    const source = new Files({ files: [fifo] });
    await source.open();
    const output = new RecordedOutput();
    const stopping = new AbortController();
    const running = source.run(output, stopping.signal);
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    await running;
    expect(['', 'BZ']).toContain(output.all.toString());
    await source.close();
    writer.kill();
  });

  test('files of /proc, whose size is 0, and devices', async () => {
    const { output } = await read({ files: ['/proc/version', inDirectory('empty.log'), '/dev/null'] });
    expect(output.texts.map(([, text]) => text)).toEqual([readFileSync('/proc/version', 'utf8'), '', '']);
  });
});

describe('compressed files', () => {
  const lines = logLines(30_000);

  test.each([
    ['gzip', ['-c']],
    ['bzip2', ['-c']],
    ['xz', ['-c']],
    ['zstd', ['-c', '--check']],
  ] as const)('%s', async (program, args) => {
    const compressed = compressedBy(program, args, lines);
    if (compressed === undefined) return expect(program, 'is not installed').not.toBe('gzip');
    const path = inDirectory(`lines.${program}`);
    writeFileSync(path, Buffer.concat([compressed, compressed]));
    const { output, progress } = await read({ files: [path] });
    expect(output.all.equals(Buffer.concat([lines, lines]))).toBe(true);
    expect([progress.total, progress.done]).toEqual([2 * compressed.length, 2 * compressed.length]);
    for (const share of [0.3, 0.9]) {
      const cut = Math.floor(compressed.length * share);
      writeFileSync(path, compressed.subarray(0, cut));
      const source = new Files({ files: [path] });
      const partial = new RecordedOutput();
      await source.open();
      const failure = await source.run(partial, new AbortController().signal).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'ERR_SOURCE_READ',
        message: `'${path}' ends in the middle of its compressed data, at byte ${cut} of the compressed file. The ${partial.bytes} bytes that could be decompressed before were delivered.`,
      });
      expect(lines.subarray(0, partial.bytes).equals(partial.all)).toBe(true);
      await source.close();
    }
  });

  test('what is behind the compressed bytes is left out, and told', async () => {
    const path = inDirectory('trailing.gz');
    writeFileSync(path, Buffer.concat([gzipSync('packed\n'), Buffer.from('garbage')]));
    const { output } = await read({ files: [path] });
    expect(output.all.toString()).toBe('packed\n');
    expect(output.events).toEqual([{ at: 7, event: expect.objectContaining({ event: 'trailing', bytes: 7 }) }]);
  });
});
