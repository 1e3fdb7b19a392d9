import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { chmod, chown, lstat, mkdir, open, readdir, readFile, readlink, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { buildCounter, buildJoiner } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { runOnDisk, whyNoMounts } from './full-disk.js';
import { outcome, setStage, summaryOf } from './support.js';

const stage = setStage();
const isWindows = process.platform === 'win32';
const PARSER = ['--parser', 'string-parser'];
const LINES = 'a line of a log\n'.repeat(1000);
/** Three chunks and more. */
const LONG = 'a line of a log that is long enough to fill a disk\n'.repeat(80_000);
const ENDLESS = ['--source', './counter.wasm', '--source-config', 'count=2000000000'];

beforeAll(async () => {
  await stage.file('counter.wasm', await buildCounter());
  await stage.file('joiner.wasm', await buildJoiner());
});

/** What the command leaves when its standard descriptors are files. Flags as those of `open`. */
async function redirected(
  args: readonly string[],
  { input, output, flags = 'a' }: { readonly input?: string; readonly output?: string; readonly flags?: string },
) {
  const stdin = input === undefined ? 'ignore' : openSync(input, 'r');
  const stdout = output === undefined ? 'ignore' : openSync(output, flags);
  const child = stage.startWith([stdin, stdout, 'pipe'], ...args);
  // What is read back without end fills the disk.
  onTestFinished(() => void child.kill('SIGKILL'));
  const stderr: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code] = await once(child, 'close');
  for (const descriptor of [stdin, stdout]) if (typeof descriptor === 'number') closeSync(descriptor);
  return { code, stderr: Buffer.concat(stderr).toString() };
}

describe.skipIf(isWindows)('an output that is an input is refused, with both names, and nothing is written:', () => {
  const refused = async (file: string, result: Promise<{ code: unknown; stderr: string }>, names: RegExp) => {
    const before = readFileSync(file);
    const { code, stderr } = await result;
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(names) });
    expect(readFileSync(file).equals(before)).toBe(true);
  };

  test('a file and standard input', async () => {
    const file = await stage.file('in.log', LINES);
    const args = ['ingest', '-', ...PARSER, '-o', 'in.log'];
    await refused(file, redirected(args, { input: file }), /'--output in.log' is the same file as standard input/);
  });

  test('standard output and standard input', async () => {
    const file = await stage.file('in.log', LINES);
    const expected = /standard output is the same file as standard input/;
    await refused(file, redirected(['ingest', '-', ...PARSER], { input: file, output: file }), expected);
  });

  test('standard output and a file', async () => {
    const file = await stage.file('in.log', LINES);
    const expected = /standard output is the same file as 'in.log'/;
    await refused(file, redirected(['ingest', 'in.log', ...PARSER], { output: file }), expected);
  });

  test('what a source is configured to read', async () => {
    const file = await stage.file('in.log', LINES);
    const source = ['--source', 'file-source', '--source-config', 'input-path=in.log'];
    const expected = /'--output .\/in.log' is the same file as 'in.log'/;
    await refused(file, stage.run('ingest', ...source, ...PARSER, '-o', './in.log'), expected);
    await refused(file, redirected(['ingest', ...source, ...PARSER], { output: file }), /standard output .* 'in.log'/);
  });

  test('what a profile lets a source read', async () => {
    const file = await stage.file('in.log', LINES);
    const saved = await stage.run('plugins', 'config', 'file-source', `input-path=${file}`, '--save', 'mine');
    expect(saved.code).toBe(0);
    const args = ['ingest', '--source', 'file-source', '--source-profile', 'mine', ...PARSER, '-o', 'in.log'];
    await refused(file, stage.run(...args), /'--output in.log' is the same file as '.*in.log'/);
  });

  test('a profile itself', async () => {
    await stage.run('plugins', 'config', 'string-parser', 'prefix=>', '--save', 'kept');
    const home = join(stage.directory, 'home', '.chipmunk', 'plugins', '.chipmunk-host');
    const log = await stage.file('x.log', 'x\n');
    const result = await stage.run('ingest', log, ...PARSER, '--profile', 'kept', '-o', join(home, 'profiles', 'x'));
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(/is inside '.*\.chipmunk-host'/) });
  });

  test('a configuration file, a plugin', async () => {
    const log = await stage.file('x.log', 'x\n');
    const config = await stage.file('config.json', '{"prefix": "> "}');
    const args = ['ingest', log, '--config-file', config, ...PARSER];
    await refused(config, stage.run(...args, '-o', 'config.json'), /'--output config.json' .* '.*config.json'/);
    const plugin = join(stage.directory, 'counter.wasm');
    await refused(plugin, stage.run('ingest', ...ENDLESS, ...PARSER, '-o', plugin), /same file as '.\/counter.wasm'/);
  });

  test('a file that is to be a directory of kept input', async () => {
    const file = await stage.file('in.log', LINES);
    const result = stage.run('ingest', file, ...PARSER, '--quarantine', 'in.log');
    await refused(file, result, /'--quarantine in.log' is the same file as '.*in.log'/);
  });

  test('standard output and the file that another command reads', async () => {
    for (const args of [
      ['replay', 'read.file'],
      ['plugins', 'config', 'string-parser', '--file', 'read.file'],
      ['plugins', 'add', 'read.file'],
      ['plugins', 'update', 'read.file'],
    ]) {
      const file = await stage.file('read.file', '{}');
      await refused(file, redirected(args, { output: file }), /standard output is the same file as 'read.file'/);
    }
  });

  test('but terminals, null devices and files that are none of them are fine', async () => {
    const file = await stage.file('in.log', LINES);
    const output = await stage.file('out.log', 'before\n');
    expect(await redirected(['ingest', '-', ...PARSER], { input: file, output })).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(output, 'utf8')).toBe(`before\n${LINES}`);
    const empty = await redirected(['ingest', '-', ...PARSER], { input: '/dev/null', output: '/dev/null' });
    expect(empty.code).toBe(0);
  });
});

