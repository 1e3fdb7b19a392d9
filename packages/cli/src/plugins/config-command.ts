/** `plugins config`: makes a configuration of values, a file, a profile or answers, and saves or prints it. */
import {
  type ConfigInput,
  type ConfigSchema,
  configFromStrings,
  configToJson,
  type PluginEntry,
  type PluginsManager,
  readConfigFile,
  resolveConfig,
} from '@chipmunk-host/manager';
import { requireOtherThanStdout } from '../output/input-guard.js';
import { UsageError } from '../terminal/command-error.js';
import { ExitCode } from '../terminal/exit-code.js';
import type { ConfigPair } from '../terminal/option-values.js';
import { oneLine } from '../terminal/terminal-text.js';
import { printJson, printLine, printTable } from './command-output.js';
import { confirmed, type Terminal, terminal } from './confirmation.js';
import { exactly, type KindOption, openManager, type PluginsOptions, selectorOf } from './manager-access.js';
import { pluginPhrase, valueWord } from './plugin-words.js';

export interface ConfigOptions extends PluginsOptions, KindOption {
  /** Values from a file. */
  readonly file?: string;
  /** A profile to begin with. */
  readonly profile?: string;
  /** The name to save it under. */
  readonly save?: string;
  /** Shows the names of the profiles instead. */
  readonly profiles?: boolean;
  /** A profile to delete instead. */
  readonly delete?: string;
  /** Prints the JSON Schema instead. */
  readonly schema?: boolean;
  readonly yes?: boolean;
}

type Values = Readonly<Record<string, ConfigInput>>;

export async function runConfig(
  plugin: string,
  pairs: readonly ConfigPair[],
  options: ConfigOptions,
  at = terminal(),
): Promise<ExitCode> {
  requireOneTask(pairs, options);
  if (options.file !== undefined) await requireOtherThanStdout(options.file);
  await using manager = await openManager(options, { load: 'lazy' });
  const entry = manager.plugin(selectorOf(plugin, options));
  if (options.profiles) await listProfiles(manager, entry, options);
  else if (options.delete !== undefined) await deleteProfile(manager, entry, options.delete, options);
  else if (options.schema) printJson(await manager.configJsonSchema(exactly(entry)));
  else await configure(manager, entry, pairs, options, at);
  return ExitCode.ok;
}

async function listProfiles(manager: PluginsManager, entry: PluginEntry, { json }: ConfigOptions): Promise<void> {
  const names = await manager.profiles.list(exactly(entry));
  if (json) printJson(names);
  else if (names.length === 0) printLine(`The ${pluginPhrase(entry)} has no profiles.`);
  else for (const name of names) printLine(name);
}

async function deleteProfile(
  manager: PluginsManager,
  entry: PluginEntry,
  name: string,
  options: ConfigOptions,
): Promise<void> {
  await confirmed(`Delete the profile '${oneLine(name)}' of the ${pluginPhrase(entry)}?`, options);
  await manager.profiles.delete(exactly(entry), name);
  if (options.json) printJson({ deleted: name });
  else printLine(`Deleted the profile '${name}' of the ${pluginPhrase(entry)}.`);
}

async function configure(
  manager: PluginsManager,
  entry: PluginEntry,
  pairs: readonly ConfigPair[],
  options: ConfigOptions,
  at: Terminal | undefined,
): Promise<void> {
  const { configSchemas } = await manager.inspect(entry.name, entry.kind);
  const given = await givenValues(manager, entry, configSchemas, pairs, options);
  // Faults of what was given come before any question, and all at once.
  resolveConfig(configSchemas, given);
  const asking = pairs.length === 0 && options.file === undefined && !options.json ? at : undefined;
  const { values, name } = asking === undefined ? { values: given, name: options.save } : await asked(asking);

  if (name !== undefined) {
    await manager.profiles.save(exactly(entry), name, values);
    if (options.json) printJson({ saved: name, values });
    else printLine(`Saved the profile '${name}' of the ${pluginPhrase(entry)}; use it with 'ingest --profile'.`);
  } else {
    printValues(configSchemas, values, options);
  }

  async function asked(asking: Terminal): Promise<{ values: Values; name: string | undefined }> {
    const { askConfig, askProfileName } = await import('./config-prompts.js');
    const values = await askConfig(configSchemas, given, asking);
    return { values, name: options.save ?? (await askProfileName(asking)) };
  }
}

/** Values of the command line win over those of the file, and these over the profile's. */
async function givenValues(
  manager: PluginsManager,
  entry: PluginEntry,
  schemas: readonly ConfigSchema[],
  pairs: readonly ConfigPair[],
  { file, profile }: ConfigOptions,
): Promise<Values> {
  return {
    ...(profile === undefined ? {} : await manager.profiles.get(exactly(entry), profile)),
    ...(file === undefined ? {} : (await readConfigFile(file)).values),
    ...configFromStrings(schemas, pairs),
  };
}

function printValues(schemas: readonly ConfigSchema[], values: Values, { json }: ConfigOptions): void {
  const items = resolveConfig(schemas, values);
  if (json) printJson(configToJson(items));
  else if (items.length === 0) printLine('The plugin has no configuration.');
  else
    printTable(
      ['Id', 'Value', ''],
      items.map(({ id, value }) => [
        oneLine(id),
        valueWord(value.value),
        Object.hasOwn(values, id) ? '' : 'by default',
      ]),
    );
}

function requireOneTask(pairs: readonly ConfigPair[], options: ConfigOptions): void {
  const tasks = [
    options.profiles ? '--profiles' : undefined,
    options.delete === undefined ? undefined : '--delete',
    options.schema ? '--schema' : undefined,
    pairs.length > 0 || options.file !== undefined || options.save !== undefined || options.profile !== undefined
      ? 'values and names of profiles to take or save'
      : undefined,
  ].filter((task) => task !== undefined);
  if (tasks.length > 1) throw new UsageError(`these options cannot be combined: ${tasks.join(', ')}`);
}
