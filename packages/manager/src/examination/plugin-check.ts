/** Looks into a plugin before it is installed, or where another one is to take its place: once for each binary. */
import { basename, join } from 'node:path';
import { deserializeError, PluginError, serializeError } from '@chipmunk-host/runtime';
import { hashFile, statPlugin } from '../shared/plugin-binary.js';
import { RunLog } from '../shared/run-log.js';
import type { PluginCache } from './cache/plugin-cache.js';
import type { ExaminedPlugin } from './plugin-info.js';
import type { PluginLoader } from './plugin-loader.js';

/**
 * What it comes to is kept in the cache, so that listing the plugin afterwards does not load it again.
 * @param directory the plugin's own, named like it
 * @throws PluginError when the plugin cannot be used; HostError when there is no binary
 */
export async function checkPlugin(
  directory: string,
  loader: PluginLoader,
  cache: PluginCache,
): Promise<ExaminedPlugin> {
  const name = basename(directory);
  const path = join(directory, `${name}.wasm`);
  await statPlugin(path);
  const hash = await hashFile(path);
  const known = cache.resultOf(hash);
  if (known?.kind === 'failed') throw deserializeError({ ...known.error, plugin: name });
  if (known?.kind === 'loaded') return known.plugin;
  try {
    const plugin = await loader.load({ path, name, hash, log: new RunLog(() => {}) });
    cache.noteResult(hash, { kind: 'loaded', plugin });
    return plugin;
  } catch (error) {
    if (error instanceof PluginError) cache.noteResult(hash, { kind: 'failed', error: serializeError(error) });
    throw error;
  }
}
