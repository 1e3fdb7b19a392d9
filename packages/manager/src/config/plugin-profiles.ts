/** Named configurations of plugins that the manager lists, kept in the plugins directory. */
import { ConfigError, type ConfigSchema, type ConfigSource, validateConfig } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import type { PluginId, PluginReference, PluginSelector } from '../shared/plugin-id.js';
import type { ProfileStore, ProfileValues } from './profile-store.js';

export interface ProfilesContext {
  readonly store: ProfileStore;
  /** @throws HostError `ERR_PLUGIN_NOT_FOUND` */
  readonly select: (plugin: PluginSelector) => PluginId;
  /** @throws what keeps the plugin from being asked */
  readonly schemas: (plugin: PluginId) => Promise<readonly ConfigSchema[]>;
}

/** Values by id; an id that is missing gets its schema's default. */
export type ProfileConfig = ProfileValues;

/** All of it throws a HostError `ERR_PLUGIN_NOT_FOUND` for a plugin that is not listed. */
export class PluginProfiles {
  readonly #context: ProfilesContext;

  constructor(context: ProfilesContext) {
    this.#context = context;
  }

  /** Names of a plugin's profiles, sorted. Those that are damaged are left out, with a warning. */
  async list(plugin: PluginSelector): Promise<readonly string[]> {
    return this.#context.store.list(this.#context.select(plugin));
  }

  /** @throws HostError `ERR_PROFILE` when there is none of that name, or it is damaged. */
  async get(plugin: PluginSelector, name: string): Promise<ProfileConfig> {
    return this.#context.store.get(this.#context.select(plugin), name);
  }

  /**
   * Keeps a configuration under a name, in place of what had it.
   * @param name letters, digits, spaces, `.`, `_` and `-`, of at most 100 bytes, beginning with a letter or a digit
   * @throws ConfigError with all faults; HostError `ERR_PROFILE` for a name that is unsafe, or when it cannot be written
   */
  async save(plugin: PluginSelector, name: string, config: ProfileConfig): Promise<void> {
    const entry = this.#context.select(plugin);
    const faults = validateConfig(await this.#context.schemas(entry), config);
    if (faults.length > 0) throw new ConfigError(faults);
    await this.#context.store.save(entry, name, config);
  }

  /** @throws HostError `ERR_PROFILE` when there is none of that name. */
  async delete(plugin: PluginSelector, name: string): Promise<void> {
    await this.#context.store.delete(this.#context.select(plugin), name);
  }
}

/** A configuration in which a profile stands for what is not given. */
export async function withProfile(
  profileOf: (plugin: PluginSelector, name: string) => Promise<ProfileConfig>,
  { plugin, kind }: { readonly plugin: PluginReference; readonly kind: PluginId['kind'] },
  profile: string | undefined,
  config: ConfigSource | undefined,
): Promise<ConfigSource | undefined> {
  if (profile === undefined) return config;
  if (typeof plugin !== 'string')
    throw new HostError(
      'ERR_PROFILE',
      `The profile '${profile}' cannot be used with a plugin that is given as bytes.`,
      {
        help: 'Name a plugin of the list.',
      },
    );
  const values = await profileOf({ name: plugin, kind }, profile);
  return (schemas) => ({ ...values, ...(typeof config === 'function' ? config(schemas) : config) });
}
