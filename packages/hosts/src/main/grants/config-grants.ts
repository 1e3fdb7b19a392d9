/**
 * What a configuration grants of the file system: the paths that its values name, read-only. As in Chipmunk, a plugin finds the
 * parent directory of each path under that parent's text exactly as it was configured (a bare name's parent is `.`). In
 * it, it sees only what was named, unless whole parents are granted.
 */
import { basename, dirname } from 'node:path';
import { absolutePath, type DirectoryGrant } from '@chipmunk-host/runtime/internal';
import type { ConfigItem } from '../../shared/config/config-schema.js';
import { type Denials, isPathDenied } from './denials.js';

export interface ConfigGrantOptions {
  /** Grants the whole parent directory of each path, as Chipmunk does. Default false. With denied paths it has no effect. */
  readonly parents?: boolean;
  /** What is withheld of all this. Default: nothing. */
  readonly deny?: Denials;
}

export function grantsOfConfig(
  config: readonly ConfigItem[],
  { parents = false, deny = {} }: ConfigGrantOptions,
): DirectoryGrant[] {
  const named = new Map<string, Set<string>>();
  for (const { path } of configuredPaths(config)) {
    if (isPathDenied(path, deny)) continue;
    const parent = dirname(path);
    const names = named.get(parent) ?? new Set();
    named.set(parent, names.add(basename(path)));
  }
  // A whole parent could hold what is denied.
  const wantsParents = parents && deny.paths === undefined;
  return [...named].map(([guestPath, names]) => {
    const directory = { guestPath, hostPath: absolutePath(guestPath), access: 'read' as const };
    // The root has no name in its parent, and neither have `.` and `..`: they are granted themselves.
    const whole = wantsParents || [...names].some((name) => name === '' || name === '.' || name === '..');
    return whole ? directory : { ...directory, only: [...names] };
  });
}

/** The files and directories that a configuration names, and the ids of the items that name them. */
export function configuredPaths(config: readonly ConfigItem[]): { readonly id: string; readonly path: string }[] {
  return config.flatMap(({ id, value }) =>
    value.kind === 'files' || value.kind === 'directories'
      ? value.value.filter((path) => path !== '').map((path) => ({ id, path }))
      : [],
  );
}
