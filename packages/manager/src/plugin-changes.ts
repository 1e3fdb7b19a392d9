/** What changes the plugins directory: plugins that come, go, and are replaced. */
import type { PluginKind } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import type { PluginEntry, PluginId } from './plugin-entry.js';
import type { LoadedPlugin } from './plugin-info.js';
import type { PluginsDirectory } from './plugins-directory.js';

/** What changing the directory needs of the manager. */
export interface ChangeContext {
  readonly directory: PluginsDirectory;
  /**
   * Looks into a plugin in a staging folder, `<stagedDirectory>/<name>.wasm`: compiles it and asks an instance about itself.
   * @throws PluginError with what is wrong with it
   */
  readonly check: (stagedDirectory: string, name: string, kind: PluginKind | undefined) => Promise<LoadedPlugin>;
  /** Looks at the directory again. When it resolves, the snapshot and the events tell of what has changed. */
  readonly refresh: () => Promise<void>;
  /** The plugin as it is listed now; undefined when it is not. */
  readonly entry: (id: PluginId) => PluginEntry | undefined;
}

export interface AddOptions {
  /** Of which kind the plugin is to be. Default: whichever its binary is. */
  readonly kind?: PluginKind;
  /** Whether a valid plugin of that name is replaced. Default false: it is an error. */
  readonly replace?: boolean;
}

export class PluginChanges {
  readonly #context: ChangeContext;

  constructor(context: ChangeContext) {
    this.#context = context;
  }

  add(path: string, _options: AddOptions): Promise<PluginEntry> {
    return this.#notYet(path);
  }

  update(path: string, _options: Pick<AddOptions, 'kind'>): Promise<PluginEntry> {
    return this.#notYet(path);
  }

  remove(plugin: PluginEntry): Promise<void> {
    return this.#notYet(plugin.name);
  }

  rollback(plugin: PluginEntry): Promise<PluginEntry> {
    return this.#notYet(plugin.name);
  }

  async #notYet(what: string): Promise<never> {
    throw new HostError('ERR_INTERNAL', `'${what}' in ${this.#context.directory.path}: not available yet.`);
  }
}
