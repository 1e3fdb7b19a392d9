/** Named configurations of plugins, kept in the plugins directory. */
import type { ConfigInput } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import type { PluginEntry } from './plugin-entry.js';
import type { PluginSelector } from './plugin-selector.js';
import type { PluginsDirectory } from './plugins-directory.js';

export interface ProfilesContext {
  readonly directory: PluginsDirectory;
  /** @throws HostError `ERR_PLUGIN_NOT_FOUND` */
  readonly select: (plugin: PluginSelector) => PluginEntry;
}

export type ProfileConfig = Readonly<Record<string, ConfigInput>>;

export class PluginProfiles {
  readonly #context: ProfilesContext;

  constructor(context: ProfilesContext) {
    this.#context = context;
  }

  list(plugin: PluginSelector): Promise<readonly string[]> {
    return this.#notYet(plugin);
  }

  get(plugin: PluginSelector, _name: string): Promise<ProfileConfig> {
    return this.#notYet(plugin);
  }

  save(plugin: PluginSelector, _name: string, _config: ProfileConfig): Promise<void> {
    return this.#notYet(plugin);
  }

  delete(plugin: PluginSelector, _name: string): Promise<void> {
    return this.#notYet(plugin);
  }

  async #notYet(plugin: PluginSelector): Promise<never> {
    throw new HostError('ERR_INTERNAL', `${this.#context.select(plugin).name}: profiles are not available yet.`);
  }
}
