/**
 * A manager's metrics and sessions for OpenTelemetry. It needs `@opentelemetry/api` and no SDK: without one, that package does nothing. Import
 * it as `@chipmunk-host/manager/opentelemetry`; what is at `@chipmunk-host/manager` does not load it.
 */
import {
  type Attributes,
  context,
  type Meter,
  type MeterProvider,
  metrics,
  type Observable,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { PluginsManager } from './plugins-manager.js';
import type { ManagerMetrics, PluginMetrics } from './sessions/manager-metrics.js';

const NAME = '@chipmunk-host/manager';

/** Where `instrument` reports to. */
export interface InstrumentOptions {
  /** Default: the one that is registered globally. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Default: the one that is registered globally. */
  readonly tracerProvider?: TracerProvider | undefined;
}

/**
 * Has OpenTelemetry collect the manager's metrics whenever it likes to, and makes a span of each session, below the span that is active where
 * `ingest` is called, and of each plugin that is loaded. Register providers first.
 * @returns a function that stops it, and ends the spans of sessions that run
 */
export function instrument(manager: PluginsManager, options: InstrumentOptions = {}): () => void {
  const { meterProvider = metrics.getMeterProvider(), tracerProvider = trace.getTracerProvider() } = options;
  const stopMetrics = observe(manager, meterProvider.getMeter(NAME));
  const stopSpans = follow(manager, tracerProvider);
  return () => {
    stopMetrics();
    stopSpans();
  };
}

/** What is observed of each plugin: some sum, or what is so now. */
interface Instrument {
  readonly observable: Observable;
  readonly of: (plugin: PluginMetrics) => readonly Observation[];
}

interface Observation {
  readonly value: number | undefined;
  readonly attributes?: Attributes | undefined;
}

function observe(manager: PluginsManager, meter: Meter): () => void {
  const sessions = meter.createObservableUpDownCounter('chipmunk.sessions', {
    description: 'Sessions that run, by what the rest of the session waits for.',
    unit: '{session}',
  });
  const slots = meter.createObservableUpDownCounter('chipmunk.queue.slots', {
    description: 'Slots of the queues in front of parsers and behind them, by whether they are in use.',
    unit: '{slot}',
  });
  const workers = meter.createObservableUpDownCounter('chipmunk.workers', {
    description: 'Workers in use.',
    unit: '{worker}',
  });
  const instruments = instrumentsOf(meter);
  const observables = [sessions, slots, workers, ...instruments.map(({ observable }) => observable)];
  const collect: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    const taken = manager.metrics();
    for (const [bottleneck, count] of bottlenecks(taken))
      result.observe(sessions, count, { 'chipmunk.bottleneck': bottleneck });
    for (const queue of ['input', 'output'] as const)
      for (const [state, count] of slotsOf(taken, queue))
        result.observe(slots, count, { 'chipmunk.queue': queue, 'chipmunk.queue.state': state });
    result.observe(workers, taken.workers.inUse);
    for (const plugin of taken.plugins) {
      const names = { 'chipmunk.plugin.name': plugin.plugin, 'chipmunk.plugin.kind': plugin.kind };
      for (const { observable, of } of instruments)
        for (const { value, attributes } of of(plugin))
          if (value !== undefined) result.observe(observable, value, { ...names, ...attributes });
    }
  };
  meter.addBatchObservableCallback(collect, observables);
  return () => meter.removeBatchObservableCallback(collect, observables);
}

