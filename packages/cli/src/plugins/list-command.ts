/** `plugins list`: the names for `--parser` and `--source`, and the state of each plugin. */
import { ExitCode } from '../terminal/exit-code.js';
import { oneLine } from '../terminal/terminal-text.js';
import { printJson, printLine, printTable } from './command-output.js';
import { type KindOption, openManager, type PluginsOptions } from './manager-access.js';
import { kindWord, stateWord, versionWord } from './plugin-words.js';

export async function runList(options: PluginsOptions & KindOption): Promise<ExitCode> {
  await using manager = await openManager(options, { warns: true });
  const plugins = manager.plugins().filter(({ kind }) => options.kind === undefined || kind === options.kind);
  if (options.json) {
    // They count sessions of this process, which has none.
    printJson(plugins.map(({ statistics, ...entry }) => entry));
  } else if (plugins.length === 0) {
    printLine(`There is no plugin, neither in ${manager.directory} nor shipped.`);
  } else {
    printTable(
      ['Name', 'Kind', 'Version', 'State', 'Title', 'From'],
      plugins.map(({ name, kind, info, state, title, origin, pinned }) => [
        oneLine(name),
        kindWord(kind),
        versionWord(info?.version),
        pinned === undefined || state === 'pin-mismatch' ? stateWord(state) : `${stateWord(state)}, pinned`,
        oneLine(title),
        origin === 'bundled' ? 'shipped' : 'installed',
      ]),
    );
    const bad = plugins.filter(({ state, error }) => error !== undefined || state === 'pin-mismatch');
    if (bad.length > 0) printLine("Run 'plugins doctor' to see what is wrong and what to do.");
  }
  return ExitCode.ok;
}
