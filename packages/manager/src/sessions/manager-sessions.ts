/** What runs plugins for a manager: sessions, and the questions that a plugin is asked about itself. */
import {
  ByteSourceHost,
  ConfigError,
  type ConfigSource,
  type IngestOptions,
  IngestSession,
  type OnLog,
  ParserHost,
  type PluginKind,
  type QuarantinedInput,
  type ReplayOutcome,
  replay,
  resolveConfig,
  type SourceOptions,
} from '@chipmunk-host/hosts';
import { ownInfo } from '@chipmunk-host/hosts/internal';
import { HostError, PluginError } from '@chipmunk-host/runtime';
import { callListener } from '@chipmunk-host/runtime/internal';
import type { CatalogueEntry } from '../catalogue/catalogue-entry.js';
import type { ManagerEvents } from '../catalogue/manager-events.js';
import {
  type PermissionOptions,
  type PluginPermissions,
  permissionsOf,
  withDenials,
} from '../catalogue/plugin-permissions.js';
import { type ProfileConfig, withProfile } from '../config/plugin-profiles.js';
import type { PluginInfo } from '../examination/plugin-info.js';
import type { PluginWorkers } from '../examination/plugin-workers.js';
import type { PluginId, PluginReference, PluginSelector } from '../shared/plugin-id.js';
import type { IngestRequest, IngestSource } from './ingest-request.js';
import { requireRequest } from './ingest-request-table.js';
import { type ManagerMetrics, MetricsBook } from './manager-metrics.js';
import type { RunnablePlugin, RunnablePlugins } from './runnable-plugins.js';

export interface ManagerSessionsParts {
  readonly runnables: RunnablePlugins;
  readonly workers: PluginWorkers;
  /** A saved configuration of a listed plugin. @throws HostError `ERR_PLUGIN_NOT_FOUND`, `ERR_PROFILE` */
  readonly profile: (plugin: PluginSelector, name: string) => Promise<ProfileConfig>;
  readonly events: ManagerEvents;
}

export class ManagerSessions {
  readonly #runnables: RunnablePlugins;
  readonly #workers: PluginWorkers;
  readonly #profile: ManagerSessionsParts['profile'];
  readonly #events: ManagerEvents;
  /** Weak: a session that its consumer drops without closing it is to be noticed. */
  readonly #sessions = new Set<WeakRef<IngestSession>>();
  readonly #metrics = new MetricsBook();
  #sessionCount = 0;
  #closing: Promise<void> | undefined;

  constructor({ runnables, workers, profile, events }: ManagerSessionsParts) {
    this.#runnables = runnables;
    this.#workers = workers;
    this.#profile = profile;
    this.#events = events;
  }

  async ingest(request: IngestRequest): Promise<IngestSession> {
    requireRequest(request);
    const { source, parser, window, parallel = 1, ...rest } = request;
    const uses: RunnablePlugin[] = [];
    try {
      const sourceOptions = await this.#source(source, request.signal, uses);
      const { plugin, memoryBytes, profile } = parser;
      const runnable = await this.#runnables.prepare({ plugin, kind: 'parser', memoryBytes, signal: request.signal });
      uses.unshift(runnable);
      const { component, info, label, windowBytes } = runnable;
      const config = await withProfile(this.#profile, { plugin, kind: 'parser' }, profile, parser.config);
      const bytes = window?.bytes ?? windowBytes;
      const session = await this.#guarded(
        IngestSession.open({
          ...rest,
          source: sourceOptions,
          component,
          ...(info?.kind === 'parser' ? { info: withoutKind(info) } : {}),
          pool: this.#workers.pool(),
          plugin: label,
          ...(config === undefined ? {} : { config }),
          window: { ...window, ...(bytes === undefined ? {} : { bytes }) },
          ...split(parallel, runnable),
          onLog: loggedTo(runnable.entry, rest.onLog),
          grants: withDenials(rest.grants, parser.deny),
        }),
      );
      if (info === undefined) this.#runnables.learn(runnable, { kind: 'parser', ...ownInfo(session.info) });
      this.#remember(session, uses);
      return session;
    } catch (error) {
      for (const use of uses) {
        if (!isAbout(error, use.label)) continue;
        use.entry?.statistics.startFailed(error);
        this.#metrics.startFailed(use, error.code);
      }
      throw error;
    }
  }

