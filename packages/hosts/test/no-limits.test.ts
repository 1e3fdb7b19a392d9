/** Options that are Infinity, which is no limit, and options that are 0, on their way through the threads of a session. */
import type { LogLine } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';
import { faultyPlugin } from './faults/faulty-plugin.mjs';
import { setScene } from './faults/scene.js';

const unlimited = Number.POSITIVE_INFINITY;
const scene = setScene();

const everything = {
  deadlineMs: unlimited,
  outputBytes: unlimited,
  recycleBytes: unlimited,
  waitMs: unlimited,
  window: { hardMaxBytes: unlimited },
  recovery: { maxRestarts: unlimited, restartWindowMs: unlimited, narrowingMs: unlimited, maxGapsInRow: unlimited },
  logLimits: {
    linesPerTurn: unlimited,
    linesPerSecond: unlimited,
    charactersPerSecond: unlimited,
    outputBytesPerSecond: unlimited,
  },
};

describe('without limits', () => {
  test.each([false, true])('a session recovers, narrows and logs as ever; bindings only: %s', async (bindingsOnly) => {
    const component = await compile(await faultyPlugin(), { memoryBytes: unlimited, tableElements: unlimited });
    const lines: string[] = [];
    const onLog = ({ message }: LogLine) => lines.push(message);
    const content = `first\n${'!trap\n'.repeat(12)}!stamp\nlast\n`;
    const outcome = await scene.ingest(content, { ...everything, component, bindingsOnly, onLog });
    expect(outcome.error).toBeUndefined();
    expect(outcome.texts.filter((text) => text === 'first' || text === 'last')).toEqual(['first', 'last']);
    expect(outcome.gaps.map(({ length }) => length)).toEqual(Array.from({ length: 12 }, () => '!trap\n'.length));
    expect(outcome.summary).toMatchObject({ status: 'completed', gaps: 12, recycled: 0 });
    expect(lines).toHaveLength(1);
  });

  test('a window grows for one item as far as it is long', async () => {
    const long = 'x'.repeat(300_000);
    const window = { bytes: 1000, hardMaxBytes: unlimited };
    const { texts, error } = await scene.ingest(`${long}\nlast\n`, { window });
    expect(error).toBeUndefined();
    expect(texts).toEqual([long, 'last']);
  });
});

describe('0', () => {
  test('of narrowingMs gives up all that failed twice, at once', async () => {
    const content = 'first\nsecond\n!trap\nlast\n';
    const { gaps, summary } = await scene.ingest(content, { recovery: { narrowingMs: 0 } });
    expect(gaps).toHaveLength(1);
    expect(summary?.restarts).toBe(2);
  });

  test('of outputBytesPerSecond and of lines lets nothing through', async () => {
    const lines: string[] = [];
    const onLog = ({ message }: LogLine) => lines.push(message);
    const logLimits = { linesPerTurn: 0, outputBytesPerSecond: 0 };
    await scene.ingest('!stamp\n', { logLimits, onLog });
    expect(lines).toEqual(['1 log lines were dropped here: the plugin logs too much.']);
  });
});