describe('an output file', () => {
  test('is a partial file until the run is done, also by an interruption', async () => {
    const output = await stage.file('items.txt', 'before');
    const child = stage.start('ingest', ...ENDLESS, ...PARSER, '-o', 'items.txt', '--summary', 'json');
    const ended = outcome(child);
    await vi.waitFor(async () => expect((await stat(`${output}.partial`)).size).toBeGreaterThan(0), 30_000);
    expect(await readFile(output, 'utf8')).toBe('before');
    child.kill('SIGINT');
    const result = await ended;
    if (!isWindows) expect(result.code).toBe(130);
    const items = await readFile(output);
    expect(items.toString()).toMatch(/^1\n2\n3\n/);
    expect(items.length).toBe(summaryOf(result).bytes);
    await expect(stat(`${output}.partial`)).rejects.toThrow('ENOENT');
  });

  test('is what it was after a kill, and the next run says what to do about the partial one', async () => {
    const output = await stage.file('killed.txt', 'before');
    const child = stage.start('ingest', ...ENDLESS, ...PARSER, '-o', 'killed.txt');
    await vi.waitFor(async () => expect((await stat(`${output}.partial`)).size).toBeGreaterThan(0), 30_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readFile(output, 'utf8')).toBe('before');
    const partial = await readFile(`${output}.partial`);
    const log = await stage.file('x.log', 'x\n');
    const again = await stage.run('ingest', log, ...PARSER, '-o', 'killed.txt');
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ERR_OUTPUT_OPEN: .*'.*killed.txt.partial' exists already.\n {2}help: /),
    });
    expect(await readFile(output, 'utf8')).toBe('before');
    expect((await readFile(`${output}.partial`)).equals(partial)).toBe(true);
  });

  test('in several compressed files has whole ones after a kill, and the next run goes on behind them', async () => {
    const rotating = [...PARSER, '-o', 'several.txt.gz', '--rotate-size', '512KiB'];
    const child = stage.start('ingest', ...ENDLESS, ...rotating);
    const files = async () => (await readdir(stage.directory)).filter((name) => name.startsWith('several-')).sort();
    await vi.waitFor(async () => expect((await files()).length).toBeGreaterThan(3), 30_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const names = await files();
    const whole = names.filter((name) => name.endsWith('.gz'));
    const texts = whole.map((name) => gunzipSync(readFileSync(join(stage.directory, name))).toString());
    const rows = texts.join('').split('\n').slice(0, -1);
    expect(rows.findIndex((row, at) => row !== String(at + 1))).toBe(-1);
    const log = await stage.file('x.log', 'x\n');
    const again = await stage.run('ingest', log, ...rotating);
    expect(again.code).toBe(0);
    const more = (await files()).filter((name) => !names.includes(name));
    // A file that was about to be renamed may have both names.
    const numbers = new Set(names.map((name) => name.slice(0, 'several-000000'.length)));
    expect(more).toEqual([`several-${String(numbers.size + 1).padStart(6, '0')}.txt.gz`]);
  });

  test('is what it was when the run fails, and the partial one is named', async () => {
    const output = await stage.file('failed.txt', 'before');
    const log = await stage.file('x.log', 'x\n');
    const result = await stage.run('ingest', log, 'no.log', ...PARSER, '-o', 'failed.txt');
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^The items so far are in '.*failed.txt.partial'; 'failed.txt' is unchanged.$/m);
    expect(await readFile(output, 'utf8')).toBe('before');
    expect(await readFile(`${output}.partial`, 'utf8')).toBe('x\n');
  });

  test.skipIf(isWindows)('keeps links, mode and owner', async () => {
    const target = await stage.file('target.txt', 'before');
    await chmod(target, 0o640);
    if (process.getuid?.() === 0) await chown(target, 1234, 4321);
    const { uid, gid } = await stat(target);
    await symlink('target.txt', join(stage.directory, 'link.txt'));
    const log = await stage.file('x.log', 'x\n');
    expect((await stage.run('ingest', log, ...PARSER, '-o', 'link.txt')).code).toBe(0);
    expect(await readlink(join(stage.directory, 'link.txt'))).toBe('target.txt');
    expect(await readFile(target, 'utf8')).toBe('x\n');
    const status = await lstat(target);
    expect({ mode: status.mode & 0o7777, uid: status.uid, gid: status.gid }).toEqual({ mode: 0o640, uid, gid });
  });

  test.skipIf(isWindows)('is made where a link leads to nothing', async () => {
    await symlink('new.txt', join(stage.directory, 'dangling.txt'));
    const log = await stage.file('x.log', 'x\n');
    expect((await stage.run('ingest', log, ...PARSER, '-o', 'dangling.txt')).code).toBe(0);
    expect(await readFile(join(stage.directory, 'new.txt'), 'utf8')).toBe('x\n');
  });

  test.skipIf(isWindows)('is written in place, with a warning, where no partial one can be made', async () => {
    const name = `${'n'.repeat(246)}.txt`;
    const output = await stage.file(name, 'something long that was there before');
    const log = await stage.file('x.log', 'x\n');
    const { code, stderr } = await stage.run('ingest', log, ...PARSER, '-o', name);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('written in place') });
    expect(await readFile(output, 'utf8')).toBe('x\n');
  });

  test.skipIf(isWindows)('of a run without end is written directly', async () => {
    const child = stage.start('ingest', '--source', './counter.wasm', '--follow', ...PARSER, '-o', 'endless.txt');
    const output = join(stage.directory, 'endless.txt');
    await vi.waitFor(async () => expect((await stat(output)).size).toBeGreaterThan(0), 30_000);
    child.kill('SIGINT');
    expect((await outcome(child)).code).toBe(130);
    expect(await readFile(output, 'utf8')).toMatch(/^1\n/);
  });
});

