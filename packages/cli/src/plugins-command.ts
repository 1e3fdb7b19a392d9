/** `plugins list`: what can be named with `--parser` and `--source`. */
import { type PluginEntry, PluginsManager } from '@chipmunk-host/manager';
import Table from 'cli-table3';
import { ExitCode } from './exit-code.js';

export interface PluginsListArguments {
  readonly pluginsDirectory: string | undefined;
  readonly json: boolean;
}

export async function runPluginsList({ pluginsDirectory, json }: PluginsListArguments): Promise<ExitCode> {
  await using manager = await PluginsManager.open({
    ...(pluginsDirectory === undefined ? {} : { directory: pluginsDirectory }),
    onWarning: (message) => process.stderr.write(`warning: ${message}\n`),
  });
  const plugins = manager.plugins();
  if (json) process.stdout.write(`${JSON.stringify(plugins, undefined, 2)}\n`);
  else if (plugins.length === 0) process.stdout.write(`No plugins are installed in ${manager.directory}.\n`);
  else process.stdout.write(`${pluginsTable(plugins)}\n`);
  return ExitCode.ok;
}

function pluginsTable(plugins: readonly PluginEntry[]): string {
  const table = new Table({ head: ['Name', 'Kind', 'Title', 'Directory'], style: { head: [], border: [] } });
  for (const { name, kind, title, origin, directory } of plugins)
    table.push([
      name,
      kind === 'parser' ? 'parser' : 'byte-source',
      title,
      origin === 'bundled' ? '(shipped with the host)' : directory,
    ]);
  return table.toString();
}
