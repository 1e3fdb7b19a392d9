/**
 * What a configuration grants of the file system: the paths that its values name, read-only. As in Chipmunk, a plugin finds the
 * parent directory of each path under that parent's text exactly as it was configured (a bare name's parent is `.`). In
 * it, it sees only what was named, unless whole parents are granted.
 */
import { basename, dirname, resolve } from 'node:path';
import type { DirectoryGrant } from '@chipmunk-host/runtime';
import type { ConfigItem } from '../shared/config-schema.js';

export interface ConfigGrantOptions {
  /** Grants the whole parent directory of each path, as Chipmunk does. Default false. */
  readonly parents?: boolean;
}

export function grantsOfConfig(
  config: readonly ConfigItem[],
  { parents = false }: ConfigGrantOptions,
): DirectoryGrant[] {
  const named = new Map<string, Set<string>>();
  for (const path of configuredPaths(config)) {
    const parent = dirname(path);
    const names = named.get(parent) ?? new Set();
    named.set(parent, names.add(basename(path)));
  }
  return [...named].map(([guestPath, names]) => {
    const directory = { guestPath, hostPath: resolve(guestPath), access: 'read' as const };
    // The root has no name in its parent, and neither have `.` and `..`: they are granted themselves.
    const whole = parents || [...names].some((name) => name === '' || name === '.' || name === '..');
    return whole ? directory : { ...directory, only: [...names] };
  });
}

function configuredPaths(config: readonly ConfigItem[]): string[] {
  return config.flatMap(({ value }) =>
    value.kind === 'files' || value.kind === 'directories' ? value.value.filter((path) => path !== '') : [],
  );
}
