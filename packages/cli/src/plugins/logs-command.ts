/** `plugins logs`: what loading a plugin did and logged. */
import { ExitCode } from '../terminal/exit-code.js';
import { oneLine } from '../terminal/terminal-text.js';
import { printJson, printLine } from './command-output.js';
import { exactly, type KindOption, openManager, type PluginsOptions, selectorOf } from './manager-access.js';
import { pluginPhrase } from './plugin-words.js';

export interface LogsOptions extends PluginsOptions, KindOption {
  /** Loads the plugin again first, though it is known. */
  readonly reload?: boolean;
}

export async function runLogs(plugin: string, options: LogsOptions): Promise<ExitCode> {
  await using manager = await openManager(options);
  const entry = manager.plugin(selectorOf(plugin, options));
  if (options.reload) await manager.reload(exactly(entry));
  const lines = manager.logs(exactly(entry));
  if (options.json) printJson(lines);
  else if (lines.length === 0) printLine(`There are no log lines about the ${pluginPhrase(entry)}.`);
  else
    for (const { time, level, message } of lines)
      printLine(`${new Date(time).toISOString()} ${level.padEnd(5)} ${oneLine(message)}`);
  return ExitCode.ok;
}
