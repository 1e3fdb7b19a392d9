/** What runs plugins for a manager: sessions, the questions that a plugin is asked about itself, and the workers for both. */
import {
  ByteSourceHost,
  type ConfigSource,
  createParserPool,
  type IngestOptions,
  IngestSession,
  type OnLog,
  ParserHost,
  type PluginKind,
  type QuarantinedInput,
  type ReplayOutcome,
  replay,
  resolveConfig,
  type SessionSummary,
  type SourceOptions,
} from '@chipmunk-host/hosts';
import { deserializeError, HostError, PluginError } from '@chipmunk-host/runtime';
import { callListener, defaultMaxInstances, type PoolUsage, type WorkerPool } from '@chipmunk-host/runtime/internal';
import type { CatalogueEntry } from '../catalogue/catalogue-entry.js';
import type { PluginsManagerEvents } from '../catalogue/manager-events.js';
import type { PluginCatalogue } from '../catalogue/plugin-catalogue.js';
import { locatePlugin } from '../catalogue/plugin-locator.js';
import {
  type PermissionOptions,
  type PluginPermissions,
  permissionsOf,
  withDenials,
} from '../catalogue/plugin-permissions.js';
import { type PluginProfiles, withProfile } from '../config/plugin-profiles.js';
import { type ComponentStore, withPath } from '../examination/component-store.js';
import type { PluginInfo } from '../examination/plugin-info.js';
import { describeKind, type PluginId, type PluginReference } from '../shared/plugin-id.js';
import type { IngestRequest, IngestSource, PluginUse } from './ingest-request.js';
import { requireRequest } from './ingest-request-table.js';
import { type PreparedPlugin, preparedPlugin, sourceConfig } from './prepared-plugin.js';

export interface ManagerSessionsParts {
  readonly catalogue: PluginCatalogue;
  readonly components: ComponentStore;
  readonly profiles: PluginProfiles;
  /** Whether binaries that are not known are looked into before they are used. */
  readonly eager: boolean;
  /** The directories that are searched for names, for messages. */
  readonly searched: readonly string[];
  /** See `WorkerPoolOptions`. */
  readonly maxInstances: number | undefined;
  readonly prewarm: number | undefined;
  readonly emit: <Name extends 'session-started' | 'session-ended'>(
    name: Name,
    event: PluginsManagerEvents[Name],
  ) => void;
}

