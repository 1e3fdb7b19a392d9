/** The embedding facade: finds plugins, compiles them when they are first needed, and starts sessions with them. */
import {
  ByteSourceHost,
  type ByteSourceInfo,
  createParserPool,
  IngestSession,
  ParserHost,
  type ParserInfo,
  type PluginKind,
  type QuarantinedInput,
  type ReplayOutcome,
  replay,
  type SourceOptions,
} from '@chipmunk-host/hosts';
import { HostError, type WorkerPool } from '@chipmunk-host/runtime';
import { bundledPlugins } from './bundled-plugins.js';
import { ComponentStore } from './component-store.js';
import type { IngestRequest, IngestSource, PluginUse } from './ingest-request.js';
import type { PluginEntry } from './plugin-entry.js';
import { locatePlugin, type PluginReference } from './plugin-locator.js';
import { defaultPluginsDirectory, PluginsDirectory } from './plugins-directory.js';
import { type PreparedPlugin, preparedPlugin, sourceConfig } from './prepared-plugin.js';

export interface PluginsManagerOptions {
  /** The directory of installed plugins; one that is named here must exist. Default `~/.chipmunk/plugins`, made if missing. */
  readonly directory?: string;
  /** Whether the plugins that this package carries are known too. One in the directory wins over one of the same name. Default true. */
  readonly bundled?: boolean;
  /** How many plugin instances may run at once. Default: four for each processor, at least 8. */
  readonly maxInstances?: number;
  /** How many workers are started ahead of their use, from the first session on. Default 1; 0 means none. */
  readonly prewarm?: number;
  /** Where transpiled plugins are kept between processes. Default `.chipmunk-host/artefacts` in the plugins directory. */
  readonly cacheDirectory?: string;
  /** Told what is wrong without harm: broken metadata, a cache that cannot be written. Default: nobody. */
  readonly onWarning?: (message: string) => void;
}

/** What a plugin says of itself. */
export type PluginInfo =
  | ({ readonly kind: 'parser' } & ParserInfo)
  | ({ readonly kind: 'bytesource' } & ByteSourceInfo);

export class PluginsManager implements AsyncDisposable {
  /** The directory of installed plugins. */
  readonly directory: string;
  readonly #entries: readonly PluginEntry[];
  readonly #searched: readonly string[];
  readonly #components: ComponentStore;
  readonly #options: PluginsManagerOptions;
  readonly #sessions = new Set<IngestSession>();
  #startedPool: WorkerPool | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: PluginsManagerOptions, found: FoundPlugins) {
    this.directory = found.directory;
    this.#entries = found.entries;
    this.#searched = found.searched;
    this.#options = options;
    this.#components = new ComponentStore(found.cacheDirectory, options.onWarning);
  }

  /**
   * Looks what plugins there are. None of them is run or compiled yet, and no thread is started.
   * @throws HostError `ERR_PLUGIN_NOT_FOUND` when the directory was named and is not there.
   */
  static async open(options: PluginsManagerOptions = {}): Promise<PluginsManager> {
    return new PluginsManager(options, await findPlugins(options));
  }

  /** The plugins that can be named, by kind and name. */
  plugins(): readonly PluginEntry[] {
    return this.#entries;
  }

  /**
   * Starts a session: when this resolves, the plugins have accepted their configuration, and the source is being read. The window
   * is the request's, or what the parser's metadata name, or Chipmunk's 10 MiB.
   *
   * @throws HostError when plugin or source are missing; ConfigError; PluginError; the signal's reason.
   */
  async ingest(request: IngestRequest): Promise<IngestSession> {
    const { source, parser, window, ...rest } = request;
    const sourceOptions = await this.#source(source, request.signal);
    const { component, label, windowBytes } = await this.#prepare(parser, 'parser', request.signal);
    const bytes = window?.bytes ?? windowBytes;
    const session = await this.#guarded(
      IngestSession.open({
        ...rest,
        source: sourceOptions,
        component,
        pool: this.#pool(),
        plugin: label,
        ...(parser.config === undefined ? {} : { config: parser.config }),
        window: { ...window, ...(bytes === undefined ? {} : { bytes }) },
      }),
    );
    this.#remember(session);
    return session;
  }

  /**
   * What a plugin says of itself: kind, version, configuration schemas, and a parser its render options. It is started for that.
   * @param kind for a name that plugins of both kinds have. Default: whichever it is, the parser first.
   */
  async inspect(plugin: PluginReference, kind?: PluginKind): Promise<PluginInfo> {
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

  async #source(source: IngestSource, signal: AbortSignal | undefined): Promise<SourceOptions> {
    if (!('plugin' in source)) return source;
    const { plugin, memoryBytes, config, ...options } = source;
    const use = { plugin, ...(memoryBytes === undefined ? {} : { memoryBytes }) };
    const { component, label } = await this.#prepare(use, 'bytesource', signal);
    return {
      ...options,
      component,
      plugin: label,
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
    const located = await locatePlugin(plugin, kind, this.#entries, this.#searched);
    const component = await this.#components.get(located, memoryBytes);
    const prepared = await preparedPlugin(located, component, kind);
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

  #remember(session: IngestSession): void {
    for (const other of this.#sessions) if (other.summary.status !== 'running') this.#sessions.delete(other);
    this.#sessions.add(session);
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new HostError('ERR_CLOSED', 'The plugins manager is closed.');
  }
}

interface FoundPlugins {
  readonly directory: string;
  readonly cacheDirectory: string | undefined;
  readonly entries: readonly PluginEntry[];
  readonly searched: readonly string[];
}

async function findPlugins(options: PluginsManagerOptions): Promise<FoundPlugins> {
  const warnings: string[] = [];
  const directory = new PluginsDirectory(options.directory ?? defaultPluginsDirectory(), 'directory');
  if (options.directory !== undefined) await directory.requireUsable();
  // A directory that cannot be written to is still good for reading plugins.
  await directory.createFolders();

  const installed = await directory.scan(warnings);
  const bundled = options.bundled === false ? [] : await bundledPlugins().scan(warnings);
  const shadowed = new Set(installed.map(({ kind, name }) => `${kind} ${name}`));
  const entries = [...installed, ...bundled.filter(({ kind, name }) => !shadowed.has(`${kind} ${name}`))];
  for (const warning of warnings) options.onWarning?.(warning);
  return {
    directory: directory.path,
    cacheDirectory: options.cacheDirectory ?? directory.cacheDirectory,
    entries: entries.sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name)),
    searched: [directory.path, ...(options.bundled === false ? [] : ['the plugins that are shipped with the host'])],
  };
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