function instrumentsOf(meter: Meter): readonly Instrument[] {
  const counter = (name: string, unit: string, description: string, of: Instrument['of']): Instrument => ({
    observable: meter.createObservableCounter(`chipmunk.plugin.${name}`, { unit, description }),
    of,
  });
  const gauge = (name: string, unit: string, description: string, of: Instrument['of']): Instrument => ({
    observable: meter.createObservableGauge(`chipmunk.plugin.${name}`, { unit, description }),
    of,
  });
  const one = (value: (plugin: PluginMetrics) => number | undefined) => (plugin: PluginMetrics) => [
    { value: value(plugin) },
  ];
  return [
    counter(
      'sessions',
      '{session}',
      'Sessions that were started.',
      one((p) => p.sessionsEver),
    ),
    counter(
      'items',
      '{item}',
      'Items that were delivered.',
      one((p) => p.items),
    ),
    counter(
      'input',
      'By',
      'Input that is accounted for.',
      one((p) => p.bytes),
    ),
    counter(
      'skipped',
      'By',
      'Input that is in no item.',
      one((p) => p.skippedBytes),
    ),
    counter(
      'filtered',
      '{item}',
      'Items that selections left out.',
      one((p) => p.filteredItems),
    ),
    counter(
      'gaps',
      '{gap}',
      'Stretches of input that were given up.',
      one((p) => p.gaps),
    ),
    counter(
      'restarts',
      '{restart}',
      'Fresh instances that took over after a failure.',
      one((p) => p.restarts),
    ),
    counter('errors', '{error}', 'Errors, by code.', ({ errors }) =>
      Object.entries(errors).map(([code, value]) => ({ value, attributes: { 'error.type': code } })),
    ),
    counter(
      'calls',
      '{call}',
      'Calls of parse or read.',
      one((p) => p.instances?.calls.count),
    ),
    counter(
      'call.time',
      's',
      'Time in calls of parse or read.',
      one((p) => seconds(p.instances?.calls.sumMs)),
    ),
    // The API takes single values for histograms, not counts: as many calls of it as the plugin has would cost more than the calls.
    gauge('call.duration', 's', 'How long calls took since the start, by quantile.', ({ instances }) => [
      { value: seconds(instances?.calls.p50Ms), attributes: { quantile: 0.5 } },
      { value: seconds(instances?.calls.p99Ms), attributes: { quantile: 0.99 } },
      { value: seconds(instances?.calls.maxMs), attributes: { quantile: 1 } },
    ]),
    counter('run.time', 's', 'Where the time of instances went.', ({ instances }) =>
      (['plugin', 'input', 'output', 'host'] as const).map((where) => ({
        value: seconds(instances?.time[`${where}Ms`]),
        attributes: { 'chipmunk.where': where },
      })),
    ),
    counter(
      'cpu.time',
      's',
      'Processor time of the workers.',
      one((p) => seconds(p.instances?.workerCpuMs)),
    ),
    gauge(
      'memory',
      'By',
      'Memory of the instances that run.',
      one((p) => p.instances?.memoryBytes),
    ),
    gauge(
      'worker.heap',
      'By',
      'JavaScript heap of their workers.',
      one((p) => p.instances?.workerHeapBytes),
    ),
  ];
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

function bottlenecks({ sessions }: ManagerMetrics): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([
    ['consumer', 0],
    ['plugin', 0],
    ['input', 0],
    ['host', 0],
    ['unknown', 0],
  ]);
  for (const { bottleneck = 'unknown' } of sessions) counts.set(bottleneck, (counts.get(bottleneck) ?? 0) + 1);
  return counts;
}

function slotsOf({ sessions }: ManagerMetrics, queue: 'input' | 'output'): readonly (readonly [string, number])[] {
  const sum = (of: 'slots' | 'usedSlots') => sessions.reduce((all, session) => all + (session[queue]?.[of] ?? 0), 0);
  const used = sum('usedSlots');
  return [
    ['used', used],
    ['free', sum('slots') - used],
  ];
}

function follow(manager: PluginsManager, provider: TracerProvider): () => void {
  const tracer = provider.getTracer(NAME);
  const spans = new Map<number, Span>();
  const stops = [
    manager.on('session-started', ({ session }) => {
      const running = manager.metrics().sessions.find((other) => other.session === session);
      const attributes: Attributes = { 'chipmunk.session': session, 'chipmunk.parser': running?.parser.plugin };
      if (running?.source !== undefined) attributes['chipmunk.source'] = running.source.plugin;
      const options = { kind: SpanKind.INTERNAL, attributes };
      spans.set(session, tracer.startSpan('chipmunk.session', options, context.active()));
    }),
    manager.on('session-ended', ({ session, summary, metrics: { bottleneck, parser } }) => {
      const span = spans.get(session);
      spans.delete(session);
      if (span === undefined) return;
      const { status, items, bytes, skippedBytes, filteredItems, gaps, restarts, errors } = summary;
      span.setAttributes({
        'chipmunk.session.status': status,
        'chipmunk.items': items,
        'chipmunk.input.bytes': bytes,
        'chipmunk.skipped.bytes': skippedBytes,
        'chipmunk.filtered.items': filteredItems,
        'chipmunk.gaps': gaps,
        'chipmunk.restarts': restarts,
        'chipmunk.calls': parser.calls.count,
        ...(bottleneck === undefined ? {} : { 'chipmunk.bottleneck': bottleneck }),
      });
      const [code] = Object.keys(errors).slice(-1);
      if (status === 'failed') {
        if (code !== undefined) span.setAttribute('error.type', code);
        span.setStatus(
          code === undefined ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message: code },
        );
      }
      span.end();
    }),
    manager.on('loaded', ({ plugin, fromCache, durationMs }) => {
      const end = Date.now();
      const attributes = {
        'chipmunk.plugin.name': plugin.name,
        'chipmunk.plugin.kind': plugin.kind,
        'chipmunk.from_cache': fromCache,
      };
      tracer.startSpan('chipmunk.plugin.load', { attributes, startTime: end - durationMs }, context.active()).end(end);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    for (const span of spans.values()) span.end();
    spans.clear();
  };
}