  async inspect(plugin: PluginReference, kind?: PluginKind): Promise<PluginInfo> {
    this.#workers.requireOpen();
    const { entry } = await this.#runnables.find(plugin, kind);
    if (entry !== undefined) await this.#runnables.requireUsable(entry, true);
    if (entry?.examined !== undefined && (kind === undefined || kind === entry.id.kind)) return entry.examined.info;
    const runnable = await this.#runnables.prepare({ plugin, kind });
    const info = runnable.info ?? (await this.#ask(runnable));
    this.#runnables.learn(runnable, info);
    return info;
  }

  async permissions(
    plugin: PluginReference,
    kind: PluginKind | undefined,
    config: ConfigSource,
    options: PermissionOptions,
  ): Promise<PluginPermissions> {
    const { configSchemas } = await this.inspect(plugin, kind);
    const items = resolveConfig(configSchemas, typeof config === 'function' ? config(configSchemas) : config);
    const { entry } = await this.#runnables.find(plugin, kind);
    const imports = entry?.examined?.imports ?? (await this.#runnables.prepare({ plugin, kind })).component.imports;
    return permissionsOf(imports, items, options);
  }

  async replay(quarantined: QuarantinedInput, plugin: PluginReference = quarantined.plugin): Promise<ReplayOutcome> {
    const { component, label } = await this.#runnables.prepare({ plugin, kind: 'parser' });
    return replay(quarantined, { component, plugin: label, pool: this.#workers.pool() });
  }

  metrics(): ManagerMetrics {
    return this.#metrics.metrics(this.#workers.usage);
  }

  /** Ends all sessions and threads. Calling it again does nothing. */
  close(): Promise<void> {
    this.#workers.end();
    this.#closing ??= (async () => {
      await Promise.all([...this.#sessions].map((session) => session.deref()?.close()));
      await this.#workers.close();
    })();
    return this.#closing;
  }

  async #source(source: IngestSource, signal: AbortSignal | undefined, uses: RunnablePlugin[]): Promise<SourceOptions> {
    if (!('plugin' in source)) return source;
    const { plugin, memoryBytes, config: given, profile, deny, ...options } = source;
    const runnable = await this.#runnables.prepare({ plugin, kind: 'bytesource', memoryBytes, signal });
    uses.push(runnable);
    const { component, info, label, entry } = runnable;
    const config = await withProfile(this.#profile, { plugin, kind: 'bytesource' }, profile, given);
    return {
      ...options,
      component,
      ...(info?.kind === 'bytesource' ? { info: withoutKind(info) } : {}),
      plugin: label,
      onLog: loggedTo(entry, options.onLog),
      grants: withDenials(options.grants, deny),
      ...(config === undefined ? {} : { config: sourceConfig(config, label) }),
    };
  }

  async #ask({ component, kind, label }: RunnablePlugin): Promise<PluginInfo> {
    const options = { component, pool: this.#workers.pool(), plugin: label };
    if (kind === 'parser') {
      await using parser = await this.#guarded(ParserHost.open(options));
      return { kind, ...parser.info };
    }
    await using source = await this.#guarded(ByteSourceHost.open(options));
    return { kind, ...source.info };
  }

  /** An opening that fails because the manager was closed meanwhile says so. */
  async #guarded<Value extends AsyncDisposable>(opening: Promise<Value>): Promise<Value> {
    let opened: Value;
    try {
      opened = await opening;
    } catch (error) {
      this.#workers.requireOpen();
      throw error;
    }
    if (this.#closing !== undefined) await opened[Symbol.asyncDispose]();
    this.#workers.requireOpen();
    return opened;
  }

  #remember(session: IngestSession, uses: readonly RunnablePlugin[]): void {
    const held = new WeakRef(session);
    this.#sessions.add(held);
    const [parser] = uses;
    const number = ++this.#sessionCount;
    const plugins = uses.flatMap(({ entry }): PluginId[] => (entry === undefined ? [] : [entry.id]));
    const summaryOf = lastAnswer(held, session.summary, ({ summary }) => summary);
    const metricsOf = lastAnswer(held, session.metrics(), (live) => live.metrics());
    const ends = uses.map(({ entry, kind }) =>
      entry?.statistics.sessionStarted(() => {
        const { items, bytes, restarts, errors } = summaryOf();
        return kind === 'parser' ? { items, bytes, restarts, errors } : { items: 0, bytes, restarts: 0, errors: {} };
      }),
    );
    this.#metrics.sessionStarted(number, uses, metricsOf);
    this.#events.emit('session-started', { session: number, plugins });
    void session.ended.then(({ summary, error, metrics }) => {
      this.#sessions.delete(held);
      summaryOf(summary);
      this.#metrics.sessionEnded(number, metrics);
      for (const end of ends) end?.();
      if (error !== undefined)
        for (const { entry, label } of uses)
          if (label === parser?.label || isAbout(error, label)) entry?.statistics.failed(error);
      this.#events.emit('session-ended', { session: number, plugins, summary, metrics });
    });
  }
}

/** As hosts have it. */
function withoutKind<Info extends PluginInfo>({ kind: _, ...info }: Info): Omit<Info, 'kind'> {
  return info;
}

/** Asks a session without keeping it: of one that is gone, the last answer is known. */
function lastAnswer<Answer>(
  session: WeakRef<IngestSession>,
  first: Answer,
  ask: (session: IngestSession) => Answer,
): (last?: Answer) => Answer {
  let known = first;
  return (last) => {
    const live = last === undefined ? session.deref() : undefined;
    known = last ?? (live === undefined ? known : ask(live));
    return known;
  };
}

/** Adds what a plugin logs to its run data on the way to the caller. */
function loggedTo(entry: CatalogueEntry | undefined, onLog: OnLog | undefined): OnLog {
  return (line, dropped) => {
    if (dropped > 0) entry?.log.add('warn', `${dropped} lines of the plugin's log were dropped here.`, line.time);
    entry?.log.add(line.level, line.message, line.time);
    callListener('onLog', onLog, line, dropped);
  };
}

function isAbout(error: unknown, label: string): error is PluginError {
  return error instanceof PluginError && error.plugin === label;
}

/** @throws HostError `ERR_INVALID_OPTION` when the parser's metadata do not allow it */
function split(
  instances: number,
  { label, parallelBoundary, parallelPatterns, parallelConfig }: RunnablePlugin,
): Pick<IngestOptions, 'parallel'> {
  if (instances === 1) return {};
  if (parallelBoundary !== undefined) {
    const onlyWith = parallelConfig === undefined ? {} : { onlyWith: parallelConfig };
    const patterns = parallelPatterns === undefined ? {} : { patterns: parallelPatterns };
    return { parallel: { instances, boundary: parallelBoundary, ...patterns, ...onlyWith } };
  }
  const message = `The option parallel is ${instances}, and the parser '${label}' cannot read one file with several instances at once.`;
  throw new HostError('ERR_INVALID_OPTION', message, {
    help: 'Its metadata do not say where its input can be split: `parallel-boundary` in the table `[chipmunk-host]`.',
  });
}

/**
 * A source's configuration that is checked as soon as the schemas are known, so that its faults can be told from the parser's:
 * the host's own messages name no plugin.
 */
function sourceConfig(config: ConfigSource, label: string): ConfigSource {
  return (schemas) => {
    try {
      const input = typeof config === 'function' ? config(schemas) : config;
      resolveConfig(schemas, input);
      return input;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(
        error.faults.map((fault) => ({ ...fault, message: `Byte-source plugin ${label}: ${fault.message}` })),
      );
    }
  };
}
