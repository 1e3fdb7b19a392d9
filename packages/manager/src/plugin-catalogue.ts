/**
 * The plugins that a manager lists, and how that list keeps up with the directory: scanned one time after the other, loaded
 * side by side. What has changed is told as events.
 */
import { describe, HostError, serializeError } from '@chipmunk-host/runtime';
import { bundledPlugins } from './bundled-plugins.js';
import type { ManagerEvents, PluginsManagerEvent, PluginsManagerEvents } from './manager-events.js';
import { type FileStamp, fileStamp, hashFile, statPlugin } from './plugin-binary.js';
import { type FoundPlugin, type PluginEntry, type PluginId, pluginKey } from './plugin-entry.js';
import type { PluginLoader } from './plugin-loader.js';
import { type BinaryResult, type LoadOutcome, PluginRecord } from './plugin-record.js';
import type { PluginsDirectory } from './plugins-directory.js';
import { RunLog } from './run-log.js';
import { StatisticsBook } from './statistics-book.js';

export interface CatalogueParts {
  readonly directory: PluginsDirectory;
  /** Whether the plugins that this package carries are listed. */
  readonly bundled: boolean;
  /** Whether plugins are loaded as soon as they are found. */
  readonly eager: boolean;
  readonly loader: PluginLoader;
  readonly events: ManagerEvents;
  /** The manager, for the events. */
  readonly manager: object;
  readonly onWarning: (message: string) => void;
}

export interface RefreshOptions {
  /** Loads these again whatever is known of them; those that nobody has loaded, too. Default: none. */
  readonly again?: (id: PluginId) => boolean;
}

/** How often a binary that changes while it is looked at is looked at once more. */
const MAX_ATTEMPTS = 3;

export class PluginCatalogue {
  readonly #parts: CatalogueParts;
  #records = new Map<string, PluginRecord>();
  #entries: readonly PluginEntry[] = Object.freeze([]);
  #turn: Promise<unknown> = Promise.resolve();
  /** The warnings of the last scan: each is told once, as long as it lasts. */
  #warnings: ReadonlySet<string> = new Set();

  constructor(parts: CatalogueParts) {
    this.#parts = parts;
  }

