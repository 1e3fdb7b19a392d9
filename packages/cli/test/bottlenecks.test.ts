import type { Bottleneck, SessionMetrics } from '@chipmunk-host/manager';
import { expect, test } from 'vitest';
import { bottleneckLine, RunBottlenecks } from '#ingest/run-bottleneck.js';

function session(bottleneck: Bottleneck | undefined, time: Readonly<Record<string, number>>): SessionMetrics {
  return { bottleneck, parser: { time } } as unknown as SessionMetrics;
}

test('a run waited for what its longest sessions waited for, for their share of the time', () => {
  const run = new RunBottlenecks();
  expect(run.worst).toBeUndefined();
  run.add(session(undefined, {}));
  expect(run.worst).toBeUndefined();
  run.add(session('plugin', { runMs: 100, pluginMs: 90 }));
  run.add(session('consumer', { runMs: 80, outputMs: 40, pluginMs: 30 }));
  expect(run.worst).toEqual({ is: 'plugin', share: 0.9 });
  run.add(session('consumer', { runMs: 120, outputMs: 110 }));
  expect(run.worst).toEqual({ is: 'consumer', share: 0.75 });
});

test('each has a line in plain words', () => {
  const line = (is: Bottleneck) => bottleneckLine({ is, share: 0.754 });
  expect(line('consumer')).toBe('bottleneck: the output; the parser waited for it for 75 % of its time');
  expect(line('plugin')).toBe('bottleneck: the parser, whose plugin ran for 75 % of its time');
  expect(line('input')).toBe('bottleneck: the input; the parser read it, or waited for it, for 75 % of its time');
  expect(line('host')).toBe("bottleneck: the host, which took over items for 75 % of the parser's time");
});