describe.skipIf(isWindows)('a named pipe as output', () => {
  const pipe = async (name: string) => {
    const path = join(stage.directory, name);
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    return path;
  };

  test('is written directly', async () => {
    const path = await pipe('pipe');
    const log = await stage.file('long.log', LONG);
    const ended = stage.run('ingest', log, ...PARSER, '-o', path);
    expect(await readFile(path, 'utf8')).toBe(LONG);
    expect((await ended).code).toBe(0);
  });

  test.each(['left', 'left.gz'])('whose reader goes away is no error: %s', async (name) => {
    const path = await pipe(name);
    const ended = stage.run('ingest', ...ENDLESS, ...PARSER, '-o', path, '--summary', 'json');
    const reader = await open(path);
    await reader.read(Buffer.alloc(10));
    await reader.close();
    const result = await ended;
    expect(result.code).toBe(0);
    expect(summaryOf(result)).toMatchObject({ status: 'stopped', errors: {} });
  });

  test('without a reader does not keep the first signal from ending the run', async () => {
    const path = await pipe('unread');
    const log = await stage.file('x.log', 'x\n');
    const child = stage.start('ingest', log, ...PARSER, '-o', path, '--summary', 'json');
    const [waiting] = (await once(createInterface({ input: child.stderr }), 'line')) as [string];
    expect(waiting).toMatch(/^warning: waiting for a reader of the named pipe '.*unread'$/m);
    child.kill('SIGTERM');
    const result = await outcome(child);
    expect({ code: result.code, signal: result.signal }).toEqual({ code: 143, signal: null });
    expect(summaryOf(result)).toMatchObject({ status: 'stopped', items: 0 });
  });
});