  /** By kind and name; frozen. The same array, with the same entries, as long as nothing has changed. */
  entries(): readonly PluginEntry[] {
    const entries = [...this.#records.values()].map((record) => record.entry());
    const same = entries.length === this.#entries.length && entries.every((entry, i) => entry === this.#entries[i]);
    if (!same) this.#entries = Object.freeze(entries);
    return this.#entries;
  }

  record(id: PluginId): PluginRecord | undefined {
    return this.#records.get(pluginKey(id));
  }

  /** Looks what plugins there are now, and loads what is new or changed. One call after the other. */
  refresh(options: RefreshOptions = {}): Promise<void> {
    return this.#inTurn(() => this.#refresh(options));
  }

  /** Looks whether a plugin's binary is still the one that is known, and loads it if it is not, or was not loaded yet. */
  async bringUpToDate(record: PluginRecord): Promise<void> {
    const stamp = await statPlugin(record.found.path).then(fileStamp);
    const isKnown = record.state !== 'unloaded' && record.binary.stamp === stamp;
    if (!isKnown)
      await this.#inTurn(() => this.#watched(record, () => this.#look(record, { load: true, again: false })));
  }

  async #refresh({ again = () => false }: RefreshOptions): Promise<void> {
    const warnings: string[] = [];
    const found = await this.#scan(warnings);
    for (const warning of warnings) if (!this.#warnings.has(warning)) this.#parts.onWarning(warning);
    this.#warnings = new Set(warnings);

    const before = this.#records;
    this.#records = new Map(
      found.map((plugin) => [pluginKey(plugin), before.get(pluginKey(plugin)) ?? this.#create(plugin)]),
    );
    for (const [key, record] of before) if (!this.#records.has(key)) this.#emit('removed', { plugin: record.entry() });
    await Promise.all(
      found.map((plugin) => {
        const key = pluginKey(plugin);
        const record = this.#records.get(key) as PluginRecord;
        const work = async () => {
          record.update({ found: plugin });
          const load = this.#parts.eager || again(plugin) || record.binary.outcome !== undefined;
          await this.#look(record, { load, again: again(plugin) });
        };
        return before.has(key) ? this.#watched(record, work) : this.#introduced(record, work);
      }),
    );
  }

  async #scan(warnings: string[]): Promise<readonly FoundPlugin[]> {
    const { directory, bundled } = this.#parts;
    const installed = await directory.scan(warnings);
    const shipped = bundled ? await bundledPlugins().scan(warnings) : [];
    const shadowed = new Set(installed.map(pluginKey));
    return [...installed, ...shipped.filter((plugin) => !shadowed.has(pluginKey(plugin)))].sort(
      (a, b) => compare(a.kind, b.kind) || compare(a.name, b.name),
    );
  }

  /** Learns the binary's hash and, if it is to be loaded and may be, what is in it. */
  async #look(record: PluginRecord, how: { load: boolean; again: boolean }): Promise<void> {
    const { found, log, decisions } = record;
    if (decisions.disabled) return;
    for (let attempt = 1; ; attempt++) {
      let stamp: FileStamp;
      try {
        stamp = fileStamp(await statPlugin(found.path));
        const isKnown = record.binary.stamp === stamp && (record.binary.outcome !== undefined || !how.load);
        if (isKnown && !how.again) return;
        if (!how.load) return record.update({ binary: { stamp, hash: undefined, outcome: undefined } });
        const hash = await hashFile(found.path);
        if (decisions.pinned !== undefined && decisions.pinned !== hash) {
          log.add('warn', `The binary is not the one that the plugin is pinned to: its SHA-256 is ${hash}.`);
          return record.update({ binary: { stamp, hash, outcome: undefined } });
        }
        return record.update({ binary: { stamp, hash, outcome: await this.#load(record, hash) } });
      } catch (error) {
        if (error instanceof HostError && error.code === 'ERR_PLUGIN_CHANGED' && attempt < MAX_ATTEMPTS) continue;
        log.add('error', describe(error));
        return record.update({ binary: unreadable(error) });
      }
    }
  }

  async #load({ id, found, log }: PluginRecord, hash: string): Promise<LoadOutcome> {
    const started = performance.now();
    try {
      const plugin = await this.#parts.loader.load({ path: found.path, name: id.name, kind: id.kind, hash, log });
      return { kind: 'loaded', plugin };
    } catch (error) {
      if (error instanceof HostError && !error.code.startsWith('ERR_PLUGIN_')) throw error;
      if (error instanceof HostError && error.code === 'ERR_PLUGIN_CHANGED') throw error;
      log.add('error', describe(error));
      return { kind: 'failed', error: serializeError(error) };
    } finally {
      this.#emit('loaded', { plugin: id, fromCache: false, durationMs: performance.now() - started });
    }
  }

  #create(plugin: FoundPlugin): PluginRecord {
    const { kind, name } = plugin;
    const id = Object.freeze({ kind, name });
    const log = new RunLog((line) => this.#emit('log', { plugin: id, line }));
    log.add('debug', `Found in ${plugin.directory}.`);
    for (const warning of plugin.warnings) log.add('warn', warning);
    return new PluginRecord(plugin, log, new StatisticsBook());
  }

  async #introduced(record: PluginRecord, work: () => Promise<void>): Promise<void> {
    await work();
    const plugin = record.entry();
    this.#emit('added', { plugin });
    if (plugin.state === 'invalid') this.#emit('invalid', { plugin });
  }

  /** Does something to a plugin, and tells what has changed of it. */
  async #watched(record: PluginRecord, work: () => Promise<void>): Promise<void> {
    const before = record.entry();
    await work();
    const plugin = record.entry();
    if (plugin === before) return;
    this.#emit('changed', { plugin, before });
    if (plugin.state === 'invalid') this.#emit('invalid', { plugin });
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  #emit<Name extends PluginsManagerEvent>(name: Name, event: PluginsManagerEvents[Name]): void {
    this.#parts.events.emit(this.#parts.manager, name, event);
  }
}

function unreadable(error: unknown): BinaryResult {
  return { stamp: undefined, hash: undefined, outcome: { kind: 'failed', error: serializeError(error) } };
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
