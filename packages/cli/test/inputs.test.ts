import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { copyFile, mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { buildCounter } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { outcome, PROGRAM, setStage, summaryOf } from './support.js';

const stage = setStage();
/** Path of the plugin; it is installed in the home, too. */
let counter: string;
beforeAll(async () => {
  counter = await stage.file('counter.wasm', await buildCounter());
  const installed = join(stage.directory, 'home', '.chipmunk', 'plugins', 'bytesources', 'counter');
  await mkdir(installed, { recursive: true });
  await copyFile(counter, join(installed, 'counter.wasm'));
});

const ENDLESS = ['--source-config', 'count=2000000000'];
const PARSER = ['--parser', 'string-parser'];

describe('a source', () => {
  test('is a plugin by name or path, with a configuration of its own', async () => {
    for (const source of ['counter', './counter.wasm']) {
      const result = await stage.run(
        ...['ingest', '--source', source, '--source-config', 'count=4', ...PARSER, '--config', 'prefix=> '],
        ...['--summary', 'json'],
      );
      expect(result.stdout.toString()).toBe('> 1\n> 2\n> 3\n> 4\n');
      expect(result.code).toBe(0);
      expect(summaryOf(result)).toMatchObject({ status: 'completed', files: 1, bytes: 8, items: 4 });
    }
  });

  test('shows its log when asked to', async () => {
    const { stderr } = await stage.run('ingest', '--source', 'counter', ...PARSER, '--verbose');
    expect(stderr).toContain('source info: counting\n');
  });

  test('is in the list of plugins', async () => {
    expect((await stage.run('plugins', 'list')).stdout.toString()).toMatch(/counter.*byte-source/);
  });

  test.each([
    ['its end', ['--source-config', 'failure=read'], /ERR_SOURCE_READ: source counter: .*the counter is broken/],
    ['its start', ['--source-config', 'failure=init'], /ERR_PLUGIN_INIT: plugin counter: .*no counting today/],
    ['its configuration', ['--source-config', 'cuont=1'], /ERR_CONFIG: Byte-source plugin counter: .*mean 'count'/],
    ['its deadline', ['--source-config', 'failure=loop', '--deadline', '300'], /ERR_PLUGIN_TIMEOUT: source counter: /],
  ])('that fails is named: %s', async (_, options, expected) => {
    const { stderr, code } = await stage.run('ingest', '--source', 'counter', ...options, ...PARSER);
    expect({ stderr, code }).toEqual({ stderr: expect.stringMatching(expected), code: 1 });
  });

  test.skipIf(process.platform === 'win32')('is followed when asked to, until it is interrupted', async () => {
    const child = stage.start('ingest', '--source', 'counter', '--follow', ...PARSER, '--summary', 'json');
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^1\n/);
    child.kill('SIGINT');
    const result = await outcome(child);
    expect(result.code).toBe(130);
    expect(summaryOf(result)).toMatchObject({ status: 'stopped', errors: {} });
  });

  test('is no parser, and a parser is no source', async () => {
    const source = await stage.run('ingest', '--source', 'string-parser', ...PARSER);
    expect(source.stderr).toContain("'string-parser' is a parser plugin; expected a byte-source.");
    const parser = await stage.run('ingest', '--source', 'counter', '--parser', './counter.wasm');
    expect(parser.stderr).toMatch(/counter.wasm' cannot be used: .* is a byte-source; expected a parser/);
    expect([source.code, parser.code]).toEqual([1, 1]);
  });

  test('ends when the reader of the output goes away', async () => {
    const child = stage.start('ingest', '--source', 'counter', ...ENDLESS, ...PARSER, '--summary', 'json');
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    const result = await outcome(child);
    expect(result.code).toBe(0);
    expect(summaryOf(result)).toMatchObject({ status: 'stopped', errors: {} });
  });

  test.skipIf(process.platform === 'win32')('ends when it is interrupted', async () => {
    const child = stage.start('ingest', '--source', 'counter', ...ENDLESS, ...PARSER, '--summary', 'json');
    await once(child.stdout, 'readable');
    child.kill('SIGINT');
    await once(child.stderr, 'readable');
    const result = await outcome(child);
    expect(result.code).toBe(130);
    const summary = summaryOf(result);
    expect(summary).toMatchObject({ status: 'stopped', errors: {} });
    expect(result.stdout.length).toBe(summary.bytes);
  });
});

describe('standard input', () => {
  test('is read in its turn among files', async () => {
    const one = await stage.file('one.log', 'one\n');
    const child = stage.start('ingest', one, '-', one, ...PARSER, '--summary', 'json');
    child.stdin.end('two\nthree');
    const result = await outcome(child);
    expect(result.stdout.toString()).toBe('one\ntwo\nthree\none\n');
    expect(summaryOf(result)).toMatchObject({ status: 'completed', files: 3, items: 4 });
  });

  test('delivers what has arrived while more is to come', async () => {
    const child = stage.start('ingest', '-', ...PARSER);
    for (const line of ['first\n', 'second\n']) {
      child.stdin.write(line);
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
      expect(chunk.toString()).toBe(line);
    }
    child.stdin.end();
    expect((await outcome(child)).code).toBe(0);
  });

  test('that stays open does not keep a run whose reader has gone away', async () => {
    const child = stage.start('ingest', '-', ...PARSER, '--summary', 'json');
    child.stdin.on('error', () => {});
    child.stdin.write('first\n');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stdin.write('second\n');
    const result = await outcome(child);
    expect(result.code).toBe(0);
    expect(summaryOf(result)).toMatchObject({ status: 'stopped', errors: {} });
  });

  test.skipIf(process.platform === 'win32')('that stays open does not keep an interrupted run', async () => {
    const child = stage.start('ingest', '-', ...PARSER, '--summary', 'json');
    child.stdin.write('first\nsec');
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const result = await outcome(child);
    expect(result.code).toBe(130);
    expect(summaryOf(result)).toMatchObject({ status: 'stopped', items: 1, errors: {} });
  });

  test('that stays open does not keep a run that fails to start', async () => {
    const child = stage.start('ingest', '-', ...PARSER, '--config', 'nothing=1');
    const result = await outcome(child);
    expect({ stderr: result.stderr, code: result.code }).toEqual({
      stderr: expect.stringContaining('ERR_CONFIG'),
      code: 1,
    });
  });

  test.skipIf(process.platform === 'win32')('may be called /dev/stdin', async () => {
    const child = stage.start('ingest', '/dev/stdin', ...PARSER);
    child.stdin.end('one\ntwo');
    expect((await outcome(child)).stdout.toString()).toBe('one\ntwo\n');
    const twice = await stage.run('ingest', '/dev/stdin', '-', ...PARSER);
    expect(twice.stderr).toContain('can be read only once');
  });

  /** With a file, or what else has a path, as standard input. */
  const redirected = (path: string, ...args: readonly string[]) => {
    const descriptor = openSync(path, 'r');
    const child = spawn(process.execPath, [PROGRAM, 'ingest', '-', ...PARSER, ...args], {
      stdio: [descriptor, 'pipe', 'pipe'],
      cwd: stage.directory,
      env: stage.env,
    }) as ChildProcessByStdio<null, Readable, Readable>;
    closeSync(descriptor);
    return child;
  };

  test.skipIf(process.platform === 'win32')('that is a directory is refused', async () => {
    const { stderr, code } = await outcome(redirected(stage.directory));
    expect({ stderr, code }).toEqual({
      stderr: expect.stringMatching(/^error ERR_SOURCE_OPEN: The standard input is a directory; expected a file/),
      code: 1,
    });
  });

  test.skipIf(process.platform !== 'linux')('is read to its end, whatever its size is said to be', async () => {
    const { stdout, code } = await outcome(redirected('/proc/version'));
    expect([stdout.toString().startsWith('Linux version'), code]).toEqual([true, 0]);
  });

  test.skipIf(process.platform === 'win32')('that is cut while it is read does not end in silence', async () => {
    // More than what pipe, rings and windows hold.
    const file = await stage.file('cut.log', `${'x'.repeat(127)}\n`.repeat(512 * 1024));
    const child = redirected(file, '--summary', 'json');
    await once(child.stdout, 'readable');
    await truncate(file, 1000);
    const result = await outcome(child);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('ERR_SOURCE_CHANGED: The standard input was cut to 1000 bytes');
    expect(summaryOf(result)).toMatchObject({ status: 'failed', errors: { ERR_SOURCE_CHANGED: 1 } });
  });
});

describe('a FILE', () => {
  const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;

  const isHere = process.platform === 'linux' && hasBash;
  test.skipIf(!isHere)(
    'may be a file without a size, a device, or a FIFO, alone or with others (skipped elsewhere than on Linux)',
    async () => {
      const inputs = ['/proc/version', '/dev/null', '<(echo one)', '--concat /proc/version <(echo one)'];
      for (const input of inputs) {
        const command = `"$0" "$1" ingest ${input} -p string-parser --quiet`;
        const child = spawn('bash', ['-c', command, process.execPath, PROGRAM], {
          cwd: stage.directory,
          env: stage.env,
        });
        const { stdout, stderr, code } = await outcome(child);
        // Also no warning of Node's about who closes which descriptor.
        expect({ stderr, code }, input).toEqual({ stderr: '', code: 0 });
        expect(stdout.length > 0, input).toBe(input !== '/dev/null');
      }
    },
  );

  test.skipIf(!hasBash)('may be a process substitution (skipped without bash)', async () => {
    const command = `"$0" "$1" ingest <(printf 'one\\ntwo\\n') <(printf three) -p string-parser --summary json`;
    const child = spawn('bash', ['-c', command, process.execPath, PROGRAM], { cwd: stage.directory, env: stage.env });
    const result = await outcome(child);
    expect(result.stdout.toString()).toBe('one\ntwo\nthree\n');
    expect(summaryOf(result)).toMatchObject({ status: 'completed', files: 2, items: 3 });
  });

  test.skipIf(process.platform !== 'linux')(
    'that is a FIFO without a writer does not keep an interrupted run',
    async () => {
      execFileSync('mkfifo', [`${stage.directory}/fifo`]);
      const first = await stage.file('before.log', 'one\n');
      const child = stage.start('ingest', first, 'fifo', ...PARSER, '--summary', 'json');
      await once(child.stdout, 'data');
      child.kill('SIGINT');
      const result = await outcome(child);
      expect(result.code).toBe(130);
      expect(summaryOf(result)).toMatchObject({ status: 'stopped', items: 1, errors: {} });
    },
  );
});

describe('several FILEs', () => {
  const read = async (...args: string[]) => {
    const { stdout, stderr, code } = await stage.run('ingest', ...args, ...PARSER);
    return { stdout: stdout.toString(), stderr, code };
  };

  test('are one input with --concat, plain and compressed', async () => {
    await stage.file('log', 'three\nfour\n');
    await stage.file('log.1', 'two\nth');
    await stage.file('log.2.gz', gzipSync('one\n'));
    const files = ['log', 'log.1', 'log.2.gz'];
    expect(await read('--concat', '--oldest-first', ...files)).toEqual({
      stdout: 'one\ntwo\nth\nthree\nfour\n',
      stderr: '',
      code: 0,
    });
    expect((await read('--concat', '--join', '--oldest-first', '--glob', 'log*')).stdout).toBe(
      'one\ntwo\nththree\nfour\n',
    );
    expect((await read('--pattern', 'log.*', '.')).stdout).toBe('two\nth\none\n');
    const { stderr } = await stage.run('ingest', '--concat', ...files, ...PARSER, '--summary', 'json');
    expect(JSON.parse(stderr)).toMatchObject({ status: 'completed', files: 1, bytes: 21, items: 5 });
  });

  test('that a pattern does not match, or that cannot be one input, are refused', async () => {
    expect(await read('--glob', '*.nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("No file matches '*.nothing'."),
    });
    expect(await read('--join', 'log')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'--join' needs '--concat'"),
    });
    expect(await read('--concat', 'log', '-')).toMatchObject({ code: 2 });
    const missing = await read('--concat', 'log', 'missing.log');
    expect(missing).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining("There is no file 'missing.log'."),
    });
  });
});
