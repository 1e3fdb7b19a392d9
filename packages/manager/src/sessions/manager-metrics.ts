/** What the sessions of a manager cost, each that runs and each plugin over all that it had. */
import type { InstanceMetrics, InstanceTimes, PluginKind, PoolUsage, SessionMetrics } from '@chipmunk-host/hosts';
import { sumOfInstances } from '@chipmunk-host/hosts/internal';
import type { ErrorCode } from '@chipmunk-host/runtime';

/** A session that runs. */
export interface RunningSessionMetrics extends SessionMetrics {
  /** Its number in events of the manager. */
  readonly session: number;
}

/** One plugin since the manager was opened, with the sessions that run. Counts never become less. */
export interface PluginMetrics {
  /** Its name, or what it was given as: a path, or the beginning of a binary's hash. */
  readonly plugin: string;
  readonly kind: PluginKind;
  readonly sessionsNow: number;
  /** Sessions that were started, those that run included. */
  readonly sessionsEver: number;
  /** Items that a parser made; 0 for a byte-source. */
  readonly items: number;
  /** Bytes of input that a parser accounted for, or that were parsed of what a byte-source delivered. */
  readonly bytes: number;
  /** The part of `bytes` that is in no item; 0 for a byte-source, as are gaps. */
  readonly skippedBytes: number;
  /** Items that selections left out; 0 of a byte-source. */
  readonly filteredItems: number;
  /** The part of `bytes` of which these were made. */
  readonly filteredBytes: number;
  readonly gaps: number;
  readonly gapBytes: number;
  /** How often a fresh instance took over after a failure. */
  readonly restarts: number;
  /** How often one was replaced because its memory had grown. */
  readonly recycled: number;
  /** How many errors of each code. Those in a session count for its parser, those of its start for the plugin that failed to start. */
  readonly errors: Readonly<Partial<Record<ErrorCode | 'ERR_UNKNOWN', number>>>;
  /**
   * All its instances together: memory and heap are of those that run, the peak is that of the session that had the largest one. Undefined as
   * long as no session was started.
   */
  readonly instances: InstanceMetrics | undefined;
}

/** What all sessions and plugins of a manager cost. */
export interface ManagerMetrics {
  /** The sessions that run, by their numbers. */
  readonly sessions: readonly RunningSessionMetrics[];
  /** Every plugin that was in a session, or failed to start, since the manager was opened. By kind and name. */
  readonly plugins: readonly PluginMetrics[];
  /** See `usage` of the manager. */
  readonly workers: PoolUsage;
}

/** A plugin in a session, or that was to be. */
export interface MeteredPlugin {
  readonly label: string;
  readonly kind: PluginKind;
}

type Errors = PluginMetrics['errors'];

interface RunningSession {
  readonly plugins: readonly MeteredPlugin[];
  readonly take: () => SessionMetrics;
  /** What was told of it last. */
  told: SessionMetrics;
}

/** Counts what became of the sessions. Those that run are asked when metrics are taken. */
export class MetricsBook {
  readonly #running = new Map<number, RunningSession>();
  readonly #ended = new Map<string, PluginMetrics>();

  /** @param take what the session costs so far */
  sessionStarted(session: number, plugins: readonly MeteredPlugin[], take: () => SessionMetrics): void {
    this.#running.set(session, { plugins, take, told: take() });
  }

  sessionEnded(session: number, last: SessionMetrics): void {
    const running = this.#running.get(session);
    if (running === undefined) return;
    for (const plugin of running.plugins) add(this.#ended, ofSession(plugin, notLess(running.told, last)));
    this.#running.delete(session);
  }

  startFailed({ label, kind }: MeteredPlugin, code: ErrorCode | 'ERR_UNKNOWN'): void {
    add(this.#ended, { ...nothing(label, kind), errors: { [code]: 1 } });
  }

  metrics(workers: PoolUsage): ManagerMetrics {
    const plugins = new Map(this.#ended);
    const sessions: RunningSessionMetrics[] = [];
    for (const [session, running] of this.#running) {
      const metrics = running.take();
      sessions.push({ session, ...metrics });
      running.told = notLess(running.told, metrics);
      for (const plugin of running.plugins) add(plugins, { ...ofSession(plugin, running.told), sessionsNow: 1 });
    }
    const sorted = [...plugins].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, metrics]) => metrics);
    return { sessions, plugins: sorted, workers };
  }
}

