/**
 * The plugins that a manager lists, and how that list keeps up with the directory: scanned one time after the other, loaded
 * side by side. Changes are reported as events.
 */

import type { PluginCache } from '../examination/cache/plugin-cache.js';
import type { PluginExaminer } from '../examination/plugin-examiner.js';
import { fileStamp, isSettled, statPlugin } from '../shared/plugin-binary.js';
import { type PluginId, pluginKey } from '../shared/plugin-id.js';
import { RunLog } from '../shared/run-log.js';
import type { PluginStore } from '../store/plugin-store.js';
import type { DecisionsByKey, StateFile } from '../store/state-file.js';
import { BinaryExamination, cacheKey } from './binary-examination.js';
import { CatalogueEntry, type EntryDecisions } from './catalogue-entry.js';
import type { ManagerEvents, PluginsManagerEvent, PluginsManagerEvents } from './manager-events.js';
import type { FoundPlugin, PluginEntry } from './plugin-entry.js';
import { StatisticsBook } from './plugin-statistics.js';
import { bundledPlugins, type PluginsDirectory } from './plugins-directory.js';
import type { PreviousPlugins } from './previous-plugins.js';

export interface CatalogueParts {
  readonly directory: PluginsDirectory;
  /** Whether the plugins that this package carries are listed. */
  readonly bundled: boolean;
  /** Whether plugins are loaded as soon as they are found. */
  readonly eager: boolean;
  /** Whether every binary is read to know it, also when its file looks unchanged. */
  readonly alwaysHash: boolean;
  readonly examiner: PluginExaminer;
  readonly cache: PluginCache;
  /** The directory as files: what was cut off in it is brought to an end before it is scanned. */
  readonly store: Pick<PluginStore, 'recover' | 'consistently'>;
  /** What the user has decided. */
  readonly state: StateFile;
  readonly previous: PreviousPlugins;
  readonly events: ManagerEvents;
  readonly onWarning: (message: string) => void;
}

export interface RefreshOptions {
  /** Loads those, too, that nobody has loaded. Default: if plugins are loaded as soon as they are found. */
  readonly load?: boolean;
  /** Loads these again whatever is known of them; those that nobody has loaded, too. Default: none. */
  readonly again?: (id: PluginId) => boolean;
}

export class PluginCatalogue {
  readonly #parts: CatalogueParts;
  #entries = new Map<string, CatalogueEntry>();
  #snapshots: readonly PluginEntry[] = Object.freeze([]);
  #turn: Promise<unknown> = Promise.resolve();
  readonly #examination: BinaryExamination;
  /** The warnings of the last scan: each is reported once, as long as it lasts. */
  #warnings: ReadonlySet<string> = new Set();
  #stateWarnings: string[] = [];