test.skipIf(isWindows)(
  'a second signal ends a process with a thread that waits in the system',
  { timeout: 20_000 },
  async () => {
    const path = join(stage.directory, 'config.json.pipe');
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    const log = await stage.file('x.log', 'x\n');
    const child = stage.start('ingest', log, ...PARSER, '--config-file', path);
    // It can be opened without waiting when somebody is about to read it; nothing is ever written.
    const writer = await vi.waitFor(() => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK), 15_000);
    let ended = false;
    const exit = once(child, 'exit').finally(() => {
      ended = true;
    });
    await vi.waitFor(() => {
      child.kill('SIGTERM');
      expect(ended).toBe(true);
    }, 15_000);
    expect(await exit).toEqual([null, 'SIGTERM']);
    closeSync(writer);
  },
);

const noMounts = whyNoMounts();
describe.skipIf(noMounts !== undefined)(
  `on a disk that fills up${noMounts === undefined ? '' : ` (${noMounts})`}`,
  () => {
    beforeAll(async () => {
      await stage.file('long.log', LONG);
    });
    const log = () => join(stage.directory, 'long.log');

    test.each(['text', 'ndjson', 'msgpack'])(
      'standard output says so, and what is counted was written: %s',
      async (format) => {
        const args = ['ingest', log(), ...PARSER, '-f', format, '--summary', 'json'];
        const result = await runOnDisk(stage, { size: '3m' }, ...args);
        expect(result.code).toBe(1);
        const written = await readFile(join(result.files, 'stdout'));
        expect(result.stderr).toMatch(
          /^error ERR_OUTPUT_WRITE: .*Cannot write to standard output after 3.1 MB: ENOSPC/,
        );
        expect(written.length).toBe(3 * 1024 * 1024);
        const { status, bytes, items, errors } = summaryOf(result) as Record<string, number>;
        expect({ status, errors }).toEqual({ status: 'failed', errors: { ERR_OUTPUT_WRITE: 1 } });
        expect(bytes).toBeGreaterThan(0);
        expect(items).toBe((bytes as number) / (LONG.indexOf('\n') + 1));
        if (format === 'text') expect(written.subarray(0, bytes).toString()).toBe(LONG.slice(0, bytes));
        if (format === 'ndjson') expect(written.toString().split('\n').length).toBeGreaterThan(items as number);
      },
    );

    test('an output file is what it was, and the partial one is named', async () => {
      const result = await runOnDisk(stage, { size: '3m' }, 'ingest', log(), ...PARSER, '-o', 'items.txt');
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/^error ERR_OUTPUT_WRITE: .*after 3.1 MB: ENOSPC.*\n {2}help: The disk is full/);
      expect(result.stderr).toMatch(/^The items so far are in '.*items.txt.partial'; 'items.txt' is unchanged.$/m);
      await expect(stat(join(result.files, 'items.txt'))).rejects.toThrow('ENOENT');
      expect((await stat(join(result.files, 'items.txt.partial'))).size).toBe(3 * 1024 * 1024);
    });

    test('files that are whole stay, and the one that is not is named: what is counted is in them', async () => {
      const args = ['ingest', log(), ...PARSER, '-f', 'csv', '-o', 'items.csv', '--rotate-size', '1MiB'];
      const result = await runOnDisk(stage, { size: '3m' }, ...args, '--summary', 'json');
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/^error ERR_OUTPUT_WRITE: .*Cannot write to 'items-000004.csv' after .*: ENOSPC/);
      expect(result.stderr).toMatch(
        /^The items so far are in 'items-000001.csv' to 'items-000003.csv' and '.*items-000004.csv.partial'.$/m,
      );
      const names = (await readdir(result.files)).filter((name) => name !== 'stdout').sort();
      const files = await Promise.all(names.map((name) => readFile(join(result.files, name), 'latin1')));
      expect(files.every((text) => text.startsWith('text\r\n'))).toBe(true);
      const whole = files.slice(0, -1);
      expect(whole.every((text) => text.endsWith('\r\n'))).toBe(true);
      const rows = files.join('').split('\r\n').length - 1 - files.length;
      const { items } = summaryOf(result) as Record<string, number>;
      expect(items).toBeGreaterThan(whole.join('').split('\r\n').length - 1 - whole.length - 1);
      expect(items).toBeLessThanOrEqual(rows);
    });

    test('attachments that are whole stay, and are in the index that is not', async () => {
      const lines = Array.from({ length: 5 }, (_, row) => `@${row}${'x'.repeat(800_000)}\n`).join('');
      const args = [
        'ingest',
        await stage.file('at.log', lines),
        '-p',
        join(stage.directory, 'joiner.wasm'),
        '-f',
        'none',
      ];
      const result = await runOnDisk(stage, { size: '3m' }, ...args, '--attachments', 'files', '--summary', 'json');
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/^error ERR_OUTPUT_WRITE: .*Cannot write to 'files\/line' after .*: ENOSPC/m);
      expect(result.stderr).toMatch(/^The attachments so far are in 'files', and their index is '.*ndjson.partial'.$/m);
      const files = join(result.files, 'files');
      expect((await readdir(files)).sort()).toEqual(['index.ndjson.partial', 'line', 'line-2', 'line-3']);
      for (const name of ['line', 'line-2', 'line-3']) expect((await stat(join(files, name))).size).toBe(800_002);
      expect(readFileSync(join(files, 'index.ndjson.partial'), 'utf8').split('\n')).toHaveLength(4);
      expect(summaryOf(result)).toMatchObject({ attachments: { files: 3, bytes: 2_400_006, directory: 'files' } });
    });

    test('an output file of which nothing was written leaves nothing', async () => {
      const result = await runOnDisk(stage, { size: '1m', full: true }, 'ingest', log(), ...PARSER, '-o', 'items.txt');
      expect(result.code).toBe(1);
      await expect(stat(join(result.files, 'items.txt.partial'))).rejects.toThrow('ENOENT');
    });
  },
);

test('the first message of an error is in the summary', async () => {
  await mkdir(join(stage.directory, 'directory.log'));
  const { stderr } = await stage.run('ingest', 'no.log', 'directory.log', ...PARSER, '--summary', 'text');
  expect(stderr).toMatch(/^ {2}ERR_SOURCE_OPEN: 2, the first: There is no file 'no.log'.$/m);
  const json = await stage.run('ingest', 'no.log', ...PARSER, '--summary', 'json');
  expect(summaryOf(json)).toMatchObject({ firstErrors: { ERR_SOURCE_OPEN: "There is no file 'no.log'." } });
  await rm(join(stage.directory, 'directory.log'), { recursive: true });
});
