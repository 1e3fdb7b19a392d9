/** All files that a run reads and writes, for the guard that keeps outputs from destroying inputs. */
import { join } from 'node:path';
import type { ConfigInput, ConfigSchema, PluginsManager } from '@chipmunk-host/manager';
import { type NamedPlace, pathPlace, STANDARD_ERROR, STANDARD_OUTPUT } from '../output/input-guard.js';
import type { IngestArguments } from './ingest-arguments.js';
import { isStandardInput, isStandardOutput } from './input-names.js';
import { isSourceUrl } from './input-sources.js';

/** Whether there are items, and they go to standard output. */
export function itemsOnStdout({ format, output }: IngestArguments): boolean {
  return format !== 'none' && (output === undefined || isStandardOutput(output));
}

export function outputPlaces(args: IngestArguments): readonly NamedPlace[] {
  const { attachmentsDirectory, checkpoint, cpuProfileDirectory, format, output, quarantineDirectory, spool } = args;
  const places: NamedPlace[] = [STANDARD_ERROR];
  if (itemsOnStdout(args)) places.push(STANDARD_OUTPUT);
  else if (format !== 'none' && output !== undefined) places.push({ name: `'--output ${output}'`, at: output });
  if (attachmentsDirectory !== undefined)
    places.push({ name: `'--attachments ${attachmentsDirectory}'`, at: attachmentsDirectory });
  if (quarantineDirectory !== undefined)
    places.push({ name: `'--quarantine ${quarantineDirectory}'`, at: quarantineDirectory });
  if (cpuProfileDirectory !== undefined)
    places.push({ name: `'--cpu-profile ${cpuProfileDirectory}'`, at: cpuProfileDirectory });
  if (checkpoint !== undefined) places.push({ name: `'--checkpoint ${checkpoint}'`, at: checkpoint });
  if (args.record !== undefined) places.push({ name: `'--record ${args.record.file}'`, at: args.record.file });
  if (spool !== undefined) places.push({ name: `'--spool ${spool.directory}'`, at: spool.directory });
  return places;
}

/** What the command line names. @param plugins names or paths of the plugins */
export function inputPlaces(
  { files, configFile, preset }: IngestArguments,
  plugins: readonly string[],
): readonly NamedPlace[] {
  const named = [configFile, preset?.file].filter((path) => path !== undefined);
  const paths = [...plugins.filter(isPath), ...named];
  return [
    ...files
      .filter((file) => !isSourceUrl(file))
      .map((file) => (isStandardInput(file) ? { name: 'standard input', at: 0 } : pathPlace(file))),
    ...paths.map(pathPlace),
  ];
}

/** The folders of the plugins that are named, and that of profiles and decisions about plugins. */
export function pluginPlaces(manager: PluginsManager, plugins: readonly string[]): readonly NamedPlace[] {
  const used = manager.plugins().filter(({ name }) => plugins.includes(name));
  return [join(manager.directory, '.chipmunk-host'), ...used.map(({ directory }) => directory)].map(pathPlace);
}

/** Files and directories that a configuration lets a plugin read. */
export function configuredPlaces(
  schemas: readonly ConfigSchema[],
  values: Readonly<Record<string, ConfigInput>>,
): readonly NamedPlace[] {
  return schemas
    .filter(({ type }) => type.kind === 'files' || type.kind === 'directories')
    .flatMap(({ id }) => (Object.hasOwn(values, id) ? [values[id]].flat() : []))
    .filter((path) => typeof path === 'string')
    .map(pathPlace);
}

/** As the manager tells paths from names. */
function isPath(plugin: string): boolean {
  return /[\\/]|\.wasm$/.test(plugin);
}