/**
 * Times that were told before are not taken back: what is under way may turn out to be shorter by the worker's clock, or to belong to another
 * part of the run.
 */
function notLess(before: SessionMetrics, now: SessionMetrics): SessionMetrics {
  const source = now.source && before.source && { ...now.source, time: mostOf(before.source.time, now.source.time) };
  return { ...now, parser: { ...now.parser, time: mostOf(before.parser.time, now.parser.time) }, source };
}

function mostOf(a: InstanceTimes, b: InstanceTimes): InstanceTimes {
  return {
    runMs: Math.max(a.runMs, b.runMs),
    pluginMs: Math.max(a.pluginMs, b.pluginMs),
    inputMs: Math.max(a.inputMs, b.inputMs),
    outputMs: Math.max(a.outputMs, b.outputMs),
    hostMs: Math.max(a.hostMs, b.hostMs),
    startMs: Math.max(a.startMs, b.startMs),
  };
}

function nothing(plugin: string, kind: PluginKind): PluginMetrics {
  return {
    plugin,
    kind,
    sessionsNow: 0,
    sessionsEver: 0,
    items: 0,
    bytes: 0,
    skippedBytes: 0,
    filteredItems: 0,
    filteredBytes: 0,
    gaps: 0,
    gapBytes: 0,
    restarts: 0,
    recycled: 0,
    errors: {},
    instances: undefined,
  };
}

function ofSession({ label, kind }: MeteredPlugin, { summary, parser, source }: SessionMetrics): PluginMetrics {
  const { bytes, sourceRestarts } = summary;
  const common = { ...nothing(label, kind), sessionsEver: 1, bytes };
  if (kind === 'bytesource') return { ...common, restarts: sourceRestarts, instances: source };
  const { items, skippedBytes, filteredItems, filteredBytes, gaps, gapBytes, restarts, recycled, errors } = summary;
  const left = { skippedBytes, filteredItems, filteredBytes, gaps, gapBytes };
  return { ...common, items, ...left, restarts, recycled, errors, instances: parser };
}

function add(plugins: Map<string, PluginMetrics>, more: PluginMetrics): void {
  const key = `${more.kind} ${more.plugin}`;
  const before = plugins.get(key);
  plugins.set(key, before === undefined ? more : sum(before, more));
}

function sum(a: PluginMetrics, b: PluginMetrics): PluginMetrics {
  return {
    plugin: a.plugin,
    kind: a.kind,
    sessionsNow: a.sessionsNow + b.sessionsNow,
    sessionsEver: a.sessionsEver + b.sessionsEver,
    items: a.items + b.items,
    bytes: a.bytes + b.bytes,
    skippedBytes: a.skippedBytes + b.skippedBytes,
    filteredItems: a.filteredItems + b.filteredItems,
    filteredBytes: a.filteredBytes + b.filteredBytes,
    gaps: a.gaps + b.gaps,
    gapBytes: a.gapBytes + b.gapBytes,
    restarts: a.restarts + b.restarts,
    recycled: a.recycled + b.recycled,
    errors: sumOfErrors(a.errors, b.errors),
    instances: sumOfSessions(a.instances, b.instances),
  };
}

function sumOfSessions(a: InstanceMetrics | undefined, b: InstanceMetrics | undefined): InstanceMetrics | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const peakMemoryBytes = Math.max(a.peakMemoryBytes, b.peakMemoryBytes);
  return { ...sumOfInstances(a, [b]), peakMemoryBytes };
}

function sumOfErrors(a: Errors, b: Errors): Errors {
  const sum: Partial<Record<ErrorCode | 'ERR_UNKNOWN', number>> = { ...a };
  for (const [code, count] of Object.entries(b) as [ErrorCode, number][]) sum[code] = (sum[code] ?? 0) + count;
  return sum;
}
