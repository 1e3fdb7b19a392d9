/** How a configuration gets to a plugin of either kind: checked against its schemas, with what it grants of the file system. */
import type { FixedClock, WasiGrants } from '@chipmunk-host/runtime/internal';
import type { ConfigInput, ConfigItem, ConfigSchema } from '../../shared/config/config-schema.js';
import { resolveConfig } from '../../shared/config/resolve-config.js';
import { type ConfigGrantOptions, grantsOfConfig } from './config-grants.js';
import { allowedEnvironment } from './denials.js';
import { newTemporaryDirectory } from './temporary-directories.js';

/** Values by id, or a function that makes them when the plugin's schemas are known (see `configFromStrings`). */
export type ConfigSource =
  | Readonly<Record<string, ConfigInput>>
  | ((schemas: readonly ConfigSchema[]) => Readonly<Record<string, ConfigInput>>);

/** What a plugin may see and use of the system, besides the files and directories of its configuration. */
export interface GrantOptions extends ConfigGrantOptions {
  /** Environment variables that the plugin sees. Default: none. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** A clock and a seed that stand in for the machine's, for runs that must repeat exactly. Default: the machine's. */
  readonly clock?: FixedClock | undefined;
  readonly randomSeed?: number | undefined;
}

/** What `init` is called with. @throws ConfigError with all faults */
export function prepareConfig(
  schemas: readonly ConfigSchema[],
  config: ConfigSource,
  { parents = false, deny = {}, environment = {}, ...given }: GrantOptions,
): [items: readonly ConfigItem[], grants: WasiGrants] {
  const items = resolveConfig(schemas, typeof config === 'function' ? config(schemas) : config);
  const directories = grantsOfConfig(items, { parents, deny });
  return [items, { ...given, environment: allowedEnvironment(environment, deny), directories }];
}

/** Where an instance's temporary directory will be; undefined when it gets none. */
export function temporaryDirectoryFor({ deny }: GrantOptions): string | undefined {
  return deny?.temporaryDirectory === true ? undefined : newTemporaryDirectory();
}
