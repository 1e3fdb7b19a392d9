/** The questions of `plugins config`, and of commands that delete, answered through streams in the place of a terminal. */
import { PassThrough } from 'node:stream';
import type { ConfigInput, ConfigSchema } from '@chipmunk-host/manager';
import { describe, expect, test } from 'vitest';
import { Cancelled } from '#plugins/cancelled.js';
import { askConfig, askProfileName } from '#plugins/config-prompts.js';
import { confirmed } from '#plugins/confirmation.js';
import { setStage } from './support.js';

const stage = setStage();
const ENTER = '\r';
const DOWN = '\u001b[B';
const CTRL_C = '\u0003';
const CLEAR = '\u0015';

/** A terminal on which somebody answers each question, when it is asked, with the next keys. */
function seat(...answers: readonly [question: string, keys: string][]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 200, rows: 50 });
  const waiting = [...answers];
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    const [next] = waiting;
    if (next === undefined || !shown.includes(next[0])) return;
    waiting.shift();
    shown = '';
    // The prompt listens only once it has drawn itself.
    setImmediate(() => input.write(next[1]));
  });
  return { at: { input, output }, unanswered: () => waiting.map(([question]) => question) };
}

function schema(id: string, type: ConfigSchema['type']): ConfigSchema {
  return { id, title: `The ${id}`, description: undefined, type };
}

async function ask(schemas: readonly ConfigSchema[], preset: Record<string, ConfigInput>, ...keys: [string, string][]) {
  const { at, unanswered } = seat(...keys);
  const values = await askConfig(schemas, preset, at);
  expect(unanswered()).toEqual([]);
  return values;
}

describe('each type is asked for in its way', () => {
  test('a boolean by yes and no', async () => {
    const schemas = [schema('lossy', { kind: 'boolean', default: true })];
    expect(await ask(schemas, {}, ['The lossy', ENTER])).toEqual({ lossy: true });
    expect(await ask(schemas, {}, ['The lossy', 'n'])).toEqual({ lossy: false });
    expect(await ask(schemas, { lossy: false }, ['The lossy', ENTER])).toEqual({ lossy: false });
  });

  test('a dropdown by a list', async () => {
    const schemas = [schema('level', { kind: 'dropdown', options: ['Error', 'Warn', 'Info'], default: 'Warn' })];
    expect(await ask(schemas, {}, ['The level', ENTER])).toEqual({ level: 'Warn' });
    expect(await ask(schemas, {}, ['The level', DOWN + ENTER])).toEqual({ level: 'Info' });
  });

  test('a number by a line that is asked for again until it fits', async () => {
    const schemas = [schema('limit', { kind: 'integer', default: 7 })];
    expect(await ask(schemas, {}, ['The limit', ENTER])).toEqual({ limit: 7 });
    expect(
      await ask(
        schemas,
        {},
        ['The limit', `${CLEAR}7.5${ENTER}`],
        ['Expected a whole number from -2147483648', `${CLEAR}-3${ENTER}`],
      ),
    ).toEqual({ limit: -3 });
    const float = [schema('factor', { kind: 'float', default: 1.5 })];
    expect(await ask(float, {}, ['The factor', `${CLEAR}-inf${ENTER}`])).toEqual({ factor: Number.NEGATIVE_INFINITY });
  });

  test('a text by a line, which may be empty', async () => {
    const schemas = [schema('prefix', { kind: 'text', default: 'x' })];
    expect(await ask(schemas, {}, ['The prefix', `y z${ENTER}`])).toEqual({ prefix: 'xy z' });
    expect(await ask(schemas, {}, ['The prefix', `${CLEAR}${ENTER}`])).toEqual({ prefix: '' });
  });

  test('files and directories one after the other, by paths that are there', async () => {
    const one = await stage.file('one.xml', '');
    const schemas = [schema('fibex', { kind: 'files', extensions: ['xml'] })];
    expect(await ask(schemas, {}, ['Add a file (xml)?', ENTER])).toEqual({ fibex: [] });
    expect(
      await ask(
        schemas,
        { fibex: ['kept.xml'] },
        ['Keep kept.xml?', 'y'],
        ['Add another file', 'y'],
        ['Path of the file', `${CLEAR}${one}${ENTER}`],
        ['Add another file', 'n'],
      ),
    ).toEqual({ fibex: ['kept.xml', one] });
    const folders = [schema('folders', { kind: 'directories' })];
    expect(
      await ask(
        folders,
        {},
        ['Add a directory?', 'y'],
        ['Path of the directory', `${CLEAR}${stage.directory}${ENTER}`],
        ['Add another', 'n'],
      ),
    ).toEqual({ folders: [stage.directory] });
  });
});

test('what a plugin calls its settings cannot reach the terminal', async () => {
  const title = 'Evil\u001b]0;owned\u0007\u001b[2J\u202e';
  const { at } = seat(['Evil', 'y']);
  let written = '';
  at.output.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  await askConfig([{ ...schema('a', { kind: 'boolean', default: true }), title }], {}, at);
  expect(written).not.toMatch(/owned|\u202e/);
  expect(written).not.toContain('\u001b[2J');
});

test.each([
  ['at the first question', [['The a', CTRL_C]]],
  [
    'later',
    [
      ['The a', 'y'],
      ['The b', CTRL_C],
    ],
  ],
] as [string, [string, string][]][])('Ctrl-C ends it without an answer: %s', async (_, keys) => {
  const schemas = [schema('a', { kind: 'boolean', default: true }), schema('b', { kind: 'text', default: '' })];
  const { at } = seat(...keys);
  await expect(askConfig(schemas, {}, at)).rejects.toMatchObject({ name: 'Cancelled', reason: 'interrupted' });
});

test('a profile is only saved when it is given a name', async () => {
  expect(await askProfileName(seat(['Save it', ENTER]).at)).toBeUndefined();
  expect(await askProfileName(seat(['Save it', `bench ${ENTER}`]).at)).toBe('bench');
  await expect(askProfileName(seat(['Save it', CTRL_C]).at)).rejects.toBeInstanceOf(Cancelled);
});

describe('what deletes asks first', () => {
  test('and goes on after a yes', async () => {
    await expect(confirmed('Delete it?', {}, seat(['Delete it?', 'y']).at)).resolves.toBeUndefined();
  });

  test.each([
    ['no', 'n', 'declined'],
    ['Enter alone', ENTER, 'declined'],
    ['Ctrl-C', CTRL_C, 'interrupted'],
  ])('and does nothing after %s', async (_, keys, reason) => {
    await expect(confirmed('Delete it?', {}, seat(['Delete it?', keys]).at)).rejects.toMatchObject({ reason });
  });

  test('unless it is told not to', async () => {
    const { at, unanswered } = seat(['Delete it?', 'n']);
    await confirmed('Delete it?', { yes: true }, at);
    expect(unanswered()).toEqual(['Delete it?']);
  });
});
