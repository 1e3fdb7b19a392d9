/** What a plugin would be given of the machine: what it asks for, by what it imports and what its configuration names. */
import type { ConfigItem, Denials, GrantOptions } from '@chipmunk-host/hosts';
import { allowedEnvironment, configuredPaths, isPathDenied } from '@chipmunk-host/hosts/internal';

/** What a plugin asks for, and what a session with these options would give it. Nothing else of the machine is ever given. */
export interface PluginPermissions {
  /** Files and directories that the configuration names: read only. A plugin that cannot read files is given none. */
  readonly paths: readonly {
    /** Of the configuration item that names it. */
    readonly id: string;
    /** As it is configured. */
    readonly path: string;
    readonly isGranted: boolean;
  }[];
  /** A private directory that is removed with the instance: read and write, at most 256 MiB. */
  readonly temporaryDirectory: Permission;
  /** Names of environment variables. Without grants there are none, whether the plugin asks or not. */
  readonly environment: { readonly isAsked: boolean; readonly granted: readonly string[] };
  /** Never given. */
  readonly network: Permission;
}

/** Whether a plugin asks for something, and whether it gets it. */
export interface Permission {
  readonly isAsked: boolean;
  readonly isGranted: boolean;
}

/** What a session would be started with. */
export interface PermissionOptions {
  readonly grants?: GrantOptions | undefined;
  /** What is withheld. Default: nothing. */
  readonly deny?: Denials | undefined;
}

const FILES = /^wasi:filesystem\//;
const TEMPORARY_DIRECTORY = /^chipmunk:shared\/sandbox@/;
const ENVIRONMENT = /^wasi:cli\/environment@/;
const NETWORK = /^wasi:(?:sockets|http)\//;

/** @param imports interfaces that the plugin imports */
export function permissionsOf(
  imports: readonly string[],
  config: readonly ConfigItem[],
  { grants = {}, deny }: PermissionOptions,
): PluginPermissions {
  const asks = (pattern: RegExp) => imports.some((name) => pattern.test(name));
  const denied = joinedDenials(grants.deny, deny);
  const readsFiles = asks(FILES);
  const wantsTemporary = asks(TEMPORARY_DIRECTORY);
  const readsEnvironment = asks(ENVIRONMENT);
  return {
    paths: configuredPaths(config).map(({ id, path }) => ({
      id,
      path,
      isGranted: readsFiles && !isPathDenied(path, denied),
    })),
    temporaryDirectory: {
      isAsked: wantsTemporary,
      isGranted: wantsTemporary && denied.temporaryDirectory !== true,
    },
    environment: {
      isAsked: readsEnvironment,
      granted: readsEnvironment ? Object.keys(allowedEnvironment(grants.environment ?? {}, denied)) : [],
    },
    network: { isAsked: asks(NETWORK), isGranted: false },
  };
}

/** Grants without what is withheld. */
export function withDenials(grants: GrantOptions | undefined, deny: Denials | undefined): GrantOptions {
  return deny === undefined ? { ...grants } : { ...grants, deny: joinedDenials(grants?.deny, deny) };
}

/** What either denies. */
function joinedDenials(a: Denials = {}, b: Denials = {}): Denials {
  const paths = joined(a.paths, b.paths);
  const environment = joined(a.environment, b.environment);
  return {
    ...(paths === undefined ? {} : { paths }),
    ...(environment === undefined ? {} : { environment }),
    temporaryDirectory: a.temporaryDirectory === true || b.temporaryDirectory === true,
  };
}

function joined(a: Denials['paths'], b: Denials['paths']): Denials['paths'] {
  if (a === true || b === true) return true;
  return a === undefined && b === undefined ? undefined : [...(a ?? []), ...(b ?? [])];
}
