/** What becomes of sessions whose Rust plugin panics, exits or runs out of memory, and of those beside them. */
import type { StreamRecord } from '@chipmunk-host/hosts';
import { PluginError } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';
import { healthyNeighbour, type Outcome, type RunOptions, said, setStage } from './stage.js';

const stage = setStage();

/** The act in the middle of others, with a neighbour that must be exact. */
async function failing(act: string, options: RunOptions = {}): Promise<Outcome> {
  const [outcome] = await Promise.all([
    stage.run('selftest', `before\n${act}\nbehind\n`, options),
    healthyNeighbour(stage),
  ]);
  return outcome;
}

function gapOf({ rows, gaps, error, summary }: Outcome): NonNullable<StreamRecord['error']> {
  expect(error).toBeUndefined();
  expect(rows.map(({ columns }) => columns[1])).toEqual(['before', 'behind']);
  expect(gaps.length).toBe(1);
  expect(summary).toMatchObject({ status: 'completed', gaps: 1, items: 2 });
  const failure = gaps[0]?.error;
  if (failure === undefined) throw new Error('the gap has no error');
  return failure;
}

function causeStack(error: Error | undefined): string | undefined {
  return error?.cause instanceof Error ? error.cause.stack : undefined;
}

/** The plugin's own function among the frames of the wasm stack: Rust mangles its name. */
const OWN_FUNCTION = /selftest.*4acts3act.*wasm-function\[\d+\]/;

describe('a panic', () => {
  test('in parse: its bytes are a gap with the message, its place, and a stack with function names', async () => {
    const outcome = await failing('panic|it cannot go on: ü');
    const error = gapOf(outcome);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', plugin: 'selftest', phase: 'parse' });
    expect(error.message).toMatch(/^The plugin panicked at selftest\/src\/acts\.rs:\d+:\d+: it cannot go on: ü$/);
    expect(error.stack).toMatch(OWN_FUNCTION);
    expect(error.details?.lastLines).toContain('it cannot go on: ü');
    expect(outcome.gaps[0]).toMatchObject({ offset: 7, length: 26 });
    expect(said(outcome, 'stderr')).toContain('it cannot go on: ü');
  });

  test('in parse, with no restarts allowed: the session ends with the same error', async () => {
    const { rows, error, summary } = await failing('panic|enough', { recovery: { maxRestarts: 0 } });
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', plugin: 'selftest', phase: 'parse', recoverable: true });
    expect(error?.message).toMatch(/: enough$/);
    expect(causeStack(error)).toMatch(OWN_FUNCTION);
    expect(rows.map(({ columns }) => columns[1])).toEqual(['before']);
    expect(summary?.status).toBe('failed');
  });

  test('in init: the session does not open', async () => {
    const { error, rows } = await failing('never', { config: { 'at-start': 'environment\npanic|not even started' } });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', plugin: 'selftest', phase: 'init' });
    expect(error?.message).toMatch(/^The plugin panicked at .*: not even started$/);
    expect(causeStack(error)).toMatch(OWN_FUNCTION);
    expect(rows).toEqual([]);
  });

  test('in read: what was delivered before is parsed, then the session ends with the error', async () => {
    const component = await stage.plugin('selftest-source');
    const config = { acts: 'arguments\nenvironment\npanic|the source is dry\nnever' };
    const source = { component, plugin: 'the-source', config };
    const [{ rows, error, summary }] = await Promise.all([
      stage.run('lines', undefined, { source }),
      healthyNeighbour(stage),
    ]);
    expect(rows.map(({ columns }) => columns[1])).toEqual(['arguments: ', 'environment: ']);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', plugin: 'the-source', phase: 'read' });
    expect(error?.message).toMatch(/^The plugin panicked at .*: the source is dry$/);
    expect(causeStack(error)).toMatch(OWN_FUNCTION);
    expect(summary?.status).toBe('failed');
  });

  test('keeps all lines of its message', async () => {
    // The byte-source's acts come as lines, so the message with a line end is one that Rust itself writes.
    const { error } = await stage.run('selftest', 'x\n', { config: { 'at-start': 'panic|first\rsecond' } });
    expect(error?.message).toMatch(/: first\rsecond$/);
  });
});

describe('exit(3)', () => {
  test('in parse ends the instance like a trap: the adapter of preview 1 says only that it was no success', async () => {
    const error = gapOf(await failing('exit|3'));
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'parse' });
    expect(error.message).toMatch(/The plugin called exit\(1\)/);
  });

  test('in init: the session does not open', async () => {
    const { error } = await failing('never', { config: { 'at-start': 'exit|3' } });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'init' });
    expect(error?.message).toMatch(/exit\(1\)/);
  });

  test('also a success ends it: a plugin has nothing to exit from', async () => {
    expect(gapOf(await failing('exit|0')).message).toMatch(/exit\(0\)/);
  });

  test('in read ends the session', async () => {
    const source = { component: await stage.plugin('selftest-source'), config: { acts: 'exit|3' } };
    const { error } = await stage.run('lines', undefined, { source });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'read' });
  });
});

describe('an abort for want of memory', () => {
  test('in parse is told as such, with how much there was', async () => {
    const outcome = await failing('out-of-memory');
    const error = gapOf(outcome);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_MEMORY', phase: 'parse' });
    expect(error.message).toMatch(/ran out of memory: it had \d{9} of at most 536870912 bytes/);
    expect(error.stack).toMatch(/selftest.*out_of_memory.*wasm-function/);
    expect(said(outcome, 'stderr')).toContain('memory allocation of 16777216 bytes failed');
  });

  test('in init: the session does not open', async () => {
    const { error } = await failing('never', { config: { 'at-start': 'out-of-memory' } });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_MEMORY', phase: 'init' });
  });
});

test('an abort without a word, and a stack that overflows, are traps with names in their stacks', async () => {
  const aborted = gapOf(await failing('abort'));
  expect(aborted).toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
  expect(aborted.stack).toMatch(OWN_FUNCTION);
  const overflown = gapOf(await failing('stack-overflow'));
  expect(overflown).toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
  expect(overflown.stack).toMatch(/stack_overflow/);
});

test("a refusal of the configuration is the plugin's own text", async () => {
  const { error } = await stage.run('csv', 'a\n', { config: { delimiter: '"' } });
  expect(error).toMatchObject({ code: 'ERR_PLUGIN_INIT', plugin: 'csv', phase: 'init' });
  expect(error?.message).toMatch(/^the delimiter must be one ASCII character/);
  const thrown = await stage.run('json-lines', '{}\n', { config: { time: 'same', message: 'same' } });
  expect(thrown.error).toMatchObject({
    code: 'ERR_PLUGIN_INIT',
    message: 'time and message have the same name (config)',
  });
});
