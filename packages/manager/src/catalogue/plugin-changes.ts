/** What changes the plugins directory: plugins that come, go, and are replaced, and what the manager tells of it. */
import { HostError } from '@chipmunk-host/runtime';
import { type OptionTable, option, requireOption, requireOptions } from '@chipmunk-host/runtime/internal/options';
import { describeKind, type PluginId, pluginKey } from '../shared/plugin-id.js';
import { type AddOptions, type PluginCheck, PluginStore } from '../store/plugin-store.js';
import type { SourceLimits } from '../store/source-limits.js';
import { StateFile } from '../store/state-file.js';
import type { PluginEntry } from './plugin-entry.js';
import type { PluginsDirectory } from './plugins-directory.js';

/** What changing the directory needs of the manager. */
export interface ChangeContext {
  readonly directory: PluginsDirectory;
  /** Looks into the plugin in a folder that is named like it. */
  readonly check: PluginCheck;
  /** Looks at the directory again. When it resolves, the snapshot and the events tell of what has changed. */
  readonly refresh: () => Promise<void>;
  /** The plugin as it is listed now; undefined when it is not. */
  readonly entry: (id: PluginId) => PluginEntry | undefined;
  /** Default: those of `SourceLimits`. */
  readonly limits?: SourceLimits | undefined;
}

const ADD_OPTIONS: OptionTable<AddOptions> = {
  kind: option.oneOf(['parser', 'bytesource']),
  replace: option.flag,
};

export class PluginChanges {
  /** The directory as files. */
  readonly store: PluginStore;
  readonly #context: ChangeContext;

  constructor(context: ChangeContext) {
    const { directory, check, limits } = context;
    this.#context = context;
    this.store = new PluginStore(directory.path, check, limits === undefined ? {} : { limits });
  }

  async add(path: string, options: AddOptions): Promise<PluginEntry> {
    requireOption(option.required(option.path), path, 'path');
    requireOptions('The options of add', options, ADD_OPTIONS);
    return this.#changed(await this.store.add(path, options));
  }

  async update(path: string, options: Pick<AddOptions, 'kind'>): Promise<PluginEntry> {
    requireOption(option.required(option.path), path, 'path');
    requireOptions<Pick<AddOptions, 'kind'>>('The options of update', options, { kind: ADD_OPTIONS.kind });
    return this.#changed(await this.store.update(path, options));
  }

  async remove({ kind, name, origin }: PluginEntry): Promise<void> {
    requireInstalled({ kind, name }, origin, 'removed');
    await this.store.remove(kind, name);
    await this.#forget({ kind, name });
    await this.#context.refresh();
  }

  async rollback({ kind, name, origin }: PluginEntry): Promise<PluginEntry> {
    requireInstalled({ kind, name }, origin, 'rolled back');
    return this.#changed(await this.store.rollback(kind, name));
  }

  /** What was decided about a plugin that is gone is not meant for another one that takes its name. */
  async #forget(id: PluginId): Promise<void> {
    const state = new StateFile(this.store);
    if ((await state.read([])).has(pluginKey(id))) await state.update(id, () => ({}));
  }

  async #changed(id: PluginId): Promise<PluginEntry> {
    await this.#context.refresh();
    const entry = this.#context.entry(id);
    if (entry !== undefined) return entry;
    const what = `The ${describeKind(id.kind)} plugin '${id.name}' was installed in ${this.#context.directory.path}`;
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
