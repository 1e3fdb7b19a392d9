/** The embedding facade: finds and loads plugins, keeps account of them, and starts sessions with them. */
import { join } from 'node:path';
import {
  type ConfigFault,
  type ConfigSource,
  type IngestSession,
  type PluginKind,
  type QuarantinedInput,
  type ReplayOutcome,
  validateConfig,
} from '@chipmunk-host/hosts';
import { type LeftoverDirectory, sweepTemporaryDirectories } from '@chipmunk-host/hosts/internal';
import { HostError } from '@chipmunk-host/runtime';
import { callListener, type PoolUsage, toolchain } from '@chipmunk-host/runtime/internal';
import { option, requireOption } from '@chipmunk-host/runtime/internal/options';
import type { CatalogueEntry } from './catalogue/catalogue-entry.js';
import { DirectoryWatch, requireWatchOptions, type WatchOptions } from './catalogue/directory-watch.js';
import { ManagerEvents, type PluginsManagerEvent, type PluginsManagerListener } from './catalogue/manager-events.js';
import type { PluginEntry } from './catalogue/plugin-entry.js';
import type { PermissionOptions, PluginPermissions } from './catalogue/plugin-permissions.js';
import { selectPlugin } from './catalogue/plugin-selector.js';
import { homePluginsDirectory, PluginsDirectory } from './catalogue/plugins-directory.js';
import { configJsonSchema, type JsonSchema } from './config/config-json-schema.js';
import type { PluginProfiles } from './config/plugin-profiles.js';
import { type DoctorReport, examine } from './doctor/doctor.js';
import type { PluginInfo } from './examination/plugin-info.js';
import { type PluginsManagerOptions, requireManagerOptions } from './manager-options.js';
import { type ManagerParts, makeParts } from './manager-parts.js';
import type { IngestRequest } from './sessions/ingest-request.js';
import type { ManagerMetrics } from './sessions/manager-metrics.js';
import type { DetectInput, Detection, DetectOptions } from './sessions/parser-detection.js';
import { KIND_FOLDERS, type PluginReference, type PluginSelector } from './shared/plugin-id.js';
import type { RunLogLine } from './shared/run-log.js';
import type { AddOptions } from './store/plugin-store.js';

/** Finds, checks and installs plugins, and opens sessions with them. Open one for a program, and close it at its end. */
export class PluginsManager implements AsyncDisposable {
  /** The directory of installed plugins. */
  readonly directory: string;
  /** Saved configurations. */
  readonly profiles: PluginProfiles;
  readonly #events: ManagerEvents;
  readonly #parts: ManagerParts;
  readonly #watches = new Set<DirectoryWatch>();
  readonly #warn: (message: string) => void;
  /** Temporary directories of processes that were killed. */
  #leftovers: Promise<readonly LeftoverDirectory[]> = Promise.resolve([]);
  #closing: Promise<void> | undefined;

