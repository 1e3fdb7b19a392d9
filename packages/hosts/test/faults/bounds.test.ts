import type { LogLine } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileKept } from '../support.js';
import { faultyPlugin } from './faulty-plugin.mjs';
import { fault, nothingIsLeft, setScene } from './scene.js';

const scene = setScene();
const MIB = 1024 * 1024;
/** Small beside what is logged, so that lines are dropped however long the machine takes for the call. */
const LOG_LIMITS = { linesPerTurn: 1000, linesPerSecond: 1000, charactersPerSecond: MIB };

/** The most of `size` within any second, by the times of the records. */
function mostInASecond(records: readonly LogLine[], size: (record: LogLine) => number): number {
  let [most, sum, from] = [0, 0, 0];
  for (const record of records) {
    sum += size(record);
    for (let first = records[from]; first && first.time <= record.time - 1000; first = records[++from])
      sum -= size(first);
    most = Math.max(most, sum);
  }
  return most;
}

describe('a plugin that logs without end goes on; what is too much is dropped and counted:', () => {
  const ACTS: readonly [what: string, act: string, lines: number][] = [
    ['very many lines', 'log', 100_000],
    ['very long lines', 'long-log', 1000],
  ];
  for (const [what, act, lines] of ACTS) {
    fault(scene, what, async () => {
      const logs: LogLine[] = [];
      let dropped = 0;
      const onLog = (record: LogLine, before: number) => {
        logs.push(record);
        dropped += before;
      };
      const { texts, gaps } = await scene.ingest(`first\n!${act}\nlast\n`, {
        onLog,
        logLimits: LOG_LIMITS,
        deadlineMs: 50_000,
      });
      expect(texts).toEqual(['first', `!${act}`, 'last']);
      expect(gaps).toEqual([]);
      const own = logs.filter(({ message }) => !message.includes('were dropped'));
      expect(own.length + dropped).toBe(lines);
      expect(dropped).toBeGreaterThan(0);
      // A second may begin in the middle of the one that is counted.
      expect(mostInASecond(own, () => 1)).toBeLessThanOrEqual(2 * LOG_LIMITS.linesPerSecond);
      const characters = mostInASecond(own, ({ message }) => message.length);
      expect(characters).toBeLessThanOrEqual(2 * LOG_LIMITS.charactersPerSecond);
    });
  }
});

describe('a plugin that returns more than there is', () => {
  fault(scene, 'a million items that share one text of 100 MB: the cap on the output of one call ends it', async () => {
    const options = { outputBytes: 250 * MIB };
    const { texts, gaps, error } = await scene.ingest('first\n!share\nlast\n', options);
    expect(error).toBeUndefined();
    // Two such items fit below the cap, each time that the line is tried.
    expect(texts.filter((text) => text.length < 100)).toEqual(['first', 'last']);
    const failure = {
      code: 'ERR_PLUGIN_CONTRACT',
      message: expect.stringMatching(/more than 262144000 bytes from one/),
    };
    expect(gaps).toMatchObject([{ offset: 6, length: 7, error: failure }]);
  });

  test('a million items that share one text of 100 MB: they stream out until the consumer has enough', async () => {
    const source = { file: await scene.input('!share\n') };
    const session = await scene.open({ component: scene.faulty, source, outputBytes: Number.POSITIVE_INFINITY });
    let items = 0;
    for await (const batch of session.batches()) {
      items += batch.count;
      if (items > 2) break;
    }
    expect(session.summary.status).toBe('stopped');
    await nothingIsLeft(scene);
  });

  fault(scene, 'so many objects that its thread ends: the next one goes on, and its line is a gap', async () => {
    // Through the bindings, each item is several JavaScript objects. No time limit: a heap that is nearly full is slow.
    const options = { bindingsOnly: true, deadlineMs: Number.POSITIVE_INFINITY, recovery: { narrowingMs: 1 } };
    const { texts, gaps, error, records } = await scene.ingest('first\n!flood\nlast\n', options);
    expect(error).toBeUndefined();
    expect(texts[0]).toBe('first');
    expect(records[0]?.error?.code).toBe('ERR_PLUGIN_LOST');
    expect(gaps.length).toBe(1);
  });

  fault(scene, 'so many objects that its thread ends, with restarts switched off', async () => {
    const options = { bindingsOnly: true, deadlineMs: Number.POSITIVE_INFINITY, recovery: { maxRestarts: 0 } };
    const { texts, error } = await scene.ingest('first\n!flood\nlast\n', options);
    expect(texts).toEqual([]);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_LOST', plugin: 'the-plugin' });
  });
});

describe('a plugin that eats memory', () => {
  const CAP = 64 * MIB;
  let capped: CompiledComponent;
  beforeAll(async () => {
    capped = await compileKept(await faultyPlugin(), { memoryBytes: CAP });
  });

  fault(scene, 'is refused more than the cap: the line is a gap that tells of it', async () => {
    const { texts, gaps } = await scene.ingest('first\n!memory\nlast\n', { component: capped });
    expect(texts).toEqual(['first', 'last']);
    expect(gaps).toMatchObject([{ offset: 6, length: 8, error: { details: { memoryBytes: expect.any(Number) } } }]);
    const { code, details } = gaps[0]?.error ?? {};
    expect(code).toMatch(/^ERR_PLUGIN_(MEMORY|TRAP)$/);
    expect(details?.memoryBytes).toBeGreaterThan(CAP - 2 * MIB);
    expect(details?.memoryBytes).toBeLessThanOrEqual(CAP);
  });

  fault(scene, 'leaks a little with each line, until the cap: a fresh instance goes on, nothing is lost', async () => {
    const lines = Array.from({ length: 300 }, () => '!leak');
    const options = { component: capped, window: { bytes: 60 } };
    const { texts, gaps, records } = await scene.ingest(`${lines.join('\n')}\n`, options);
    expect(texts).toEqual(lines);
    expect(gaps).toEqual([]);
    expect(records.length).toBeGreaterThan(2);
    expect(records.every(({ error }) => error?.code === 'ERR_PLUGIN_MEMORY')).toBe(true);
  });
});
