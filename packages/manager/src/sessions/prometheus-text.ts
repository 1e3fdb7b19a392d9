/**
 * Metrics as Prometheus scrapes them: the text format 0.0.4. Units are seconds and bytes, and what only ever grows ends in `_total`.
 * A plugin is named by the labels `plugin` and `kind`; sessions have no labels of their own, since there is no end of them.
 */
import type { CallLatency } from '@chipmunk-host/hosts';
import type { ManagerMetrics, PluginMetrics } from './manager-metrics.js';

type Labels = Readonly<Record<string, string>>;
interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Behind the family's name. */
  readonly suffix?: string;
}

/** Of the buckets of calls, in milliseconds: powers of four from a microsecond to four minutes. They are ends of buckets of `CallLatency`. */
const BUCKET_ENDS_MS = Array.from({ length: 15 }, (_, at) => 2 ** (2 * at - 10));
const BOTTLENECKS = ['consumer', 'plugin', 'input', 'host'] as const;

/** The content type of what `prometheusText` makes. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What `manager.metrics()` returned, for an endpoint that Prometheus scrapes. Send it with `PROMETHEUS_CONTENT_TYPE`. */
export function prometheusText(metrics: ManagerMetrics): string {
  return [...sessionFamilies(metrics), ...pluginFamilies(metrics.plugins)].join('');
}

function sessionFamilies({ sessions, workers }: ManagerMetrics): readonly string[] {
  const queues = (of: 'slots' | 'usedSlots') =>
    (['input', 'output'] as const).map((queue) => ({
      labels: { queue },
      value: sessions.reduce((sum, session) => sum + (session[queue]?.[of] ?? 0), 0),
    }));
  return [
    family('gauge', 'chipmunk_sessions', 'Sessions that run.', [{ labels: {}, value: sessions.length }]),
    family(
      'gauge',
      'chipmunk_sessions_by_bottleneck',
      'Sessions that run, by what the rest of the session waits for.',
      BOTTLENECKS.map((bottleneck) => ({
        labels: { bottleneck },
        value: sessions.filter((session) => session.bottleneck === bottleneck).length,
      })),
    ),
    family(
      'gauge',
      'chipmunk_queue_slots',
      'Slots of the queues in front of parsers (input) and behind them (output).',
      [...queues('slots')],
    ),
    family('gauge', 'chipmunk_queue_used_slots', 'Slots of these queues that are in use.', [...queues('usedSlots')]),
    family('gauge', 'chipmunk_workers', 'Workers in use.', [{ labels: {}, value: workers.inUse }]),
    family('gauge', 'chipmunk_workers_limit', 'Workers that may be in use at once.', [
      { labels: {}, value: workers.maxInstances },
    ]),
    family('gauge', 'chipmunk_sessions_waiting', 'Sessions, and questions to plugins, that wait for workers.', [
      { labels: {}, value: workers.waiting },
    ]),
  ];
}

