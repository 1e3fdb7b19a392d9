import { execFileSync } from 'node:child_process';
import { PluginsManager } from '@chipmunk-host/manager';
import { instrument } from '@chipmunk-host/manager/opentelemetry';
import { buildFragile } from '@chipmunk-host/test-plugins';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();
const spans = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
const meterProvider = new MeterProvider({ readers: [reader] });

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(async () => {
  context.disable();
  await Promise.all([meterProvider.shutdown(), tracerProvider.shutdown()]);
});

/** What was collected last: values by attributes, for each metric. */
async function collected() {
  exporter.reset();
  await reader.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  const found = new Map(metrics.map(({ descriptor, dataPoints }) => [descriptor.name, { descriptor, dataPoints }]));
  return {
    unit: (name: string) => found.get(name)?.descriptor.unit,
    value: (name: string, attributes: Readonly<Record<string, unknown>>) => {
      const points = found
        .get(name)
        ?.dataPoints.filter((point) =>
          Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
        );
      expect(points, `${name} ${JSON.stringify(attributes)}`).toHaveLength(1);
      return points?.[0]?.value;
    },
  };
}

test('the metrics are those of the manager, and the spans those of its sessions', async () => {
  await using manager = await PluginsManager.open({ load: 'lazy' });
  const stop = instrument(manager, { meterProvider, tracerProvider });
  const plugin = await stage.file('fragile.wasm', await buildFragile());
  const source = { file: await stage.file('lines', 'one\nBad\ntwo\n') };
  const request = tracerProvider.getTracer('test').startSpan('request');
  const session = await context.with(trace.setSpan(context.active(), request), () =>
    manager.ingest({ source, parser: { plugin } }),
  );
  for await (const _ of session);
  const failing = await manager.ingest({ source, parser: { plugin }, recovery: { maxRestarts: 0 } });
  await expect(
    (async () => {
      for await (const _ of failing);
    })(),
  ).rejects.toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
  const running = await manager.ingest({ source, parser: { plugin: 'string-parser' } });

  const metrics = await collected();
  const [fragile] = manager.metrics().plugins;
  const named = { 'chipmunk.plugin.name': plugin, 'chipmunk.plugin.kind': 'parser' };
  expect(metrics.value('chipmunk.plugin.items', named)).toBe(fragile?.items);
  expect(metrics.value('chipmunk.plugin.input', named)).toBe(fragile?.bytes);
  expect(metrics.value('chipmunk.plugin.gaps', named)).toBe(fragile?.gaps);
  expect(metrics.value('chipmunk.plugin.restarts', named)).toBe(fragile?.restarts);
  expect(metrics.value('chipmunk.plugin.calls', named)).toBe(fragile?.instances?.calls.count);
  const { maxMs = 0 } = fragile?.instances?.calls ?? {};
  expect(metrics.value('chipmunk.plugin.call.duration', { ...named, quantile: 1 })).toBe(maxMs / 1000);
  expect(metrics.unit('chipmunk.plugin.call.duration')).toBe('s');
  for (const [code, count] of Object.entries(fragile?.errors ?? {}))
    expect(metrics.value('chipmunk.plugin.errors', { ...named, 'error.type': code })).toBe(count);
  const memory = metrics.value('chipmunk.plugin.memory', { 'chipmunk.plugin.name': 'string-parser' });
  expect(memory).toBeGreaterThan(0);

  const ended = spans.getFinishedSpans().filter(({ name }) => name === 'chipmunk.session');
  expect(ended).toMatchObject([
    {
      attributes: { 'chipmunk.parser': plugin, 'chipmunk.session.status': 'completed', 'chipmunk.items': 2 },
      parentSpanContext: { spanId: request.spanContext().spanId },
      status: { code: SpanStatusCode.UNSET },
    },
    { attributes: { 'error.type': 'ERR_PLUGIN_TRAP' }, status: { code: SpanStatusCode.ERROR } },
  ]);
  await manager.doctor();
  const loads = spans.getFinishedSpans().filter(({ name }) => name === 'chipmunk.plugin.load');
  expect(loads.map(({ attributes }) => attributes['chipmunk.plugin.name'])).toContain('string-parser');

  stop();
  expect(spans.getFinishedSpans().at(-1)?.attributes).toMatchObject({ 'chipmunk.parser': 'string-parser' });
  const asked = vi.spyOn(manager, 'metrics');
  await collected();
  expect(asked).not.toHaveBeenCalled();
  await running.close();
});

test('without a provider nothing is collected, and nothing fails', async () => {
  await using manager = await PluginsManager.open({ load: 'lazy' });
  const stop = instrument(manager);
  const source = { file: await stage.file('lines', 'one\n') };
  const session = await manager.ingest({ source, parser: { plugin: 'string-parser' } });
  for await (const _ of session);
  expect(session.summary.items).toBe(1);
  stop();
});

test('a program that does not ask for it needs no API', () => {
  const hooks = `export async function resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry/')) throw new Error('It is not installed.');
    return next(specifier, context);
  }`;
  const program = `
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
    const { prometheusText } = await import('@chipmunk-host/manager');
    console.log(typeof prometheusText);
    await import('@chipmunk-host/manager/opentelemetry').catch(({ message }) => console.log(message));
  `;
  const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], options);
  expect(output).toBe('function\nIt is not installed.\n');
});
