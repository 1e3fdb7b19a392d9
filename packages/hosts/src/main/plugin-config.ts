/** How a configuration gets to a plugin of either kind: checked against its schemas, with what it grants of the file system. */
import type { FixedClock, WasiGrants } from '@chipmunk-host/runtime';
import type { ConfigInput, ConfigItem, ConfigSchema } from '../shared/config-schema.js';
import { resolveConfig } from '../shared/resolve-config.js';
import { type ConfigGrantOptions, grantsOfConfig } from './config-grants.js';

/** Values by id, or a function that makes them when the plugin's schemas are known (see `configFromStrings`). */
export type ConfigSource =
  | Readonly<Record<string, ConfigInput>>
  | ((schemas: readonly ConfigSchema[]) => Readonly<Record<string, ConfigInput>>);

export interface GrantOptions extends ConfigGrantOptions {
  /** Environment variables that the plugin sees. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A clock and a seed that stand in for the machine's, for runs that must repeat exactly. Default: the machine's. */
  readonly clock?: FixedClock;
  readonly randomSeed?: number;
}

/** What `init` is called with. @throws ConfigError with all faults */
export function prepareConfig(
  schemas: readonly ConfigSchema[],
  config: ConfigSource,
  { parents = false, ...given }: GrantOptions,
): [items: readonly ConfigItem[], grants: WasiGrants] {
  const items = resolveConfig(schemas, typeof config === 'function' ? config(schemas) : config);
  return [items, { ...given, directories: grantsOfConfig(items, { parents }) }];
}