function pluginFamilies(plugins: readonly PluginMetrics[]): readonly string[] {
  const of = (value: (plugin: PluginMetrics) => number | undefined, labels: Labels = {}): readonly Sample[] =>
    plugins.flatMap((plugin) => {
      const known = value(plugin);
      return known === undefined ? [] : [{ labels: { ...named(plugin), ...labels }, value: known }];
    });
  const counter = (name: string, help: string, samples: readonly Sample[]) =>
    family('counter', `chipmunk_plugin_${name}_total`, help, samples);
  const gauge = (name: string, help: string, samples: readonly Sample[]) =>
    family('gauge', `chipmunk_plugin_${name}`, help, samples);
  const errors = plugins.flatMap((plugin) =>
    Object.entries(plugin.errors).map(([code, value = 0]) => ({ labels: { ...named(plugin), code }, value })),
  );
  return [
    gauge(
      'sessions',
      'Sessions of the plugin that run.',
      of(({ sessionsNow }) => sessionsNow),
    ),
    counter(
      'sessions',
      'Sessions of the plugin that were started.',
      of(({ sessionsEver }) => sessionsEver),
    ),
    counter(
      'items',
      'Items that were delivered.',
      of(({ items }) => items),
    ),
    counter(
      'input_bytes',
      'Bytes of input that are accounted for.',
      of(({ bytes }) => bytes),
    ),
    counter(
      'skipped_bytes',
      'Bytes of input that are in no item.',
      of(({ skippedBytes }) => skippedBytes),
    ),
    counter(
      'filtered_items',
      'Items that selections left out.',
      of(({ filteredItems }) => filteredItems),
    ),
    counter(
      'filtered_bytes',
      'Bytes of input in items that selections left out.',
      of(({ filteredBytes }) => filteredBytes),
    ),
    counter(
      'gaps',
      'Stretches of input that were given up since the plugin failed on them.',
      of(({ gaps }) => gaps),
    ),
    counter(
      'gap_bytes',
      'Bytes of input that are in gaps.',
      of(({ gapBytes }) => gapBytes),
    ),
    counter(
      'restarts',
      'Fresh instances that took over after a failure.',
      of(({ restarts }) => restarts),
    ),
    counter(
      'recycled_instances',
      'Instances that were replaced since their memory had grown.',
      of((p) => p.recycled),
    ),
    counter('errors', 'Errors, by code.', errors),
    family('histogram', 'chipmunk_plugin_call_duration_seconds', 'How long calls of parse or read took.', [
      ...plugins.flatMap((plugin) => histogram(named(plugin), plugin.instances?.calls)),
    ]),
    gauge(
      'call_duration_max_seconds',
      'The longest call so far.',
      of((p) => seconds(p.instances?.calls.maxMs)),
    ),
    gauge(
      'call_under_way_seconds',
      'How long the longest call has lasted that is under way; 0 without one.',
      of((p) => seconds(p.instances === undefined ? undefined : (p.instances.callUnderWayMs ?? 0))),
    ),
    counter('run_seconds', "Where the time of instances went: to the plugin's code, input, output or the host.", [
      ...of((p) => seconds(p.instances?.time.pluginMs), { where: 'plugin' }),
      ...of((p) => seconds(p.instances?.time.inputMs), { where: 'input' }),
      ...of((p) => seconds(p.instances?.time.outputMs), { where: 'output' }),
      ...of((p) => seconds(p.instances?.time.hostMs), { where: 'host' }),
    ]),
    counter(
      'start_seconds',
      'Time in which instances were made and initialised.',
      of((p) => seconds(p.instances?.time.startMs)),
    ),
    counter(
      'worker_cpu_seconds',
      'Processor time of the workers.',
      of((p) => seconds(p.instances?.workerCpuMs)),
    ),
    gauge(
      'memory_bytes',
      'Memory of the instances that run.',
      of((p) => p.instances?.memoryBytes),
    ),
    gauge(
      'memory_peak_bytes',
      'The most memory that a session had.',
      of((p) => p.instances?.peakMemoryBytes),
    ),
    gauge(
      'worker_heap_bytes',
      'JavaScript heap of the workers of the instances that run.',
      of((p) => p.instances?.workerHeapBytes),
    ),
  ];
}

function named({ plugin, kind }: PluginMetrics): Labels {
  return { plugin, kind };
}

function histogram(labels: Labels, calls: CallLatency | undefined): readonly Sample[] {
  if (calls === undefined) return [];
  const below = (endMs: number) =>
    calls.buckets.reduce((sum, bucket) => (bucket.endMs <= endMs ? sum + bucket.count : sum), 0);
  return [
    ...BUCKET_ENDS_MS.map((endMs) => ({
      suffix: '_bucket',
      labels: { ...labels, le: String(endMs / 1000) },
      value: below(endMs),
    })),
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: calls.count },
    { suffix: '_sum', labels, value: calls.sumMs / 1000 },
    { suffix: '_count', labels, value: calls.count },
  ];
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

/** A family without samples is left out. */
function family(
  type: 'counter' | 'gauge' | 'histogram',
  name: string,
  help: string,
  samples: readonly Sample[],
): string {
  if (samples.length === 0) return '';
  const lines = samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${value}`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}
