/** Options of `ingest` that select items. What is selected is tested with the hosts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ingestHere } from './in-process.js';
import { setStage, summaryOf } from './support.js';

const stage = setStage();
const LINES = ['one', 'two', 'three', 'two, again', 'four', 'two'];

/** What is written to a file. */
async function written(...args: readonly string[]): Promise<string> {
  const file = await stage.file('in.log', `${LINES.join('\n')}\n`);
  const output = join(stage.directory, 'out');
  expect(await ingestHere(stage.directory, file, '-p', 'string-parser', '-o', output, ...args)).toBe(0);
  return readFile(output, 'utf8');
}

test('items are selected, skipped and limited', async () => {
  expect(await written('--match', 'two')).toBe('two\ntwo, again\ntwo\n');
  expect(await written('-m', 't', '-m', 'e$')).toBe('three\n');
  expect(await written('--match', 'two', '--invert')).toBe('one\nthree\nfour\n');
  expect(await written('-w', '#1=two', '--config', 'columns=false')).toBe('two\ntwo\n');
  expect(await written('-w', '#2~^two', '--config', 'columns=true')).toBe('3\ttwo\n10\ttwo, again\n3\ttwo\n');
  expect(await written('--match', 't', '--skip', '1', '--limit', '2')).toBe('three\ntwo, again\n');
  expect(await written('--from-offset', '4', '--limit', '1', '-f', 'raw')).toBe('two\n');
  expect(await written('--limit', 'none', '-f', 'csv')).toContain('"two, again"');
});

test('items are selected by their times', async () => {
  const message = (seconds: number, micros: number) => {
    const storage = Buffer.from('DLT\x01\0\0\0\0\0\0\0\0ECU\0', 'latin1');
    storage.writeUInt32LE(seconds, 4);
    storage.writeUInt32LE(micros, 8);
    return Buffer.concat([storage, Buffer.from([0x20, 0, 0, 8, 1, 0, 0, 0])]);
  };
  const start = Date.UTC(2024, 1, 20, 12) / 1000;
  const messages = Array.from({ length: 120 }, (_, minute) => message(start + minute * 60, 500_000));
  const file = await stage.file('in.dlt', Buffer.concat([...messages, message(start, 4_000_000_000)]));
  const output = join(stage.directory, 'out');
  const timesOf = async (...args: readonly string[]) => {
    const fields = ['-f', 'ndjson', '--fields', 'time'];
    expect(await ingestHere(stage.directory, file, '-p', 'dlt-parser', '-o', output, ...fields, ...args)).toBe(0);
    return (await readFile(output, 'utf8')).trim().split('\n');
  };
  const shown = await stage.run('plugins', 'show', 'dlt-parser');
  expect(shown.stdout.toString()).toMatch(/^Times +it gives the times of its items$/m);
  // The last message has no valid time.
  expect((await timesOf()).at(-1)).toBe('{}');
  expect(await timesOf('--since', '2024-02-20T13:58:00.5')).toEqual([
    '{"time":"2024-02-20T13:58:00.500000000Z"}',
    '{"time":"2024-02-20T13:59:00.500000000Z"}',
  ]);
  expect(await timesOf('--until', '2024-02-20 13:01+01:00')).toEqual(['{"time":"2024-02-20T12:00:00.500000000Z"}']);
  expect(await timesOf('--since', `@${start + 60}`, '--until', `@${start + 3 * 60}.5`)).toHaveLength(2);
});