export class ManagerSessions {
  readonly #parts: ManagerSessionsParts;
  /** Weak: a session that its consumer drops without closing it is to be noticed. */
  readonly #sessions = new Set<WeakRef<IngestSession>>();
  #sessionCount = 0;
  #startedPool: WorkerPool | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: ManagerSessionsParts) {
    this.#parts = parts;
  }

  /** Workers are started when they are first needed: listing plugins takes none. */
  pool(): WorkerPool {
    this.requireOpen();
    const { maxInstances, prewarm } = this.#parts;
    this.#startedPool ??= createParserPool({
      ...(maxInstances === undefined ? {} : { maxInstances }),
      ...(prewarm === undefined ? {} : { prewarm }),
    });
    return this.#startedPool;
  }

  /** Of a pool that was not needed yet, nothing is in use. */
  get usage(): PoolUsage {
    const { maxInstances = defaultMaxInstances() } = this.#parts;
    return this.#startedPool?.usage ?? { maxInstances, inUse: 0, waiting: 0 };
  }

  async ingest(request: IngestRequest): Promise<IngestSession> {
    requireRequest(request);
    const { source, parser, window, parallel = 1, ...rest } = request;
    const uses: PreparedPlugin[] = [];
    try {
      const sourceOptions = await this.#source(source, request.signal, uses);
      const prepared = await this.#prepare(parser, 'parser', request.signal);
      uses.unshift(prepared);
      const { component, label, windowBytes } = prepared;
      const config = await withProfile(
        this.#parts.profiles,
        { plugin: parser.plugin, kind: 'parser' },
        parser.profile,
        parser.config,
      );
      const bytes = window?.bytes ?? windowBytes;
      const session = await this.#guarded(
        IngestSession.open({
          ...rest,
          source: sourceOptions,
          component,
          pool: this.pool(),
          plugin: label,
          ...(config === undefined ? {} : { config }),
          window: { ...window, ...(bytes === undefined ? {} : { bytes }) },
          ...split(parallel, prepared),
          onLog: loggedTo(prepared.record, rest.onLog),
          grants: withDenials(rest.grants, parser.deny),
        }),
      );
      this.#remember(session, uses);
      return session;
    } catch (error) {
      for (const { record, label } of uses) if (isAbout(error, label)) record?.statistics.startFailed(error);
      throw error;
    }
  }

  async inspect(plugin: PluginReference, kind?: PluginKind): Promise<PluginInfo> {
    this.requireOpen();
    const { id } = await locatePlugin(plugin, kind, this.#parts.catalogue.entries(), this.#parts.searched);
    const record = id === undefined ? undefined : this.#parts.catalogue.record(id);
    if (record !== undefined) await this.#requireUsable(record, true);
    if (record?.loaded !== undefined && (kind === undefined || kind === record.id.kind)) return record.loaded.info;
    const prepared = await this.#prepare({ plugin }, kind, undefined);
    const options = { component: prepared.component, pool: this.pool(), plugin: prepared.label };
    if (prepared.kind === 'parser') {
      await using parser = await this.#guarded(ParserHost.open(options));
      return { kind: 'parser', ...parser.info };
    }
    await using source = await this.#guarded(ByteSourceHost.open(options));
    return { kind: 'bytesource', ...source.info };
  }

  async permissions(
    plugin: PluginReference,
    kind: PluginKind | undefined,
    config: ConfigSource,
    options: PermissionOptions,
  ): Promise<PluginPermissions> {
    const { configSchemas } = await this.inspect(plugin, kind);
    const items = resolveConfig(configSchemas, typeof config === 'function' ? config(configSchemas) : config);
    const { id } = await locatePlugin(plugin, kind, this.#parts.catalogue.entries(), this.#parts.searched);
    const loaded = id === undefined ? undefined : this.#parts.catalogue.record(id)?.loaded;
    const imports = loaded?.imports ?? (await this.#prepare({ plugin }, kind, undefined)).component.imports;
    return permissionsOf(imports, items, options);
  }

  async replay(quarantined: QuarantinedInput, plugin: PluginReference = quarantined.plugin): Promise<ReplayOutcome> {
    const { component, label } = await this.#prepare({ plugin }, 'parser', undefined);
    return replay(quarantined, { component, plugin: label, pool: this.pool() });
  }

  /** Ends all sessions and threads. Again is harmless. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#sessions].map((session) => session.deref()?.close()));
      await this.#startedPool?.close();
    })();
    return this.#closing;
  }

  requireOpen(): void {
    if (this.#closing !== undefined) throw new HostError('ERR_CLOSED', 'The plugins manager is closed.');
  }

  async #source(source: IngestSource, signal: AbortSignal | undefined, uses: PreparedPlugin[]): Promise<SourceOptions> {
    if (!('plugin' in source)) return source;
    const { plugin, memoryBytes, config: given, profile, deny, ...options } = source;
    const use = { plugin, ...(memoryBytes === undefined ? {} : { memoryBytes }) };
    const prepared = await this.#prepare(use, 'bytesource', signal);
    uses.push(prepared);
    const { component, label } = prepared;
    const config = await withProfile(this.#parts.profiles, { plugin, kind: 'bytesource' }, profile, given);
    return {
      ...options,
      component,
      plugin: label,
      onLog: loggedTo(prepared.record, options.onLog),
      grants: withDenials(options.grants, deny),
      ...(config === undefined ? {} : { config: sourceConfig(config, label) }),
    };
  }

  async #prepare(
    { plugin, memoryBytes }: PluginUse,
    kind: PluginKind | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PreparedPlugin> {
    signal?.throwIfAborted();
    this.requireOpen();
    const located = await locatePlugin(plugin, kind, this.#parts.catalogue.entries(), this.#parts.searched);
    const record = located.id === undefined ? undefined : this.#parts.catalogue.record(located.id);
    if (record !== undefined) await this.#requireUsable(record, this.#parts.eager);
    const component = await this.#parts.components.get(located.binary, memoryBytes, record?.decisions.pinned);
    const prepared = await preparedPlugin(located, component, kind, record);
    signal?.throwIfAborted();
    this.requireOpen();
    return prepared;
  }

  /** An opening that fails because the manager was closed meanwhile says so. */
  async #guarded<Value extends AsyncDisposable>(opening: Promise<Value>): Promise<Value> {
    let opened: Value;
    try {
      opened = await opening;
    } catch (error) {
      this.requireOpen();
      throw error;
    }
    if (this.#closing !== undefined) await opened[Symbol.asyncDispose]();
    this.requireOpen();
    return opened;
  }

  /**
   * @param load whether to look into a binary that is not known
   * @throws what keeps it from being used
   */
  async #requireUsable(record: CatalogueEntry, load: boolean): Promise<void> {
    const { id, found } = record;
    if (record.state === 'disabled')
      throw new HostError('ERR_PLUGIN_DISABLED', `The ${describeKind(id.kind)} plugin '${id.name}' is disabled.`, {
        help: 'Enable it first.',
      });
    if (load) await this.#parts.catalogue.bringUpToDate(record);
    this.requireOpen();
    const { state, error, hash, pinned } = record.entry();
    if (state === 'pin-mismatch')
      throw new HostError(
        'ERR_PLUGIN_CHANGED',
        `The ${describeKind(id.kind)} plugin '${id.name}' is pinned to ${pinned}, and its binary has the SHA-256 ${hash}.`,
        { help: 'Accept the change if you want it, or restore the pinned binary.' },
      );
    // What kept somebody from looking into it before need not do so now.
    if (error !== undefined && (load || state === 'invalid'))
      await withPath(found.path, Promise.reject(deserializeError(error)));
  }

  #remember(session: IngestSession, uses: readonly PreparedPlugin[]): void {
    const held = new WeakRef(session);
    this.#sessions.add(held);
    const [parser] = uses;
    const number = ++this.#sessionCount;
    const plugins = uses.flatMap(({ record }): PluginId[] => (record === undefined ? [] : [record.id]));
    const summaryOf = lastSummary(held, session.summary);
    const ends = uses.map(({ record, kind }) =>
      record?.statistics.sessionStarted(() => {
        const { items, bytes, restarts, errors } = summaryOf();
        return kind === 'parser' ? { items, bytes, restarts, errors } : { items: 0, bytes, restarts: 0, errors: {} };
      }),
    );
    this.#parts.emit('session-started', { session: number, plugins });
    void session.ended.then(({ summary, error }) => {
      this.#sessions.delete(held);
      summaryOf(summary);
      for (const end of ends) end?.();
      if (error !== undefined)
        for (const { record, label } of uses)
          if (label === parser?.label || isAbout(error, label)) record?.statistics.failed(error);
      this.#parts.emit('session-ended', { session: number, plugins, summary });
    });
  }
}

