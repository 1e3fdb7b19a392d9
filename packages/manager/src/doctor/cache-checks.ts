/** The cache of what is known of plugins: whether it was damaged, and whether there is one. */

import { describe } from '@chipmunk-host/runtime/internal';
import { readCacheFile } from '../examination/cache/cache-file.js';
import { isAccessible } from '../shared/path-access.js';
import type { DirectoryState, DoctorFinding, PluginsState } from './doctor-check.js';

export async function cacheDamage({ directory, toolchain }: DirectoryState): Promise<readonly DoctorFinding[]> {
  const { cacheFile } = directory;
  try {
    await readCacheFile(cacheFile, await toolchain());
    return [];
  } catch (error) {
    const help = 'It is written anew when plugins are loaded. If it stays so, remove the file.';
    const message = `The cache was not used: ${describe(error)}`;
    return [{ severity: 'warning', subject: { kind: 'cache', path: cacheFile }, message, help }];
  }
}

export async function missingCache({ directory, entries }: PluginsState): Promise<readonly DoctorFinding[]> {
  const { cacheFile, ownFolder } = directory;
  const isWanted = entries.some(({ state }) => state === 'valid') && (await directory.isThere());
  if (!isWanted || (await isAccessible(cacheFile))) return [];
  const message = 'There is no cache, though plugins were loaded: every start loads them anew.';
  const help = `Check that ${ownFolder} can be written to.`;
  return [{ severity: 'warning', subject: { kind: 'cache', path: cacheFile }, message, help }];
}
