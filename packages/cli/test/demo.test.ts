import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sampleDlt } from '#demo/sample-dlt.js';
import { sampleLog } from '#demo/sample-log.js';
import { outcome, setStage } from './support.js';

const stage = setStage();
const never = new AbortController().signal;
/** More than one block. */
const BYTES = 5_000_000;

describe('the sample log', () => {
  test('has the size that was asked for, whole lines, and the same content every time', async () => {
    const first = join(stage.directory, 'made', 'first.log');
    expect(await sampleLog(first, BYTES, never)).toEqual({ path: first, written: true });
    const content = await readFile(first);
    expect(content.length).toBe(BYTES);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    expect(text.endsWith('\n')).toBe(true);
    const lines = text.slice(0, -1).split('\n');
    expect(
      lines.filter((line) => !/^2024-03-1\d \d\d:\d\d:\d\d\.\d{3} (INFO |WARN |DEBUG|ERROR) \[[\w-]+\] \S/.test(line)),
    ).toEqual([]);
    expect(BYTES / lines.length).toBeGreaterThan(80);
    expect(BYTES / lines.length).toBeLessThan(120);
    expect(lines).toEqual(
      lines.toSorted((a, b) => (a.slice(0, 23) < b.slice(0, 23) ? -1 : a.slice(0, 23) > b.slice(0, 23) ? 1 : 0)),
    );

    const second = join(stage.directory, 'made', 'second.log');
    await sampleLog(second, BYTES, never);
    expect((await readFile(second)).equals(content)).toBe(true);
  });

  test('is kept for the next time, and written again when it is not whole', async () => {
    const path = join(stage.directory, 'kept', 'sample.log');
    await mkdir(join(stage.directory, 'kept'));
    await writeFile(path, 'half');
    expect((await sampleLog(path, 1000, never)).written).toBe(true);
    const { mtimeMs } = await stat(path);
    expect((await sampleLog(path, 1000, never)).written).toBe(false);
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
  });

  test('leaves nothing behind when it is given up', async () => {
    const path = join(stage.directory, 'given-up', 'sample.log');
    await expect(sampleLog(path, BYTES, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    expect(await readdir(join(stage.directory, 'given-up'))).toEqual([]);
  });
});

test('the sample of DLT has the size that was asked for, and whole messages that dlt-parser reads', async () => {
  const path = join(stage.directory, 'made', 'sample.dlt');
  expect(await sampleDlt(path, BYTES, never)).toEqual({ path, written: true });
  expect((await stat(path)).size).toBe(BYTES);
  const { stdout, stderr, code } = await stage.run(
    'ingest',
    path,
    '--parser',
    'dlt-parser',
    '--format',
    'none',
    '--summary',
    'json',
  );
  expect(code).toBe(0);
  const summary = JSON.parse(stdout.toString() || stderr) as Record<string, number>;
  expect(summary).toMatchObject({ status: 'completed', bytes: BYTES, skippedBytes: 0 });
  expect(BYTES / (summary.items ?? 0)).toBeGreaterThan(80);
  expect(BYTES / (summary.items ?? 0)).toBeLessThan(140);
});

describe('the demo', () => {
  test('shows the first items and the figures, and checks that all sides agree', async () => {
    const file = await stage.file('three.log', 'first\nsecond ✓\r\nthird');
    const { stdout, stderr, code } = await demo(file);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const text = stdout.toString();
    expect(text).toContain('  first\n  second ✓\n  third\n');
    expect(text).toMatch(/completed: 3 items from 23 bytes/);
    expect(text).toMatch(/string-parser, items not decoded .*3.*MB\/s.* x /);
    expect(text).toMatch(/string-parser, every item decoded .*3.*MB\/s.* x /);
    expect(text).toMatch(/Node's readline .*3.*MB\/s.*1\.0 x /);
    expect(text).toContain('All agree: 3 lines, 18 characters.');
  });

  test('reads samples of its own where no file is named, a log and a DLT file', async () => {
    const { stdout, stderr, code } = await demo(undefined);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const text = stdout.toString();
    expect(text).toMatch(/^All agree: [\d,]+ lines/m);
    expect(text).toMatch(/^The first messages:\n( {2}.+\n){5}/m);
    expect(text).toMatch(/^completed: [\d,]+ messages from 67\.1 MB in .*, nothing skipped$/m);
  });

  test('says why a count differs from that of readline', async () => {
    const { stdout, code } = await demo(await stage.file('returns.log', 'one\rtwo\n'));
    expect(code).toBe(0);
    expect(stdout.toString()).toContain('They do not agree: 1 and 2 lines');
  });

  test.each([
    ['is missing', 'nowhere.log', /^error ERR_SOURCE_OPEN: There is no file '.*nowhere.log'/],
    ['is a directory', '.', /^error ERR_SOURCE_OPEN: '.*' is a directory/],
  ])('fails cleanly for a file that %s', async (_, name, expected) => {
    const { stderr, code } = await demo(join(stage.directory, name));
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

function demo(file: string | undefined) {
  const options = JSON.stringify({ file, directory: join(stage.directory, 'demo') });
  const script = `import { runDemo } from '#demo/demo.js'; process.exitCode = await runDemo(${options});`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return outcome(child);
}
