/** The embedding facade: finds and loads plugins, keeps account of them, and starts sessions with them. */
import {
  ByteSourceHost,
  type ConfigFault,
  createParserPool,
  IngestSession,
  type OnLog,
  ParserHost,
  type PluginKind,
  type QuarantinedInput,
  type ReplayOutcome,
  replay,
  type SourceOptions,
  validateConfig,
} from '@chipmunk-host/hosts';
import { deserializeError, HostError, PluginError, toolchain, type WorkerPool } from '@chipmunk-host/runtime';
import { PluginCache } from './cache/plugin-cache.js';
import { ComponentStore, withPath } from './component-store.js';
import { configJsonSchema, type JsonSchema } from './config/config-json-schema.js';
import { ProfileStore } from './config/profile-store.js';
import type { IngestRequest, IngestSource, PluginUse } from './ingest-request.js';
import {
  ManagerEvents,
  type PluginsManagerEvent,
  type PluginsManagerEvents,
  type PluginsManagerListener,
} from './manager-events.js';
import { PluginCatalogue } from './plugin-catalogue.js';
import { type AddOptions, PluginChanges } from './plugin-changes.js';
import { checkPlugin } from './plugin-check.js';
import { describeKind, type PluginEntry, type PluginId } from './plugin-entry.js';
import type { PluginInfo } from './plugin-info.js';
import { DEFAULT_LOAD_DEADLINE_MS, PluginLoader } from './plugin-loader.js';
import { locatePlugin, type PluginReference } from './plugin-locator.js';
import { PluginProfiles, withProfile } from './plugin-profiles.js';
import type { PluginRecord } from './plugin-record.js';
import { type PluginSelector, selectPlugin } from './plugin-selector.js';
import { defaultPluginsDirectory, PluginsDirectory } from './plugins-directory.js';
import { type PreparedPlugin, preparedPlugin, sourceConfig } from './prepared-plugin.js';
import type { RunLogLine } from './run-log.js';
import type { SourceLimits } from './store/source-limits.js';

export interface PluginsManagerOptions {
  /** The directory of installed plugins; one that is named here must exist. Default `~/.chipmunk/plugins`, made if missing. */
  readonly directory?: string;
  /** Whether the plugins that this package carries are known too. One in the directory wins over one of the same name. Default true. */
  readonly bundled?: boolean;
  /**
   * `eager`: `open` and `reload` look into every binary that is not in the cache. `lazy`: plugins are only found, and looked into
   * when they are used. Default `eager`.
   */
  readonly load?: 'eager' | 'lazy';
  /** Time limit on compiling one plugin, and on each call that asks it about itself, in milliseconds. Default 60,000; 0 means none. */
  readonly loadDeadlineMs?: number;
  /**
   * Whether every binary is read to know that it has not changed. Otherwise size, times and inode of its file tell. Default false.
   */
  readonly alwaysHash?: boolean;
  /** How many plugin instances may run at once. Default: four for each processor, at least 8. */
  readonly maxInstances?: number;
  /** How many workers are started ahead of their use, from the first session on. Default 1; 0 means none. */
  readonly prewarm?: number;
  /** How much `add` and `update` take of a folder or an archive. */
  readonly sourceLimits?: SourceLimits;
  /** Where transpiled plugins are kept between processes. Default `.chipmunk-host/artefacts` in the plugins directory. */
  readonly cacheDirectory?: string;
  /** Told what is wrong without harm: broken metadata, a cache that cannot be written. Default: nobody. */
  readonly onWarning?: (message: string) => void;
}

