/** The plugins that this package carries. The build puts them beside the compiled code (scripts/collect-plugins.mjs). */
import { fileURLToPath } from 'node:url';
import { PluginsDirectory } from './plugins-directory.js';

export function bundledPlugins(): PluginsDirectory {
  return new PluginsDirectory(fileURLToPath(new URL('../plugins', import.meta.url)), 'bundled');
}
