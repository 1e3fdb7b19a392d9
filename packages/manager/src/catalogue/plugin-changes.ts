/** What changes the plugins directory: plugins that come, go, and are replaced, and what the manager tells of it. */
import { HostError } from '@chipmunk-host/runtime';
import { type OptionTable, option, requireOption, requireOptions } from '@chipmunk-host/runtime/internal/options';
import { describeKind, type PluginId, pluginKey } from '../shared/plugin-id.js';
import type { AddOptions, PluginStore } from '../store/plugin-store.js';
import type { StateFile } from '../store/state-file.js';
import type { PluginCatalogue } from './plugin-catalogue.js';
import type { PluginEntry } from './plugin-entry.js';

const ADD_OPTIONS: OptionTable<AddOptions> = {
  kind: option.oneOf(['parser', 'bytesource']),
  replace: option.flag,
};

export class PluginChanges {
  readonly #store: PluginStore;
  readonly #state: StateFile;
  readonly #catalogue: PluginCatalogue;
  readonly #root: string;

  constructor(parts: {
    /** The plugins directory, for messages. */
    readonly root: string;
    readonly store: PluginStore;
    readonly state: StateFile;
    /** Is refreshed behind each change, so that the snapshot and the events tell of it. */
    readonly catalogue: PluginCatalogue;
  }) {
    this.#store = parts.store;
    this.#state = parts.state;
    this.#catalogue = parts.catalogue;
    this.#root = parts.root;
  }

  async add(path: string, options: AddOptions): Promise<PluginEntry> {
    requireOption(option.required(option.path), path, 'path');
    requireOptions('The options of add', options, ADD_OPTIONS);
    return this.#changed(await this.#store.add(path, options));
  }

  async update(path: string, options: Pick<AddOptions, 'kind'>): Promise<PluginEntry> {
    requireOption(option.required(option.path), path, 'path');
    requireOptions<Pick<AddOptions, 'kind'>>('The options of update', options, { kind: ADD_OPTIONS.kind });
    return this.#changed(await this.#store.update(path, options));
  }

  async remove({ kind, name, origin }: PluginEntry): Promise<void> {
    requireInstalled({ kind, name }, origin, 'removed');
    await this.#store.remove(kind, name);
    await this.#forget({ kind, name });
    await this.#catalogue.refresh();
  }

  async rollback({ kind, name, origin }: PluginEntry): Promise<PluginEntry> {
    requireInstalled({ kind, name }, origin, 'rolled back');
    return this.#changed(await this.#store.rollback(kind, name));
  }

  /** What was decided about a plugin that is gone is not meant for another one that takes its name. */
  async #forget(id: PluginId): Promise<void> {
    if ((await this.#state.read([])).has(pluginKey(id))) await this.#state.update(id, () => ({}));
  }

  async #changed(id: PluginId): Promise<PluginEntry> {
    await this.#catalogue.refresh();
    const entry = this.#catalogue.entry(id)?.snapshot();
    if (entry !== undefined) return entry;
    const what = `The ${describeKind(id.kind)} plugin '${id.name}' was installed in ${this.#root}`;
    throw new HostError('ERR_PLUGIN_NOT_FOUND', `${what}, and another process removed it at once.`);
  }
}

function requireInstalled({ kind, name }: PluginId, origin: PluginEntry['origin'], what: string): void {
  if (origin === 'bundled')
    throw new HostError(
      'ERR_PLUGIN_NOT_FOUND',
      `The ${describeKind(kind)} plugin '${name}' is shipped with the host and cannot be ${what}.`,
      { help: 'Disable it, or install a plugin of the same name, which then hides it.' },
    );
}
