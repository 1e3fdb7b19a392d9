/** `ingest --follow` of files, and `--checkpoint`. */
import { once } from 'node:events';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CliProcess, outcome, setStage, summaryOf } from './support.js';

const stage = setStage();
const PARSER = ['--parser', 'string-parser'];
const at = (name: string) => join(stage.directory, name);

/** Reads what a program writes until it ends with `text`. */
async function until(child: CliProcess, text: string): Promise<string> {
  let read = '';
  while (!read.endsWith(text)) {
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    read += chunk.toString();
  }
  return read;
}

describe('--follow', () => {
  test.skipIf(process.platform === 'win32')(
    'goes on with what is appended and rotated, until it is interrupted',
    async () => {
      await stage.file('a.log', 'a1\n');
      const child = stage.start('ingest', 'a.log', '--follow', ...PARSER, '--summary', 'json');
      expect(await until(child, 'a1\n')).toBe('a1\n');
      appendFileSync(at('a.log'), 'a2\n');
      renameSync(at('a.log'), at('a.log.1'));
      writeFileSync(at('a.log'), 'a3\n');
      expect(await until(child, 'a3\n')).toBe('a2\na3\n');
      child.kill('SIGINT');
      const result = await outcome(child);
      expect(result.code).toBe(130);
      expect(summaryOf(result)).toMatchObject({ status: 'stopped', items: 3, errors: {} });
    },
  );

  test('is of all files at once, from a place near their ends, and ends when they are idle', async () => {
    await stage.file('b.log', 'b1\nb2\nb3\n');
    await stage.file('c.log', 'c1\nc2\nc3\n');
    const options = ['--follow-from', '2', '--follow-idle', '1s', '--with-filename', '--summary', 'json'];
    const result = await stage.run('ingest', 'b.log', 'c.log', '--follow', ...options, ...PARSER);
    expect(result.stdout.toString().split('\n').sort()).toEqual([
      '',
      'b.log\tb2',
      'b.log\tb3',
      'c.log\tc2',
      'c.log\tc3',
    ]);
    expect(result.code).toBe(0);
    expect(summaryOf(result)).toMatchObject({ status: 'completed', files: 2, items: 4 });
  });

  test.each([
    ['standard input', ['-', '--follow'], "standard input, '-', cannot be followed"],
    ['nothing', ['--follow'], "'--follow' needs files or a source"],
    ['a place without it', ['x.log', '--follow-from', 'end'], "'--follow-from' is for files with '--follow'"],
    [
      'a wrong place',
      ['x.log', '--follow', '--follow-from', 'middle'],
      "Expected 'beginning', 'end' or a number of lines.",
    ],
    ['Arrow of several', ['x.log', 'y.log', '--follow', '-f', 'arrow'], 'works with each format but arrow'],
    ['starting over', ['x.log', '--start-over'], "'--start-over' needs a checkpoint"],
    ['checkpoints of a source', ['-s', 'x', '--checkpoint', 'c'], 'a byte-source plugin cannot go back'],
    ['checkpoints and parts', ['x.log', '--checkpoint', 'c', '--parallel', '2'], "cannot be used with '--parallel'"],
    ['checkpoints and .gz', ['x.log', '--checkpoint', 'c', '-o', 'x.gz'], 'cannot be used with compressed output'],
  ])('is refused where it cannot be: %s', async (_, args, message) => {
    const result = await stage.run('ingest', ...args, ...PARSER);
    expect(result.stderr).toContain(message);
    expect(result.code).toBe(2);
  });
});

describe('--checkpoint', () => {
  test('goes on where the run before was, in each of the files, and appends to the output', async () => {
    await stage.file('d.log', 'd1\nd2\n');
    await stage.file('e.log', 'e1\n');
    const run = () =>
      stage.run('ingest', 'd.log', 'e.log', '--checkpoint', 'kept', '-o', 'out.csv', '-f', 'csv', ...PARSER);
    expect((await run()).code).toBe(0);
    const first = readFileSync(at('out.csv'), 'utf8');
    appendFileSync(at('d.log'), 'd3\n');
    // What a run that was killed has written behind its last checkpoint.
    appendFileSync(at('out.csv'), 'half a li');
    expect((await run()).code).toBe(0);
    const second = readFileSync(at('out.csv'), 'utf8');
    expect(second.startsWith(first)).toBe(true);
    expect(second.slice(first.length)).toMatch(/^[^\n]*d3\r?\n$/);
    expect(JSON.parse(readFileSync(at('kept'), 'utf8'))).toMatchObject({
      version: 1,
      outputBytes: second.length,
      inputs: { 'd.log': { place: { offset: 9 } }, 'e.log': { place: { offset: 3 } } },
    });
  });

  test('says that a file is another one, and starts over when asked to', async () => {
    await stage.file('f.log', 'f1\nf2\n');
    const run = (...args: string[]) => stage.run('ingest', 'f.log', '--checkpoint', 'other', ...args, ...PARSER);
    expect((await run()).stdout.toString()).toBe('f1\nf2\n');
    await stage.file('f.log', 'other lines\n');
    const refused = await run();
    expect(refused.stderr).toMatch(/ERR_CHECKPOINT: .*'f\.log' is another file than that of the checkpoint/);
    expect(refused).toMatchObject({ code: 1, stdout: Buffer.alloc(0) });
    expect((await run('--start-over')).stdout.toString()).toBe('other lines\n');
    expect((await run()).stdout.toString()).toBe('');
  });

  test.each([
    ['is damaged', '{"version":', 'is no file of checkpoints'],
    ['is of a later version', '{"version":2,"inputs":{}}', 'is of version 2'],
  ])('is refused when its file %s', async (_, content, message) => {
    await stage.file('g.log', 'g1\n');
    await stage.file('damaged', content);
    const result = await stage.run('ingest', 'g.log', '--checkpoint', 'damaged', ...PARSER);
    expect(result.stderr).toContain(message);
    expect(result.code).toBe(1);
  });

  test('does not destroy an input', async () => {
    await stage.file('h.log', 'h1\n');
    const result = await stage.run('ingest', 'h.log', '--checkpoint', 'h.log', ...PARSER);
    expect(result.code).not.toBe(0);
    expect(readFileSync(at('h.log'), 'utf8')).toBe('h1\n');
  });

  test.skipIf(process.platform === 'win32')('is behind what was written when the run is interrupted', async () => {
    await stage.file('i.log', 'i1\n');
    const args = ['ingest', 'i.log', '--follow', '--checkpoint', 'interrupted', ...PARSER];
    const child = stage.start(...args);
    await until(child, 'i1\n');
    child.kill('SIGINT');
    expect((await outcome(child)).code).toBe(130);
    appendFileSync(at('i.log'), 'i2\n');
    const next = await stage.run(...args, '--follow-idle', '1s');
    expect(next.stdout.toString()).toBe('i2\n');
  });
});