export class PluginsManager implements AsyncDisposable {
  /** The directory of installed plugins. */
  readonly directory: string;
  /** Saved configurations. */
  readonly profiles: PluginProfiles;
  readonly #options: PluginsManagerOptions;
  readonly #searched: readonly string[];
  readonly #events = new ManagerEvents();
  readonly #components: ComponentStore;
  readonly #cache: PluginCache;
  readonly #catalogue: PluginCatalogue;
  readonly #changes: PluginChanges;
  readonly #sessions = new Set<IngestSession>();
  #sessionCount = 0;
  #startedPool: WorkerPool | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: PluginsManagerOptions, directory: PluginsDirectory) {
    const onWarning = (message: string) => {
      options.onWarning?.(message);
      this.#emit('warning', { message });
    };
    const cacheDirectory = options.cacheDirectory ?? directory.cacheDirectory;
    const deadlineMs = options.loadDeadlineMs ?? DEFAULT_LOAD_DEADLINE_MS;
    const loader = new PluginLoader({ pool: () => this.#pool(), cacheDirectory, deadlineMs, onWarning });
    const cache = new PluginCache({
      directory: directory.path,
      path: directory.cacheFile,
      // A folder that was named may serve other plugins directories, too.
      artefacts: options.cacheDirectory === undefined ? directory.cacheDirectory : undefined,
      toolchain,
      // It can be done without.
      withLock: (work) => this.#changes.store.withLock(work, { waitMs: 5000 }),
      onWarning,
    });
    const bundled = options.bundled ?? true;
    this.#cache = cache;
    this.directory = directory.path;
    this.#options = options;
    this.#searched = [directory.path, ...(bundled ? ['the plugins that are shipped with the host'] : [])];
    this.#components = new ComponentStore(cacheDirectory, onWarning);
    this.#catalogue = new PluginCatalogue({
      directory,
      bundled,
      eager: options.load !== 'lazy',
      alwaysHash: options.alwaysHash ?? false,
      loader,
      cache,
      events: this.#events,
      store: () => this.#changes.store,
      manager: this,
      onWarning,
    });
    this.#changes = new PluginChanges({
      directory,
      check: (staged) => checkPlugin(staged, loader, cache),
      refresh: () => this.#catalogue.refresh(),
      entry: (id) => this.#catalogue.record(id)?.entry(),
      limits: options.sourceLimits,
    });
    this.profiles = new PluginProfiles({
      store: new ProfileStore(directory.profilesDirectory, {
        onWarning,
        withLock: (work) => this.#changes.store.withLock(work),
      }),
      select: (plugin) => this.plugin(plugin),
      schemas: async ({ name, kind }) => (await this.inspect(name, kind)).configSchemas,
    });
  }

  /**
   * Looks what plugins there are and, unless `load` is `lazy`, looks into each one that the cache does not know. What is wrong with
   * a plugin is in its entry.
   * @throws HostError `ERR_PLUGIN_NOT_FOUND` when the directory was named and is not there.
   */
  static async open(options: PluginsManagerOptions = {}): Promise<PluginsManager> {
    const directory = new PluginsDirectory(options.directory ?? defaultPluginsDirectory(), 'installed');
    if (options.directory !== undefined) await directory.requireUsable();
    // A directory that cannot be written to is still good for reading plugins.
    await directory.createFolders();
    const manager = new PluginsManager(options, directory);
    try {
      await manager.#cache.open();
      await manager.#catalogue.refresh();
      return manager;
    } catch (error) {
      await manager.close();
      throw error;
    }
  }

  /** The plugins, by kind and name. Frozen; the same array with the same entries as long as nothing has changed. */
  plugins(): readonly PluginEntry[] {
    return this.#catalogue.entries();
  }

  /** One of them. @throws HostError `ERR_PLUGIN_NOT_FOUND` */
  plugin(plugin: PluginSelector): PluginEntry {
    return selectPlugin(plugin, this.plugins());
  }

  /** What happened to a plugin and what it logged, oldest first: the last 1,000 lines. @throws HostError `ERR_PLUGIN_NOT_FOUND` */
  logs(plugin: PluginSelector): readonly RunLogLine[] {
    return this.#record(plugin).log.lines();
  }

  /** Calls the listener at each event of that name. @returns a function that takes it off again */
  on<Name extends PluginsManagerEvent>(name: Name, listener: PluginsManagerListener<Name>): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Installs a plugin: it is checked first, and nothing is changed when it is refused.
   * @param path a plugin's directory, its .wasm file, or an archive of either (.zip, .tgz, .tar.gz)
   */
  async add(path: string, options: AddOptions = {}): Promise<PluginEntry> {
    this.#requireOpen();
    return this.#changes.add(path, options);
  }

  /** Replaces a plugin by another version of it. The old one is kept for `rollback`. */
  async update(path: string, options: Pick<AddOptions, 'kind'> = {}): Promise<PluginEntry> {
    this.#requireOpen();
    return this.#changes.update(path, options);
  }

  /** Brings back the version before the last `update`. */
  async rollback(plugin: PluginSelector): Promise<PluginEntry> {
    this.#requireOpen();
    return this.#changes.rollback(this.plugin(plugin));
  }

  /** Deletes an installed plugin. Sessions that run keep what they loaded. */
  async remove(plugin: PluginSelector): Promise<void> {
    this.#requireOpen();
    return this.#changes.remove(this.plugin(plugin));
  }

  /**
   * Looks at the plugins directory again and loads anew whatever is known: every plugin, or the one that is named. Sessions that
   * run keep what they loaded.
   */
  async reload(plugin?: PluginSelector): Promise<void> {
    this.#requireOpen();
    const only = plugin === undefined ? undefined : this.plugin(plugin);
    await this.#catalogue.refresh({
      again: (id) => only === undefined || (id.kind === only.kind && id.name === only.name),
    });
  }

  /**
   * All that is wrong with a configuration; empty when it can be used.
   * @param config anything, such as what came from a form or as JSON: it should be an object of values by id
   */
  async validateConfig(plugin: PluginSelector, config: unknown): Promise<readonly ConfigFault[]> {
    const { name, kind } = this.plugin(plugin);
    return validateConfig((await this.inspect(name, kind)).configSchemas, config);
  }

  /** A JSON Schema of the plugin's configuration, for form libraries; see `configJsonSchema`. */
  async configJsonSchema(plugin: PluginSelector): Promise<JsonSchema> {
    const { name, kind, title } = this.plugin(plugin);
    return configJsonSchema((await this.inspect(name, kind)).configSchemas, title);
  }

  /**
   * Starts a session: when this resolves, the plugins have accepted their configuration, and the source is being read. The window
   * is the request's, or what the parser's metadata name, or Chipmunk's 10 MiB.
   *
   * @throws HostError when plugin or source are missing; ConfigError; PluginError; the signal's reason.
   */
  async ingest(request: IngestRequest): Promise<IngestSession> {
    const { source, parser, window, ...rest } = request;
    const uses: PreparedPlugin[] = [];
    try {
      const sourceOptions = await this.#source(source, request.signal, uses);
      const prepared = await this.#prepare(parser, 'parser', request.signal);
      uses.unshift(prepared);
      const { component, label, windowBytes } = prepared;
      const config = await withProfile(
        this.profiles,
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
          pool: this.#pool(),
          plugin: label,
          ...(config === undefined ? {} : { config }),
          window: { ...window, ...(bytes === undefined ? {} : { bytes }) },
          onLog: loggedTo(prepared.record, rest.onLog),
        }),
      );
      this.#remember(session, uses);
      return session;
    } catch (error) {
      for (const { record, label } of uses) if (isAbout(error, label)) record?.statistics.startFailed(error);
      throw error;
    }
  }

  /**
   * What a plugin says of itself: kind, version, configuration schemas, and a parser its render options. It is started for that,
   * unless it is known.
   * @param kind for a name that plugins of both kinds have. Default: whichever it is, the parser first.
   */
  async inspect(plugin: PluginReference, kind?: PluginKind): Promise<PluginInfo> {
    this.#requireOpen();
    const { id } = await locatePlugin(plugin, kind, this.plugins(), this.#searched);
    const record = id === undefined ? undefined : this.#catalogue.record(id);
    if (record !== undefined) await this.#requireUsable(record, true);
    if (record?.loaded !== undefined && (kind === undefined || kind === record.id.kind)) return record.loaded.info;
    const prepared = await this.#prepare({ plugin }, kind, undefined);
    const options = { component: prepared.component, pool: this.#pool(), plugin: prepared.label };
    if (prepared.kind === 'parser') {
      await using parser = await this.#guarded(ParserHost.open(options));
      return { kind: 'parser', ...parser.info };
    }
    await using source = await this.#guarded(ByteSourceHost.open(options));
    return { kind: 'bytesource', ...source.info };
  }

  /**
   * Tries input that was quarantined once more.
   * @param plugin default: the plugin that it was quarantined with, by the name or path of then
   * @throws what keeps the plugin from starting; what it does with the input is in the outcome
   */
  async replay(quarantined: QuarantinedInput, plugin: PluginReference = quarantined.plugin): Promise<ReplayOutcome> {
    const { component, label } = await this.#prepare({ plugin }, 'parser', undefined);
    return replay(quarantined, { component, plugin: label, pool: this.#pool() });
  }

  /** Ends all sessions and threads. Again is harmless. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#sessions].map((session) => session.close()));
      await this.#startedPool?.close();
    })();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #source(source: IngestSource, signal: AbortSignal | undefined, uses: PreparedPlugin[]): Promise<SourceOptions> {
    if (!('plugin' in source)) return source;
    const { plugin, memoryBytes, config: given, profile, ...options } = source;
    const use = { plugin, ...(memoryBytes === undefined ? {} : { memoryBytes }) };
    const prepared = await this.#prepare(use, 'bytesource', signal);
    uses.push(prepared);
    const { component, label } = prepared;
    const config = await withProfile(this.profiles, { plugin, kind: 'bytesource' }, profile, given);
    return {
      ...options,
      component,
      plugin: label,
      onLog: loggedTo(prepared.record, options.onLog),
      ...(config === undefined ? {} : { config: sourceConfig(config, label) }),
    };
  }

  async #prepare(
    { plugin, memoryBytes }: PluginUse,
    kind: PluginKind | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PreparedPlugin> {
    signal?.throwIfAborted();
    this.#requireOpen();
    const located = await locatePlugin(plugin, kind, this.plugins(), this.#searched);
    const record = located.id === undefined ? undefined : this.#catalogue.record(located.id);
    if (record !== undefined) await this.#requireUsable(record, this.#options.load !== 'lazy');
    const component = await this.#components.get(located, memoryBytes, record?.decisions.pinned);
    const prepared = await preparedPlugin(located, component, kind, record);
    signal?.throwIfAborted();
    this.#requireOpen();
    return prepared;
  }

  /** An opening that fails because the manager was closed meanwhile says so. */
  async #guarded<Value extends AsyncDisposable>(opening: Promise<Value>): Promise<Value> {
    let opened: Value;
    try {
      opened = await opening;
    } catch (error) {
      this.#requireOpen();
      throw error;
    }
    if (this.#closing !== undefined) await opened[Symbol.asyncDispose]();
    this.#requireOpen();
    return opened;
  }

  /** Workers are started when they are first needed: listing plugins takes none. */
  #pool(): WorkerPool {
    const { maxInstances, prewarm } = this.#options;
    this.#startedPool ??= createParserPool({
      ...(maxInstances === undefined ? {} : { maxInstances }),
      ...(prewarm === undefined ? {} : { prewarm }),
    });
    return this.#startedPool;
  }

  /**
   * @param load whether to look into a binary that is not known
   * @throws what keeps it from being used
   */
  async #requireUsable(record: PluginRecord, load: boolean): Promise<void> {
    const { id, found } = record;
    if (record.state === 'disabled')
      throw new HostError('ERR_PLUGIN_DISABLED', `The ${describeKind(id.kind)} plugin '${id.name}' is disabled.`, {
        help: 'Enable it first.',
      });
    if (load) await this.#catalogue.bringUpToDate(record);
    this.#requireOpen();
    const { state, error, hash, pinned } = record.entry();
    if (state === 'pin-mismatch')
      throw new HostError(
        'ERR_PLUGIN_CHANGED',
        `The ${describeKind(id.kind)} plugin '${id.name}' is pinned to ${pinned}, and its binary has the SHA-256 ${hash}.`,
        { help: 'Accept the change, if it is wanted, or put the pinned binary back.' },
      );
    if (error !== undefined) await withPath(found.path, Promise.reject(deserializeError(error)));
  }

  #record(plugin: PluginSelector): PluginRecord {
    const record = this.#catalogue.record(this.plugin(plugin));
    if (record === undefined) throw new HostError('ERR_INTERNAL', 'The plugin is listed but not known.');
    return record;
  }

  #remember(session: IngestSession, uses: readonly PreparedPlugin[]): void {
    this.#sessions.add(session);
    const [parser] = uses;
    const number = ++this.#sessionCount;
    const plugins = uses.flatMap(({ record }): PluginId[] => (record === undefined ? [] : [record.id]));
    const ends = uses.map(({ record, kind }) =>
      record?.statistics.sessionStarted(() => {
        const { items, bytes, restarts, errors } = session.summary;
        return kind === 'parser' ? { items, bytes, restarts, errors } : { items: 0, bytes, restarts: 0, errors: {} };
      }),
    );
    this.#emit('session-started', { session: number, plugins });
    void session.ended.then(({ summary, error }) => {
      this.#sessions.delete(session);
      for (const end of ends) end?.();
      if (error !== undefined)
        for (const { record, label } of uses)
          if (label === parser?.label || isAbout(error, label)) record?.statistics.failed(error);
      this.#emit('session-ended', { session: number, plugins, summary });
    });
  }

  #emit<Name extends PluginsManagerEvent>(name: Name, event: PluginsManagerEvents[Name]): void {
    this.#events.emit(this, name, event);
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new HostError('ERR_CLOSED', 'The plugins manager is closed.');
  }
}

/** Adds what a plugin logs to its run data on the way to the caller. */
function loggedTo(record: PluginRecord | undefined, onLog: OnLog | undefined): OnLog {
  return (line, dropped) => {
    if (dropped > 0) record?.log.add('warn', `${dropped} lines of the plugin's log were dropped here.`, line.time);
    record?.log.add(line.level, line.message, line.time);
    onLog?.(line, dropped);
  };
}

function isAbout(error: unknown, label: string): boolean {
  return error instanceof PluginError && error.plugin === label;
}
