/** `search`: what it prints, and what it ends with. What is found is tested with the spool. */
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runOnTerminal, whyNoTerminal } from './pseudo-terminal.js';
import { setStage } from './support.js';

const stage = setStage();
const noTerminal = whyNoTerminal();
if (noTerminal !== undefined) process.stderr.write(`skipped: ${noTerminal}\n`);

const ESC = '\u001b';
const LINES = Array.from({ length: 20 }, (_, row) =>
  row === 3 || row === 5 || row === 15 ? `row ${row} Found it, found it` : `row ${row} hay`,
);
LINES[18] = `row 18 ${ESC}[31mred${ESC}[0m \u202e title`;

beforeAll(async () => {
  const log = await stage.file('in.log', `${LINES.join('\n')}\n`);
  expect((await stage.run('ingest', log, '-p', 'string-parser', '--spool', 'kept')).code).toBe(0);
  const columns = ['-p', 'string-parser', '-c', 'columns=true'];
  expect((await stage.run('ingest', log, ...columns, '--spool', 'columns')).code).toBe(0);
});

async function searched(...args: readonly string[]) {
  const { stdout, stderr, code } = await stage.run('search', ...args);
  return { out: stdout.toString(), stderr, code };
}

test('rows are printed, and the exit code says whether there are any', async () => {
  expect(await searched('kept', 'found')).toEqual({
    out: `${LINES[3]}\n${LINES[5]}\n${LINES[15]}\n`,
    stderr: '',
    code: 0,
  });
  expect(await searched('kept', 'nowhere')).toEqual({ out: '', stderr: '', code: 3 });
  expect(await searched('kept', 'FOUND')).toMatchObject({ out: '', code: 3 });
  expect((await searched('kept', 'FOUND', '-i', '--limit', '1')).out).toBe(`${LINES[3]}\n`);
  expect((await searched('kept', 'row 1', '-w', '-F')).out).toBe(`${LINES[1]}\n`);
  expect((await searched('kept', '-e', 'row 1 ', '-e', '^row 0', '-e', 'w 1 h')).out).toBe(
    `${LINES[0]}\n${LINES[1]}\n`,
  );
  expect((await searched('kept', 'hay', '--from-row', '17')).out).toBe(`${LINES[17]}\n${LINES[19]}\n`);
  expect((await searched('columns', '^row 4', '--column', 'Message')).out).toMatch(/\trow 4 hay\n$/);
  expect((await searched('columns', '^row 4', '--column', '#1')).code).toBe(3);
});

test('rows stand with those around them, each once', async () => {
  expect((await searched('kept', 'found', '-n', '-C', '1')).out).toBe(
    `2-${LINES[2]}\n3:${LINES[3]}\n4-${LINES[4]}\n5:${LINES[5]}\n6-${LINES[6]}\n--\n` +
      `14-${LINES[14]}\n15:${LINES[15]}\n16-${LINES[16]}\n`,
  );
  expect((await searched('kept', 'found', '-n', '-A', '20')).out.match(/^\d+[:-]/gm)).toEqual(
    LINES.map((_, row) => `${row}${[3, 5, 15].includes(row) ? ':' : '-'}`).slice(3),
  );
  expect((await searched('kept', 'row 0 ', '-B', '9')).out).toBe(`${LINES[0]}\n`);
  expect((await searched('kept', 'found', '-C', '1', '-A', '0', '-n')).out).toBe(
    `2-${LINES[2]}\n3:${LINES[3]}\n4-${LINES[4]}\n5:${LINES[5]}\n--\n14-${LINES[14]}\n15:${LINES[15]}\n`,
  );
});

test('rows are counted, and printed as JSON', async () => {
  expect((await searched('kept', 'found', '--count')).out).toBe('3\n');
  expect((await searched('kept', '-c', '-e', 'found', '-e', 'row 5', '--json')).out).toBe('{"count":3}\n');
  expect(await searched('kept', 'nowhere', '-c')).toMatchObject({ out: '0\n', code: 3 });
  expect((await searched('kept', 'found', '-c', '--limit', '2')).out).toBe('2\n');
  const json = (await searched('kept', 'row 1[01]', '--json', '-B', '1')).out.trimEnd().split('\n');
  expect(json.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ row: 9, found: false, text: LINES[9] }),
    expect.objectContaining({ row: 10, found: true, text: LINES[10] }),
    expect.objectContaining({ row: 11, found: true, text: LINES[11] }),
  ]);
});

test('wrong use is told apart from what failed', async () => {
  expect(await searched('kept')).toMatchObject({ code: 2, stderr: expect.stringContaining("'-e'") });
  expect(await searched('kept', 'a', '-e', 'b')).toMatchObject({ code: 2 });
  expect(await searched('kept', 'a', '-c', '--follow')).toMatchObject({ code: 2 });
  expect(await searched('kept', '(')).toMatchObject({ code: 1, stderr: expect.stringContaining('ERR_INVALID_OPTION') });
  expect(await searched('kept', 'a', '--column', 'Level')).toMatchObject({ code: 1 });
  expect(await searched('nowhere', 'a')).toMatchObject({ code: 1, stderr: expect.stringContaining('ERR_SPOOL_READ') });
});

test('rows that are damaged are named, and make the run fail', async () => {
  const log = await stage.file('damaged.log', `${LINES.join('\n')}\n`);
  expect((await stage.run('ingest', log, '-p', 'string-parser', '--spool', 'damaged')).code).toBe(0);
  const path = join(stage.directory, 'damaged', 'segment-0000000001.frames');
  const file = await open(path, 'r+');
  await file.write(Buffer.from('#'), 0, 1, (await file.stat()).size - 40);
  await file.close();
  expect(await searched('damaged', 'found')).toEqual({
    out: '',
    stderr: expect.stringMatching(/^warning: rows 0 to 19 were not searched: .*'segment-0000000001\.frames'\.\n$/),
    code: 1,
  });
});

test('following ends with the signal', async () => {
  const child = stage.start('search', 'kept', 'found', '--follow', '--limit', '100');
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  expect(first.toString()).toContain(LINES[3]);
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
});

describe.skipIf(noTerminal !== undefined)('a terminal', () => {
  test('shows what was found in colours, and controls by their names', async () => {
    const colours = { NO_COLOR: undefined, FORCE_COLOR: '1' };
    const { shown, code } = await runOnTerminal(stage, ['search', 'kept', 'found', '-in'], colours);
    expect(code).toBe(0);
    const found = (text: string) => `${ESC}[1m${ESC}[31m${text}${ESC}[39m${ESC}[22m`;
    expect(shown).toContain(`row 3 ${found('Found')} it, ${found('found')} it`);
    const hostile = await runOnTerminal(stage, ['search', 'kept', 'red']);
    expect(hostile.shown).toContain('row 18 ^[[31mred^[[0m \\u202e title');
    expect(hostile.shown).not.toContain(ESC);
  });
});