  /** @param isThere whether the directory is there: nothing is kept in one that nobody has asked for */
  private constructor(options: PluginsManagerOptions, directory: PluginsDirectory, isThere: boolean) {
    this.#events = new ManagerEvents(this);
    this.#warn = (message) => {
      callListener('onWarning', options.onWarning, message);
      this.#events.emit('warning', { message });
    };
    this.#parts = makeParts({ options, directory, isThere, events: this.#events, onWarning: this.#warn });
    this.directory = directory.path;
    this.profiles = this.#parts.profiles;
  }

  /**
   * Lists the plugins and, unless `load` is `lazy`, examines each one that the cache does not know. What is wrong with
   * a plugin is in its entry. Meanwhile, temporary directories that killed processes left behind are removed; `close` waits for that.
   * @throws HostError `ERR_INVALID_OPTION` when an option is not what it may be, `ERR_PLUGIN_NOT_FOUND` when the directory was named
   * and is not there.
   */
  static async open(options: PluginsManagerOptions = {}): Promise<PluginsManager> {
    requireManagerOptions(options);
    const named = options.directory;
    const directory = named === undefined ? homePluginsDirectory() : new PluginsDirectory(named, 'installed');
    if (named !== undefined) await directory.requireUsable();
    // A directory that cannot be written to is still good for reading plugins.
    if (options.createDirectory === true || (await directory.isThere())) await directory.createFolders();
    const manager = new PluginsManager(options, directory, await directory.isThere());
    manager.#leftovers = sweepTemporaryDirectories();
    try {
      await manager.#parts.cache.open();
      await manager.#parts.catalogue.refresh();
      return manager;
    } catch (error) {
      await manager.close();
      throw error;
    }
  }

  /** The plugins, by kind and name. Frozen; the same array with the same entries as long as nothing has changed. */
  plugins(): readonly PluginEntry[] {
    return this.#parts.catalogue.snapshots();
  }

  /** One of them. @throws HostError `ERR_PLUGIN_NOT_FOUND` */
  plugin(plugin: PluginSelector): PluginEntry {
    return selectPlugin(plugin, this.plugins());
  }

  /** What happened to a plugin and what it logged, oldest first: the last 1,000 lines. @throws HostError `ERR_PLUGIN_NOT_FOUND` */
  logs(plugin: PluginSelector): readonly RunLogLine[] {
    return this.#entry(plugin).log.lines();
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
    this.#requireChangeable();
    return this.#parts.changes.add(path, options);
  }

  /** Replaces a plugin by another version of it. The old one is kept for `rollback`. */
  async update(path: string, options: Pick<AddOptions, 'kind'> = {}): Promise<PluginEntry> {
    this.#requireChangeable();
    return this.#parts.changes.update(path, options);
  }

  /** Brings back the version before the last `update`. */
  async rollback(plugin: PluginSelector): Promise<PluginEntry> {
    this.#requireChangeable();
    return this.#parts.changes.rollback(this.plugin(plugin));
  }

  /** Deletes an installed plugin. Sessions that run keep what they loaded. */
  async remove(plugin: PluginSelector): Promise<void> {
    this.#requireChangeable();
    return this.#parts.changes.remove(this.plugin(plugin));
  }

  /**
   * Looks at the plugins directory again and loads anew whatever is known: every plugin, or the one that is named. Sessions that
   * run keep what they loaded.
   */
  async reload(plugin?: PluginSelector): Promise<void> {
    this.#parts.workers.requireOpen();
    const only = plugin === undefined ? undefined : this.plugin(plugin);
    await this.#parts.catalogue.refresh({
      again: (id) => only === undefined || (id.kind === only.kind && id.name === only.name),
    });
  }

  /** Lets a plugin be used again. */
  async enable(plugin: PluginSelector): Promise<PluginEntry> {
    this.#requireChangeable();
    return this.#parts.decisions.setDisabled(this.plugin(plugin), false);
  }

  /** Keeps a plugin from being loaded and used until it is enabled again. Sessions that run go on. */
  async disable(plugin: PluginSelector): Promise<PluginEntry> {
    this.#requireChangeable();
    return this.#parts.decisions.setDisabled(this.plugin(plugin), true);
  }

  /**
   * Lets a plugin run only with one binary. With any other it is listed as `pin-mismatch`, and neither loaded nor used.
   * @param hash SHA-256 of that binary, in hexadecimal. Default: that of the present one
   */
  async pin(plugin: PluginSelector, hash?: string): Promise<PluginEntry> {
    this.#requireChangeable();
    return this.#parts.decisions.pin(this.plugin(plugin), hash);
  }

  /** Lets a plugin run with any binary again. */
  async unpin(plugin: PluginSelector): Promise<PluginEntry> {
    this.#requireChangeable();
    return this.#parts.decisions.unpin(this.plugin(plugin));
  }

  /** Pins a pinned plugin to the binary that is listed now. @throws HostError `ERR_CONFIG` when it is not pinned */
  async acceptPin(plugin: PluginSelector): Promise<PluginEntry> {
    this.#requireChangeable();
    return this.#parts.decisions.accept(this.plugin(plugin));
  }

  /** What is wrong with the plugins and their directory, and what to do about it. Looks into plugins that nobody has loaded yet. */
  async doctor(): Promise<DoctorReport> {
    this.#parts.workers.requireOpen();
    const { directory, files, catalogue } = this.#parts;
    return examine({ directory, layout: files.layout, toolchain, leftovers: await this.#leftovers }, async () => {
      await catalogue.refresh({ load: true });
      return { entries: this.plugins(), stateWarnings: catalogue.stateWarnings };
    });
  }

  /**
   * Notices changes of the plugins directory and tells of them as events, until what it returns, or the manager, is closed. It does
   * not keep the process alive.
   */
  async watch(options: WatchOptions = {}): Promise<AsyncDisposable> {
    requireWatchOptions(options);
    this.#parts.workers.requireOpen();
    const watch = await DirectoryWatch.start({
      ...options,
      folders: Object.values(KIND_FOLDERS).map((folder) => join(this.directory, folder)),
      onChange: () => this.#parts.catalogue.refresh(),
      onWarning: (message) => this.#warn(message),
    });
    this.#watches.add(watch);
    return {
      [Symbol.asyncDispose]: async () => {
        this.#watches.delete(watch);
        await watch.close();
      },
    };
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
   * @throws HostError `ERR_INVALID_OPTION` when a part of the request is not what it may be, `ERR_BUSY` when no worker is free within
   * `waitMs`, others when plugin or source are missing; ConfigError; PluginError; the signal's reason.
   */
  ingest(request: IngestRequest): Promise<IngestSession> {
    return this.#parts.sessions.ingest(request);
  }

  /**
   * What a plugin says of itself: kind, version, configuration schemas, and a parser its render options. It is started for that,
   * unless it is known.
   * @param kind for a name that plugins of both kinds have. Default: whichever it is, the parser first.
   */
  inspect(plugin: PluginReference, kind?: PluginKind): Promise<PluginInfo> {
    return this.#parts.sessions.inspect(plugin, kind);
  }

  /**
   * Tries the usable parsers on the beginning of an input, each in a sandbox of its own with the defaults of its configuration, and
   * ranks them by how much they can read. No parser that needs a configuration reads anything without it.
   * @throws HostError `ERR_INVALID_OPTION`, `ERR_SOURCE_OPEN` for what is no regular file or cannot be read; the signal's reason
   */
  detect(input: DetectInput, options: DetectOptions = {}): Promise<Detection> {
    return this.#parts.detect(input, options);
  }

  /**
   * What a plugin would be given of the machine in a session with this configuration, and what it asks for.
   * @param config default: the defaults of its schemas
   * @throws ConfigError with all faults; what keeps the plugin from being asked
   */
  permissions(
    plugin: PluginReference,
    config: ConfigSource = {},
    { kind, ...options }: PermissionOptions & { readonly kind?: PluginKind } = {},
  ): Promise<PluginPermissions> {
    return this.#parts.sessions.permissions(plugin, kind, config, options);
  }

  /**
   * Tries input that was quarantined once more.
   * @param plugin default: the plugin that it was quarantined with, by the name or path of then
   * @throws what keeps the plugin from starting; what it does with the input is in the outcome
   */
  async replay(quarantined: QuarantinedInput, plugin?: PluginReference): Promise<ReplayOutcome> {
    requireOption(
      option.required(option.instance('kept input, as `readQuarantine` returns it', 'plugin', 'input')),
      quarantined,
      'quarantined',
    );
    return this.#parts.sessions.replay(quarantined, plugin ?? quarantined.plugin);
  }

  /**
   * How many workers may be in use, are in use, and how many sessions wait for some. A session that waits has a place in the line; with
   * `waitMs` in its request it ends in `ERR_BUSY` instead.
   */
  get usage(): PoolUsage {
    return this.#parts.workers.usage;
  }

  /**
   * What the sessions cost, those that run and each plugin over all that it had; also while plugins do not return: no thread is asked.
   * `prometheusText` makes of it what Prometheus scrapes.
   */
  metrics(): ManagerMetrics {
    return this.#parts.sessions.metrics();
  }

  /** Ends all sessions, watches and threads. Calling it again does nothing. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      const sessions = this.#parts.sessions.close();
      await Promise.all([...this.#watches].map((watch) => watch.close()));
      await sessions;
      await this.#leftovers;
    })();
    return this.#closing;
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @throws HostError `ERR_CLOSED`, `ERR_STORE_WRITE` */
  #requireChangeable(): void {
    this.#parts.workers.requireOpen();
    this.#parts.directory.requirePlace();
  }

  #entry(plugin: PluginSelector): CatalogueEntry {
    const entry = this.#parts.catalogue.entry(this.plugin(plugin));
    if (entry === undefined) throw new HostError('ERR_INTERNAL', 'The plugin is listed but not known.');
    return entry;
  }
}