test("a filter preset of Chipmunk's application selects what its enabled filters match", async () => {
  const filter = (value: string, enabled = true) => ({
    filter: { value, is_regex: false, ignore_case: true, is_word: true },
    enabled,
    colors: { fg: [0, 0, 0, 255], bg: [255, 255, 255, 255] },
  });
  const preset = (name: string, ...filters: unknown[]) => ({ name, filters, search_values: [] });
  const document = (...presets: unknown[]) => JSON.stringify({ kind: 'chipmunk_named_presets', version: 2, presets });
  const some = preset('Some', filter('AGAIN'), filter('o'), filter('one'), filter('four', false));
  const only = await stage.file('only.json', document(some));
  expect(await written('--filter-preset', only)).toBe('one\ntwo, again\n');
  expect(await written('--filter-preset', only, '--match', 'two')).toBe('two, again\n');
  expect(await written('--filter-preset', only, '--invert', '--count')).toBe('4\n');
  const two = await stage.file('two.json', document(some, preset('Other', filter('four'))));
  expect(await written('--filter-preset', two, '--preset', 'Other')).toBe('four\n');
  await expect(written('--filter-preset', two)).rejects.toThrow(
    /two\.json' has the presets 'Some', 'Other'; name one with '--preset'/,
  );
  await expect(written('--filter-preset', two, '--preset', 'None')).rejects.toThrow(/'--preset None' is not one of/);
  const refused = await stage.run('ingest', 'in.log', '--preset', 'Some');
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/'--preset' names a preset of '--filter-preset'/),
  });
});

test('items are counted in place of being written', async () => {
  expect(await written('--count')).toBe('6\n');
  expect(await written('--count', '--match', 'two', '-f', 'ndjson')).toBe('{"count":3}\n');
  expect(await written('--count', '-f', 'csv')).toBe('count\r\n6\r\n');
  expect(await written('--count-by', '#1', '--match', 'two')).toBe('2\ttwo\n1\ttwo, again\n');
  expect(await written('--count-by', '#1', '-m', 'two', '-f', 'csv')).toBe('#1,count\r\ntwo,2\r\n"two, again",1\r\n');
  expect(await written('--count-by', '#2', '-f', 'ndjson')).toBe('{"value":null,"count":6}\n');
  const file = join(stage.directory, 'in.log');
  const output = join(stage.directory, 'both');
  expect(await ingestHere(stage.directory, file, file, '-p', 'string-parser', '-o', output, '--count')).toBe(0);
  expect(await readFile(output, 'utf8')).toBe('12\n');
});

test('the summary tells what was left out, and what was not read', async () => {
  const file = await stage.file('in.log', `${LINES.join('\n')}\n`);
  const run = (...args: readonly string[]) =>
    stage.run('ingest', file, file, '-p', 'string-parser', '-f', 'none', ...args);
  const [json, text, none] = await Promise.all([
    run('--match', 'two', '--limit', '1', '--summary', 'json'),
    run('--match', 'two', '--limit', '1', '--summary', 'text'),
    run('--match', 'nothing of this'),
  ]);
  expect(json.code).toBe(0);
  expect(summaryOf(json)).toMatchObject({
    status: 'completed',
    bytes: 16,
    items: 2,
    filteredItems: 2,
    filteredBytes: 8,
    skippedBytes: 0,
    limited: 2,
    unreadBytes: 52,
  });
  expect(text.stderr).toMatch(/\n {2}2 files, 2 items left out, limit reached, 52 bytes not read\n/);
  // That nothing matches is no sign of a wrong parser.
  expect(none.stderr).toMatch(/^completed: 0 items from 68 bytes in .*\n {2}2 files, 12 items left out\n$/);
});

test.each<[readonly string[], number, string]>([
  [['--match', 'a(?=b)'], 1, 'look-ahead'],
  [['--where', 'level=x'], 1, "The option select.where is 'level=x'"],
  [['--since', '2024-02-20'], 1, 'The option select.since is for parsers that give the times of their items'],
  [['--until', 'noon'], 1, "The option select.until is 'noon'; expected a date, or a date and time"],
  [['--count-by', 'level'], 1, "The column to count by is 'level'"],
  [['--invert'], 2, "'--invert' needs '--match', '--where' or '--filter-preset'"],
  [['--skip', '1', '--parallel', '2'], 2, "'--skip' needs one instance of the parser"],
  [['--from-offset', '1', 'in.log'], 2, "'--from-offset' works with one file"],
  [['--count', '-f', 'raw'], 2, "'--count' works with the formats text, ndjson, csv, not with raw"],
  [['--count', '--count-by', '#1'], 2, "use '--count' or '--count-by', not both"],
])('%j exits with %i', async (args, code, message) => {
  await stage.file('in.log', 'one\n');
  const result = await stage.run('ingest', 'in.log', '-p', 'string-parser', ...args);
  expect(result).toMatchObject({ code, stderr: expect.stringContaining(message) });
});
