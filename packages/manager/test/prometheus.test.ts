import { PluginsManager, prometheusText } from '@chipmunk-host/manager';
import { buildFragile } from '@chipmunk-host/test-plugins';
import { expect, test } from 'vitest';
import { type Family, parsePrometheus } from './prometheus-format.js';
import { setStage } from './support.js';

const stage = setStage();

function sampleOf(families: Map<string, Family>, name: string, labels: Readonly<Record<string, string>> = {}) {
  const family = families.get(name.replace(/_(?:bucket|sum|count)$/, '')) ?? families.get(name);
  const samples = family?.samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  expect(samples, `${name} ${JSON.stringify(labels)}`).toHaveLength(1);
  return samples?.[0]?.value;
}

test('a manager that has had no session tells of its workers and sessions', async () => {
  await using manager = await PluginsManager.open({ load: 'lazy', maxInstances: 3 });
  const families = parsePrometheus(prometheusText(manager.metrics()));
  expect(sampleOf(families, 'chipmunk_sessions')).toBe(0);
  expect(sampleOf(families, 'chipmunk_workers_limit')).toBe(3);
  expect([...families.keys()].filter((name) => name.startsWith('chipmunk_plugin_'))).toEqual([]);
});

test('what is scraped are the numbers of the sessions, also while one runs', async () => {
  await using manager = await PluginsManager.open({ load: 'lazy' });
  const path = await stage.file('odd "name"\\n.wasm', await buildFragile());
  const source = { file: await stage.file('lines', 'one\nBad\ntwo\n') };
  const bad = await manager.ingest({ source, parser: { plugin: path } });
  for await (const _ of bad);
  const running = await manager.ingest({ source, parser: { plugin: 'string-parser' } });
  const families = parsePrometheus(prometheusText(manager.metrics()));
  const { summary, parser } = bad.metrics();
  const labels = { plugin: path, kind: 'parser' };
  const plugin = (name: string, more = {}) => sampleOf(families, `chipmunk_plugin_${name}`, { ...labels, ...more });
  expect(plugin('items_total')).toBe(2);
  expect(plugin('input_bytes_total')).toBe(summary.bytes);
  expect(plugin('gaps_total')).toBe(1);
  expect(plugin('gap_bytes_total')).toBe(summary.gapBytes);
  expect(plugin('restarts_total')).toBe(summary.restarts);
  for (const [code, count] of Object.entries(summary.errors)) expect(plugin('errors_total', { code })).toBe(count);
  expect(plugin('call_duration_seconds_count')).toBe(parser.calls.count);
  expect(plugin('call_duration_seconds_bucket', { le: '+Inf' })).toBe(parser.calls.count);
  expect(plugin('call_duration_seconds_sum')).toBeCloseTo(parser.calls.sumMs / 1000);
  expect(plugin('call_duration_max_seconds')).toBe(parser.calls.maxMs / 1000);
  expect(plugin('run_seconds_total', { where: 'plugin' })).toBeCloseTo(parser.time.pluginMs / 1000);
  expect(plugin('memory_bytes')).toBe(0);
  expect(sampleOf(families, 'chipmunk_sessions')).toBe(1);
  const memory = { plugin: 'string-parser', kind: 'parser' };
  expect(sampleOf(families, 'chipmunk_plugin_memory_bytes', memory)).toBeGreaterThan(0);
  expect(sampleOf(families, 'chipmunk_plugin_sessions', memory)).toBe(1);
  await running.close();
});

test('counters never become less from one scrape to the next', async () => {
  await using manager = await PluginsManager.open({ load: 'lazy' });
  const source = { file: await stage.file('many', 'a line of the log\n'.repeat(100_000)) };
  const seen = new Map<string, number>();
  const scrape = () => {
    for (const [name, { type, samples }] of parsePrometheus(prometheusText(manager.metrics()))) {
      if (type === 'gauge') continue;
      for (const { name: full, labels, value } of samples) {
        const key = `${full} ${JSON.stringify(labels)}`;
        expect(value, `${name} ${key}`).toBeGreaterThanOrEqual(seen.get(key) ?? 0);
        seen.set(key, value);
      }
    }
  };
  const ring = { slots: 2, slotBytes: 8192 };
  const session = await manager.ingest({
    source,
    parser: { plugin: 'string-parser' },
    ring,
    window: { bytes: 20_000 },
  });
  for await (const _ of session) scrape();
  scrape();
  expect(seen.size).toBeGreaterThan(20);
});