/** Tells a session's summary without keeping the session: of one that is gone, the last that was known. */
function lastSummary(
  session: WeakRef<IngestSession>,
  first: SessionSummary,
): (last?: SessionSummary) => SessionSummary {
  let known = first;
  return (last) => {
    known = last ?? session.deref()?.summary ?? known;
    return known;
  };
}

/** Adds what a plugin logs to its run data on the way to the caller. */
function loggedTo(record: CatalogueEntry | undefined, onLog: OnLog | undefined): OnLog {
  return (line, dropped) => {
    if (dropped > 0) record?.log.add('warn', `${dropped} lines of the plugin's log were dropped here.`, line.time);
    record?.log.add(line.level, line.message, line.time);
    callListener('onLog', onLog, line, dropped);
  };
}

function isAbout(error: unknown, label: string): boolean {
  return error instanceof PluginError && error.plugin === label;
}

/** @throws HostError `ERR_INVALID_OPTION` when the parser's metadata do not allow it */
function split(
  instances: number,
  { label, parallelBoundary, parallelConfig }: PreparedPlugin,
): Pick<IngestOptions, 'parallel'> {
  if (instances === 1) return {};
  if (parallelBoundary !== undefined) {
    const onlyWith = parallelConfig === undefined ? {} : { onlyWith: parallelConfig };
    return { parallel: { instances, boundary: parallelBoundary, ...onlyWith } };
  }
  const message = `The option parallel is ${instances}, and the parser '${label}' cannot read one file with several instances at once.`;
  throw new HostError('ERR_INVALID_OPTION', message, {
    help: 'Its metadata do not say where its input can be split: `parallel-boundary` in the table `[chipmunk-host]`.',
  });
}
