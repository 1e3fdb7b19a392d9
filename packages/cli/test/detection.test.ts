/** `--parser detect` and `plugins detect`. What parsers are ranked by is tested with the manager. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { outcome, setStage } from './support.js';

const stage = setStage();
const NOTE = /^note: the parser is 'string-parser' \(detected: it reads 100 % of the first \d+ bytes; next is /;

test('one parser is detected for all inputs, from the first that can be read and has bytes', async () => {
  await stage.file('empty.log', '');
  await stage.file('text.log', 'one\ntwo\n');
  const run = await stage.run('ingest', 'missing.log', 'empty.log', 'text.log', '-p', 'detect');
  expect(run).toMatchObject({ code: 1, stdout: Buffer.from('one\ntwo\n') });
  expect(run.stderr).toMatch(NOTE);
  expect(run.stderr).toMatch(/ERR_SOURCE_OPEN: .*missing\.log/);
});

test('of standard input, what it is detected by is read, too', async () => {
  const child = stage.start('ingest', '-', '--parser', 'detect');
  child.stdin.write('one\n');
  // The detection waits for a second at most, so that a program that goes on later is not waited for.
  await once(child.stderr, 'data');
  child.stdin.end('two\n');
  const { stdout, code } = await outcome(child);
  expect({ stdout: stdout.toString(), code }).toEqual({ stdout: 'one\ntwo\n', code: 0 });
});

test('what no parser reads, and a source, are refused', async () => {
  await stage.file('zeros.bin', Buffer.alloc(1000));
  const [zeros, source, shown] = await Promise.all([
    stage.run('ingest', 'zeros.bin', '-p', 'detect', '-o', 'items.txt'),
    stage.run('ingest', '--source', 'file-source', '-p', 'detect'),
    stage.run('plugins', 'detect', 'zeros.bin', '--json'),
  ]);
  expect(zeros).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^error ERR_NO_PARSER: No parser reads half of the first 1\.0 kB of zeros\.bin: '.*' reads 0 %\.\n {2}help: Name a parser/,
    ),
  });
  expect(source).toMatchObject({ code: 2, stderr: expect.stringMatching(/reads files and standard input/) });
  expect(shown.code).toBe(1);
  expect(JSON.parse(shown.stdout.toString())).toMatchObject({ sampleBytes: 1000, ranking: expect.any(Array) });
});

test('`plugins detect` shows the ranking', async () => {
  await stage.file('text.log', 'one\ntwo\n');
  const { stdout, code } = await stage.run('plugins', 'detect', 'text.log');
  expect(code).toBe(0);
  expect(stdout.toString()).toMatch(/│ string-parser +│ 100 % +│ 0 % +│ 2 items +│ 0 bytes +│ 0 +│/);
  expect(stdout.toString()).toContain("'string-parser' reads the most: '--parser detect' takes it.");
});
