/** Items of several inputs tell which of them they come from. */
import { buildJoiner } from '@chipmunk-host/test-plugins';
import { beforeAll, expect, test } from 'vitest';
import { outcome, setStage } from './support.js';

const stage = setStage();
const PARSER = ['-p', 'string-parser'];
const ODD = 'b "\\ größe.log';

beforeAll(async () => {
  await stage.file('a.log', 'one\ntwo\n');
  await stage.file(ODD, 'three\n');
});

async function printed(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await stage.run('ingest', ...args);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return stdout.toString();
}

test('ndjson names the input of each item when there are several', async () => {
  expect(await printed('a.log', ODD, ...PARSER, '-f', 'ndjson')).toBe(
    '{"source":"a.log","offset":0,"length":4,"text":"one"}\n' +
      '{"source":"a.log","offset":4,"length":4,"text":"two"}\n' +
      `{"source":${JSON.stringify(ODD)},"offset":0,"length":6,"text":"three"}\n`,
  );
});

test('ndjson of one input names it only when that is asked for', async () => {
  expect(await printed(ODD, ...PARSER, '-f', 'ndjson')).toBe('{"offset":0,"length":6,"text":"three"}\n');
  expect(await printed(ODD, ...PARSER, '-f', 'ndjson', '--with-filename')).toBe(
    `{"source":${JSON.stringify(ODD)},"offset":0,"length":6,"text":"three"}\n`,
  );
});

test('ndjson names it also where lines are long or have attachments', async () => {
  await stage.file('joiner.wasm', await buildJoiner());
  await stage.file('c.log', `@kept\n${'x'.repeat(3_000_000)}\n`);
  const lines = (await printed('c.log', 'a.log', '-p', './joiner.wasm', '-f', 'ndjson')).trimEnd().split('\n');
  const items = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(items.map(({ source }) => source)).toEqual(['c.log', 'c.log', 'a.log', 'a.log']);
  expect(Object.keys(items[0] ?? {})).toEqual(['source', 'offset', 'length', 'text', 'attachment']);
});

test('text has the name before each line when that is asked for', async () => {
  expect(await printed('a.log', ODD, ...PARSER)).toBe('one\ntwo\nthree\n');
  expect(await printed('a.log', ODD, ...PARSER, '--with-filename')).toBe(`a.log\tone\na.log\ttwo\n${ODD}\tthree\n`);
  expect(await printed('a.log', ...PARSER, '--with-filename', '--separator', ': ', '-c', 'columns=true')).toBe(
    'a.log: 3: one\na.log: 3: two\n',
  );
});

test('standard input is named as it was given', async () => {
  const child = stage.start('ingest', 'a.log', '-', ...PARSER, '--with-filename');
  const done = outcome(child);
  child.stdin.end('four\n');
  expect((await done).stdout.toString()).toBe('a.log\tone\na.log\ttwo\n-\tfour\n');
});

test('msgpack is refused, since it has no place for it', async () => {
  const child = stage.start('ingest', 'a.log', ...PARSER, '-f', 'msgpack', '--with-filename');
  const { code, stderr } = await outcome(child);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining("'--with-filename' works with the formats text, ndjson, csv"),
  });
});
