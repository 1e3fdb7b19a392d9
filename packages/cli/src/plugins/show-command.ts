/** `plugins show`: all that is known of a plugin, as text or as JSON. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  type ConfigSchema,
  configJsonSchema,
  deserializeError,
  type PluginEntry,
  type PluginInfo,
  type PluginPermissions,
  type PluginsManager,
  type RenderOptions,
} from '@chipmunk-host/manager';
import { formatError } from '../terminal/error-report.js';
import { ExitCode } from '../terminal/exit-code.js';
import { indented, oneLine, printable } from '../terminal/terminal-text.js';
import { printJson, printLine, printTable } from './command-output.js';
import { exactly, type KindOption, openManager, type PluginsOptions, selectorOf } from './manager-access.js';
import { kindWord, stateWord, typeWord, valueWord, versionWord } from './plugin-words.js';

/** More than anybody reads on a terminal. */
const MAX_README_BYTES = 256 * 1024;

export async function runShow(plugin: string, options: PluginsOptions & KindOption): Promise<ExitCode> {
  const file = /\.wasm$/i.test(plugin) ? resolve(plugin) : undefined;
  // One file needs no other plugin to be looked into.
  await using manager = await openManager(options, { load: file === undefined ? 'eager' : 'lazy' });
  if (file !== undefined && !manager.plugins().some(({ path }) => path === file))
    return await showFile(manager, file, options);
  const entry = manager.plugin(selectorOf(plugin, options));
  const profiles = await manager.profiles.list(exactly(entry));
  const readme = await readmeOf(entry);
  const permissions =
    entry.info === undefined ? undefined : await manager.permissions(entry.name, {}, { kind: entry.kind });
  if (options.json) {
    const schema = entry.info === undefined ? undefined : await manager.configJsonSchema(exactly(entry));
    const { statistics, ...known } = entry;
    printJson({ ...known, configJsonSchema: schema, permissions, profiles, readmeText: readme });
  } else {
    printFacts(entry, profiles);
    printInfo(entry.info, permissions);
    if (readme !== undefined) printLine(`\nREADME.md\n\n${indented(printable(readme).trim())}`);
  }
  return ExitCode.ok;
}

/** A binary that is not installed. */
async function showFile(manager: PluginsManager, path: string, { kind, json }: PluginsOptions & KindOption) {
  const info = await manager.inspect(path, kind);
  const permissions = await manager.permissions(path, {}, { kind: info.kind });
  const name = basename(path).replace(/\.wasm$/i, '');
  const hash = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (json) {
    const schema = configJsonSchema(info.configSchemas, name);
    printJson({ name, kind: info.kind, path, hash, info, configJsonSchema: schema, permissions });
  } else {
    printFactLines([
      ['Name', oneLine(name)],
      ['Kind', kindWord(info.kind)],
      ['State', 'not installed'],
      ['Version', versionWord(info.version)],
      ['File', oneLine(path)],
      ['SHA-256', hash],
    ]);
    printInfo(info, permissions);
  }
  return ExitCode.ok;
}

function printInfo(info: PluginInfo | undefined, permissions: PluginPermissions | undefined): void {
  if (info !== undefined) {
    printSchemas(info.configSchemas);
    if (info.kind === 'parser') printColumns(info.renderOptions);
  }
  if (permissions !== undefined) printLine(`\nPermissions\n${indented(permissionLines(permissions).join('\n'))}`);
}

/** Undefined when there is none that can be shown. */
async function readmeOf({ readme }: PluginEntry): Promise<string | undefined> {
  if (readme === undefined) return undefined;
  try {
    const { size } = await stat(readme);
    return size > MAX_README_BYTES ? `It has ${size} bytes: read ${readme}` : await readFile(readme, 'utf8');
  } catch {
    return undefined;
  }
}

function printFacts(entry: PluginEntry, profiles: readonly string[]): void {
  const { name, kind, title, description, info, apiVersion, state, directory, origin, hash, pinned, previous } = entry;
  const before = previous === undefined ? undefined : `${versionWord(previous.version)} ${previous.hash.slice(0, 12)}`;
  printFactLines([
    ['Name', oneLine(name)],
    ['Title', oneLine(title)],
    ['Kind', kindWord(kind)],
    ['State', stateWord(state)],
    ['Version', versionWord(info?.version)],
    ['Interface', apiVersion],
    ['Times', entry.givesTimes === true ? 'it gives the times of its items' : undefined],
    ['Directory', origin === 'bundled' ? `${directory} (shipped with the host)` : directory],
    ['SHA-256', hash],
    ['Pinned to', pinned],
    ['Before update', before?.trim()],
    ['Profiles', profiles.join(', ')],
  ]);
  if (description !== undefined) printLine(`\n${printable(description)}`);
  for (const warning of entry.warnings) printLine(`\nwarning: ${oneLine(warning)}`);
  if (entry.error !== undefined)
    printLine(`\n${printable(formatError(deserializeError(entry.error), { verbose: false })).trimEnd()}`);
}

function printFactLines(facts: readonly (readonly [label: string, value: string | undefined])[]): void {
  for (const [label, value] of facts)
    if (value !== undefined && value !== '') printLine(`${label.padEnd(14)} ${value}`);
}

function printSchemas(schemas: readonly ConfigSchema[]): void {
  if (schemas.length === 0) {
    printLine('\nThe plugin has no configuration.');
    return;
  }
  printLine('\nConfiguration');
  printTable(
    ['Id', 'Title', 'Takes', 'Default'],
    schemas.map(({ id, title, type }) => [oneLine(id), oneLine(title), typeWord(type), defaultWord(type)]),
  );
  for (const { id, description } of schemas)
    if (description !== undefined && description !== '') printLine(`${oneLine(id)}: ${oneLine(description)}`);
}

function defaultWord(type: ConfigSchema['type']): string {
  return type.kind === 'files' || type.kind === 'directories' ? '(none)' : valueWord(type.default);
}

function printColumns({ columns }: RenderOptions): void {
  if (columns === undefined) {
    printLine('\nItems are lines.');
    return;
  }
  printLine(`\nColumns, of ${columns.minWidth} to ${columns.maxWidth} pixels`);
  printTable(
    ['Caption', 'Description', 'Width'],
    columns.columns.map(({ caption, description, width }) => [
      oneLine(caption),
      oneLine(description),
      width < 0 ? 'the rest' : String(width),
    ]),
  );
}

/** The permissions of a plugin as lines of text. */
function permissionLines({ paths, temporaryDirectory, environment, network }: PluginPermissions): string[] {
  return [
    paths.length === 0
      ? 'Files            none, unless its configuration names some (read only)'
      : `Files            ${paths.map(({ path, isGranted }) => `${oneLine(path)}${isGranted ? '' : ' (denied)'}`).join(', ')}, read only`,
    `Temporary folder ${temporaryDirectory.isAsked ? (temporaryDirectory.isGranted ? 'one of its own' : 'denied') : 'not used'}`,
    `Environment      ${environment.isAsked ? `used; ${environment.granted.join(', ') || 'empty, unless --env names variables'}` : 'not used'}`,
    `Network          ${network.isAsked ? 'used, and always refused' : 'not used'}`,
  ];
}
