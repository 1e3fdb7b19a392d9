import { describe, expect } from 'vitest';
import { fault, setScene } from './scene.js';

const scene = setScene();

describe('a plugin that fails on one line loses that line alone', () => {
  const acts: readonly [what: string, act: string, code: string, message: RegExp][] = [
    ['reaches unreachable', 'trap', 'ERR_PLUGIN_TRAP', /unreachable/],
    ['reads out of bounds', 'bounds', 'ERR_PLUGIN_TRAP', /out of bounds/],
    ['divides by zero', 'divide', 'ERR_PLUGIN_TRAP', /divide by zero/],
    ['throws', 'throw', 'ERR_PLUGIN_TRAP', /unreachable/],
    ['recurses without end', 'recurse', 'ERR_PLUGIN_TRAP', /call stack size/],
    ['returns a string outside of its memory', 'pointer', 'ERR_PLUGIN_CONTRACT', /line: .*beyond the memory/],
    ['returns text that is not UTF-8', 'utf8', 'ERR_PLUGIN_CONTRACT', /not UTF-8/],
    ['says that it consumed more than it was given', 'consumed', 'ERR_PLUGIN_CONTRACT', /consumed 2147483647 bytes/],
    ['never returns', 'loop', 'ERR_PLUGIN_TIMEOUT', /did not return within/],
  ];
  for (const [what, act, code, message] of acts) {
    fault(scene, what, async () => {
      const content = `first\nsecond\n!${act}\nfourth\nlast`;
      const deadlineMs = act === 'loop' ? 500 : 10_000;
      const { texts, gaps, records, error, summary } = await scene.ingest(content, { deadlineMs });
      expect(error).toBeUndefined();
      expect(texts).toEqual(['first', 'second', 'fourth', 'last']);
      const expected = {
        code,
        message: expect.stringMatching(message),
        details: { offset: 13, excerpt: expect.stringMatching(/^21/), memoryBytes: expect.any(Number) },
      };
      expect(gaps).toMatchObject([{ offset: 13, length: act.length + 2, error: expected }]);
      expect(records[0]).toMatchObject({ type: 'restart', error: { code } });
      expect(summary).toMatchObject({ bytes: content.length, gaps: 1, gapBytes: act.length + 2 });
    });
  }

  fault(scene, 'throws: the error has its reason and the stack with the names of functions', async () => {
    const { gaps } = await scene.ingest('!throw\n');
    const error = gaps[0]?.error;
    expect(error?.details?.lastLines.at(-1)).toMatch(/^the plugin throws at .*faulty-lines\.ts/);
    expect(error?.stack).toMatch(/crash/);
  });

  fault(scene, 'fails on many lines: each of them is a gap, all others are delivered', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => (i % 3 === 1 ? `!${i % 2 ? 'trap' : 'utf8'}` : `line ${i}`));
    const { texts, gaps } = await scene.ingest(`${lines.join('\n')}\n`);
    expect(texts).toEqual(lines.filter((line) => !line.startsWith('!')));
    expect(gaps.length).toBe(20);
    expect(gaps.every(({ length }) => length === 6)).toBe(true);
  });

  fault(scene, 'fails on a last line without an end', async () => {
    const { texts, gaps } = await scene.ingest('first\n!trap');
    expect(texts).toEqual(['first']);
    expect(gaps).toMatchObject([{ offset: 6, length: 5 }]);
  });

  fault(scene, 'fails on everything: the session ends when its restarts are used up', async () => {
    const config = { kind: 'trap', lines: 0, after: 0, always: '', init: '' };
    const recovery = { maxRestarts: 20 };
    const { texts, error, summary } = await scene.ingest('first\n!trap\n'.repeat(50), { config, recovery });
    expect(texts).toEqual(Array(texts.length).fill('first'));
    expect(texts.length).toBeGreaterThan(0);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', plugin: 'the-plugin', phase: 'parse' });
    expect(summary?.status).toBe('failed');
  });

  fault(scene, 'fails with restarts switched off: the session ends, what came before is delivered', async () => {
    const config = { kind: 'trap', after: 1 };
    const content = 'a line\n'.repeat(30_000);
    const options = { config, recovery: { maxRestarts: 0 }, window: { bytes: 70_000 } };
    const { texts, error } = await scene.ingest(content, options);
    expect(texts).toEqual(Array(10_000).fill('a line'));
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', details: { offset: 70_000 } });
  });

  fault(scene, 'fails by chance: nothing is lost, and a record tells of the restart', async () => {
    const config = { kind: 'trap', after: 3 };
    const content = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join('');
    const { texts, gaps, records } = await scene.ingest(content, { config, window: { bytes: 1000 } });
    expect(texts.length).toBe(1000);
    expect(gaps).toEqual([]);
    expect(records.length).toBeGreaterThan(1);
    expect(records.every(({ type, error }) => type === 'restart' && error?.code === 'ERR_PLUGIN_TRAP')).toBe(true);
  });
});