  constructor(parts: CatalogueParts) {
    this.#parts = parts;
    this.#examination = new BinaryExamination({
      alwaysHash: parts.alwaysHash,
      examiner: parts.examiner,
      cache: parts.cache,
      onLoaded: (event) => this.#emit('loaded', event),
    });
  }

  /** By kind and name; frozen. The same array, with the same entries, as long as nothing has changed. */
  snapshots(): readonly PluginEntry[] {
    const now = [...this.#entries.values()].map((entry) => entry.snapshot());
    const isSame = now.length === this.#snapshots.length && now.every((one, i) => one === this.#snapshots[i]);
    if (!isSame) this.#snapshots = Object.freeze(now);
    return this.#snapshots;
  }

  /** What reading the user's decisions met when it was last done. */
  get stateWarnings(): readonly string[] {
    return this.#stateWarnings;
  }

  entry(id: PluginId): CatalogueEntry | undefined {
    return this.#entries.get(pluginKey(id));
  }

  /** Looks what plugins there are now, and loads what is new or changed. One call after the other. */
  refresh(options: RefreshOptions = {}): Promise<void> {
    return this.#inTurn(() => this.#refresh(options));
  }

  /** Looks whether a plugin's binary is still the one that is known, and loads it if it is not, or was not loaded yet. */
  async bringUpToDate(entry: CatalogueEntry): Promise<void> {
    const { state, binary, found } = entry;
    const stamp = await statPlugin(found.path).then(fileStamp);
    if (state !== 'unloaded' && binary.stamp === stamp && isSettled(stamp, binary.checkedAt)) return;
    await this.#inTurn(async () => {
      await this.#watched(entry, () => this.#examination.look(entry, { load: true, again: false }));
      await this.#save();
    });
  }

  async #refresh({ again = () => false, load: loadAll = this.#parts.eager }: RefreshOptions): Promise<void> {
    const warnings: string[] = [];
    const found = await this.#scan(warnings);
    this.#stateWarnings = [];
    const states = await this.#parts.state.read(this.#stateWarnings);
    warnings.push(...this.#stateWarnings);
    for (const warning of warnings) if (!this.#warnings.has(warning)) this.#parts.onWarning(warning);
    this.#warnings = new Set(warnings);

    const before = this.#entries;
    this.#entries = new Map(
      found.map((plugin) => [pluginKey(plugin), before.get(pluginKey(plugin)) ?? this.#create(plugin)]),
    );
    for (const [key, entry] of before) if (!this.#entries.has(key)) this.#emit('removed', { plugin: entry.snapshot() });
    await Promise.all(
      found.map((plugin) => {
        const key = pluginKey(plugin);
        const entry = this.#entries.get(key) as CatalogueEntry;
        const work = async () => {
          entry.update({ found: plugin, decisions: await this.#decisions(plugin, states) });
          const load = loadAll || again(plugin) || entry.binary.outcome !== undefined;
          await this.#examination.look(entry, { load, again: again(plugin) });
        };
        return before.has(key) ? this.#watched(entry, work) : this.#introduced(entry, work);
      }),
    );
    await this.#save();
  }

  async #decisions(plugin: FoundPlugin, states: DecisionsByKey): Promise<EntryDecisions> {
    const { disabled = false, pin: pinned } = states.get(pluginKey(plugin)) ?? {};
    const previous = plugin.origin === 'installed' ? await this.#parts.previous.find(plugin) : undefined;
    return { disabled, pinned, previous };
  }

  async #scan(warnings: string[]): Promise<readonly FoundPlugin[]> {
    const { directory, bundled, store } = this.#parts;
    warnings.push(...(await store.recover()).warnings);
    const installed = await store.consistently(async () => {
      const faults: string[] = [];
      return { plugins: await directory.scan(faults), faults };
    });
    warnings.push(...installed.faults);
    const shipped = bundled ? await bundledPlugins().scan(warnings) : [];
    const shadowed = new Set(installed.plugins.map(pluginKey));
    return [...installed.plugins, ...shipped.filter((plugin) => !shadowed.has(pluginKey(plugin)))].sort(
      (a, b) => compare(a.kind, b.kind) || compare(a.name, b.name),
    );
  }

  /** Binaries that may come back are still of use. */
  #save(): Promise<void> {
    const entries = [...this.#entries.values()];
    const kept = entries.flatMap(({ decisions }) => decisions.previous?.hash ?? []);
    return this.#parts.cache.save(new Set(entries.map(({ found }) => cacheKey(found))), new Set(kept));
  }

  #create(plugin: FoundPlugin): CatalogueEntry {
    const { kind, name } = plugin;
    const id = Object.freeze({ kind, name });
    const log = new RunLog((line) => this.#emit('log', { plugin: id, line }));
    log.add('debug', `Found in ${plugin.directory}.`);
    for (const warning of plugin.warnings) log.add('warn', warning);
    return new CatalogueEntry(plugin, log, new StatisticsBook());
  }

  async #introduced(entry: CatalogueEntry, work: () => Promise<void>): Promise<void> {
    await work();
    const plugin = entry.snapshot();
    this.#emit('added', { plugin });
    if (plugin.state === 'invalid') this.#emit('invalid', { plugin });
  }

  /** Does something to a plugin, and tells what has changed of it. */
  async #watched(entry: CatalogueEntry, work: () => Promise<void>): Promise<void> {
    const before = entry.snapshot();
    await work();
    const plugin = entry.snapshot();
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
    this.#parts.events.emit(name, event);
  }
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
