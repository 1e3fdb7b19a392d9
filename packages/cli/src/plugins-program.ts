/** The commands about plugins and their options. Their work is loaded when it is asked for. */
import { type Command, Option } from 'commander';
import type { KindOption, PluginsOptions } from './plugins/manager-access.js';
import type { ExitCode } from './terminal/exit-code.js';
import { addPair, type ConfigPair, directoryPath } from './terminal/option-values.js';

type Done = (exitCode: ExitCode) => void;
type Options<Own = object> = PluginsOptions & KindOption & Own;

/** Adds `plugins` and what is below it. @param done gets the exit code of the command that was run */
export function addPluginsCommands(program: Command, done: Done): void {
  const plugins = program.command('plugins').description('Show, add, change, configure and check plugins.');

  command('list', 'List the plugins that have a name, with their state.')
    .addOption(kind('only plugins of this kind'))
    .action(async (options: Options) => {
      const { runList } = await import('./plugins/list-command.js');
      done(await runList(options));
    });

  command('show', 'Show state, configuration, columns and README of a plugin.')
    .argument('<plugin>', 'name, or directory, of a plugin, or path of a .wasm file')
    .addOption(kind())
    .action(async (plugin: string, options: Options) => {
      const { runShow } = await import('./plugins/show-command.js');
      done(await runShow(plugin, options));
    });

  command('detect', 'Try all parsers on the first MiB of a file, and show how well each reads it.')
    .argument('<file>', 'a regular file')
    .action(async (file: string, options: Options) => {
      const { runDetect } = await import('./plugins/detect-command.js');
      done(await runDetect(file, options));
    });

  command('add', 'Check a plugin and install it.')
    .argument(
      '<path>',
      'a directory with one .wasm file (and name.toml, README.md), a .wasm file, .zip, .tgz or .tar.gz',
    )
    .addOption(kind('refuse a plugin of another kind (default: accept both)'))
    .option('--replace', 'replace a plugin of the same name')
    .action(async (path: string, options: Options<{ readonly replace?: boolean }>) => {
      const { runAdd } = await import('./plugins/change-commands.js');
      done(await runAdd(path, options));
    });

  yes(command('remove', 'Delete an installed plugin.'))
    .argument('<plugin>', 'name, or directory, of a plugin')
    .addOption(kind())
    .action(async (plugin: string, options: Options<{ readonly yes?: boolean }>) => {
      const { runRemove } = await import('./plugins/change-commands.js');
      done(await runRemove(plugin, options));
    });

  command('reload', 'Examine plugins again, without the cache.')
    .argument('[plugin]', 'name, or directory, of a plugin (default: all)')
    .addOption(kind())
    .action(async (plugin: string | undefined, options: Options) => {
      const { runReload } = await import('./plugins/change-commands.js');
      done(await runReload(plugin, options));
    });

  command('update', 'Replace a plugin by another version, and keep the version before for `rollback`.')
    .argument('<path>', 'the other version, as with `add`')
    .addOption(kind('refuse a plugin of another kind (default: accept both)'))
    .action(async (path: string, options: Options) => {
      const { runUpdate } = await import('./plugins/change-commands.js');
      done(await runUpdate(path, options));
    });

  yes(command('rollback', 'Restore the version before the last update.'))
    .argument('<plugin>', 'name, or directory, of a plugin')
    .addOption(kind())
    .action(async (plugin: string, options: Options<{ readonly yes?: boolean }>) => {
      const { runRollback } = await import('./plugins/change-commands.js');
      done(await runRollback(plugin, options));
    });

  command('enable', 'Allow a plugin to be used again.')
    .argument('<plugin>', 'name, or directory, of a plugin')
    .addOption(kind())
    .action(async (plugin: string, options: Options) => {
      const { runEnable } = await import('./plugins/decision-commands.js');
      done(await runEnable(plugin, options));
    });

  command('disable', 'Forbid loading and using a plugin until it is enabled.')
    .argument('<plugin>', 'name, or directory, of a plugin')
    .addOption(kind())
    .action(async (plugin: string, options: Options) => {
      const { runDisable } = await import('./plugins/decision-commands.js');
      done(await runDisable(plugin, options));
    });

  command('pin', 'Allow only one binary of a plugin.')
    .argument('<plugin>', 'name, or directory, of a plugin')
    .argument('[hash]', 'SHA-256 of that binary (default: the current one)')
    .addOption(kind())
    .option('--accept', 'pin the current binary instead of the pinned one')
    .option('--remove', 'remove the pin')
    .action(async (plugin: string, hash: string | undefined, options: Options) => {
      const { runPin } = await import('./plugins/decision-commands.js');
      done(await runPin(plugin, hash, options));
    });

  yes(command('config', 'Make a configuration from questions or values, and print it or save it as a profile.'))
    .argument('<plugin>', 'name, or directory, of a plugin')
    .argument('[id=value...]', 'values, typed by the schema; with values, nothing is asked', addPair)
    .addOption(kind())
    .option('--file <file>', "values from a .json file, or TOML in the form of Chipmunk's plugin benchmarks")
    .option('--profile <profile>', 'start from the values of a profile')
    .option('--save <profile>', 'save it as a profile with this name')
    .option('--profiles', 'list the profiles of the plugin instead')
    .option('--delete <profile>', 'delete a profile instead')
    .option('--schema', 'print the JSON Schema of the configuration instead')
    .action(async (plugin: string, pairs: readonly ConfigPair[] | undefined, options: Options) => {
      const { runConfig } = await import('./plugins/config-command.js');
      done(await runConfig(plugin, pairs ?? [], options));
    });

  command('logs', 'Show what loading a plugin did and logged.')
    .argument('<plugin>', 'name, or directory, of a plugin')
    .addOption(kind())
    .option('--reload', 'examine it again first')
    .action(async (plugin: string, options: Options<{ readonly reload?: boolean }>) => {
      const { runLogs } = await import('./plugins/logs-command.js');
      done(await runLogs(plugin, options));
    });

  for (const parent of [plugins, program])
    command('doctor', 'Check the plugins and their directory, and say what to do.', parent)
      .option('--strict', 'exit with 1 also for warnings')
      .action(async (options: PluginsOptions & { readonly strict?: boolean }) => {
        const { runDoctor } = await import('./plugins/doctor-command.js');
        done(await runDoctor(options));
      });

  function command(name: string, description: string, parent = plugins): Command {
    return parent
      .command(name)
      .description(description)
      .addOption(pluginsDirectoryOption())
      .option('--json', 'print JSON');
  }
}

export function pluginsDirectoryOption(): Option {
  return new Option('--plugins-dir <directory>', 'where plugins are installed (default: ~/.chipmunk/plugins)')
    .argParser(directoryPath)
    .env('CHIPMUNK_HOST_PLUGINS_DIR');
}

function yes(command: Command): Command {
  return command.option('-y, --yes', 'ask no questions');
}

function kind(
  description = 'which plugin, if a parser and a byte-source have this name (default: the parser)',
): Option {
  return new Option('--kind <kind>', description).choices(['parser', 'bytesource']);
}