describe('a plugin that finds no items', () => {
  fault(scene, 'says ok with nothing, at the end of the input: the rest is reported as skipped', async () => {
    const { texts, summary } = await scene.ingest('first\n!nothing\nmore\n');
    expect(texts).toEqual(['first']);
    expect(summary).toMatchObject({ skippedBytes: 14, bytes: 20, gaps: 0 });
  });

  fault(scene, 'says ok with nothing, at the longest window: a gap of that window', async () => {
    const filler = 'x'.repeat(2000);
    const options = { window: { bytes: 64, hardMaxBytes: 1000 } };
    const { texts, gaps } = await scene.ingest(`first\nsecond\n${filler}\nlast\n`, options);
    expect(texts.slice(0, 2)).toEqual(['first', 'second']);
    expect(texts.at(-1)).toBe('last');
    expect(gaps[0]).toMatchObject({ offset: 13, length: 1000, error: { code: 'ERR_PLUGIN_CONTRACT' } });
  });

  fault(scene, 'returns items of no bytes, for ever', async () => {
    const options = { config: { always: 'nothing-consumed' }, window: { bytes: 64, hardMaxBytes: 1000 } };
    const { gaps, summary } = await scene.ingest('x'.repeat(3000), options);
    expect(gaps.length).toBeGreaterThan(0);
    expect(summary).toMatchObject({ status: 'completed', bytes: 3000 });
  });

  fault(scene, "says 'incomplete' for ever", async () => {
    const options = { config: { always: 'incomplete' }, window: { bytes: 64, hardMaxBytes: 100_000_000 } };
    const { summary } = await scene.ingest('x'.repeat(3000), options);
    expect(summary).toMatchObject({ status: 'completed', items: 0, skippedBytes: 3000 });
  });

  fault(scene, "says 'incomplete' for ever about a long input", async () => {
    const options = { config: { always: 'incomplete' }, window: { bytes: 64, hardMaxBytes: 128 } };
    const { error, gaps, summary } = await scene.ingest('x'.repeat(10_000), options);
    expect(summary?.bytes ?? 0).toBeGreaterThan(0);
    expect(gaps.length > 0 || error?.code === 'ERR_PLUGIN_UNRECOVERABLE').toBe(true);
  });

  fault(scene, 'has only errors: the session ends, since the parser is probably the wrong one', async () => {
    const { error, summary } = await scene.ingest('x'.repeat(10_000), { config: { always: 'parse' } });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE', message: expect.stringMatching(/No item/) });
    expect(summary?.status).toBe('failed');
  });

  fault(scene, 'has an error in the middle: its bytes are skipped one by one until there is an item', async () => {
    const { texts, summary } = await scene.ingest('first\n!parse\n!incomplete\nlast\n');
    expect(texts).toEqual(['first', 'parse', 'incomplete', 'last']);
    expect(summary).toMatchObject({ skippedBytes: 2, gaps: 0 });
  });

  fault(scene, 'cannot go on: the session ends with its message, what came before is delivered', async () => {
    const { texts, error } = await scene.ingest('first\nsecond\n!unrecoverable\nlast\n');
    expect(texts).toEqual(['first', 'second']);
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE', message: 'the plugin cannot go on' });
  });

  fault(scene, 'says that nothing follows: the rest is skipped', async () => {
    const { texts, error, summary } = await scene.ingest('first\n!eof\nlast\n');
    expect(error).toBeUndefined();
    expect(texts).toEqual(['first']);
    expect(summary).toMatchObject({ skippedBytes: 10, bytes: 16 });
  });
});
