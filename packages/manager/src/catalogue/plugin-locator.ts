/** From what a caller calls a plugin (a name, a path, or the binary itself) to where it is. */
import { basename, dirname, join } from 'node:path';
import type { Boundary, ParallelConfig, PluginKind } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import { absolutePath } from '@chipmunk-host/runtime/internal';
import { nearestName } from '@chipmunk-host/runtime/internal/options';
import type { PluginBinary } from '../examination/component-library.js';
import { readMetadata } from '../examination/plugin-metadata.js';
import { describeKind, type PluginReference } from '../shared/plugin-id.js';
import type { CatalogueEntry } from './catalogue-entry.js';
import type { PluginCatalogue } from './plugin-catalogue.js';
import type { PluginEntry } from './plugin-entry.js';

export interface FoundBinary {
  /** What messages call it; undefined when only its bytes are known. */
  readonly label: string | undefined;
  readonly binary: PluginBinary;
  /** What the metadata say of it. */
  readonly windowBytes: number | undefined;
  readonly parallelBoundary: Boundary | undefined;
  readonly parallelPatterns: readonly string[] | undefined;
  readonly parallelConfig: ParallelConfig | undefined;
  /** The listed plugin that it is; undefined when it is not listed. */
  readonly entry: CatalogueEntry | undefined;
}

/**
 * Finds a plugin. Whether the binary is there and is any good is seen when it is read.
 * @param kind undefined: either; of two with the same name the parser
 * @param searched the directories that were searched, for the message
 * @throws HostError `ERR_PLUGIN_NOT_FOUND` when no plugin of that kind has the name.
 */
export async function findBinary(
  reference: PluginReference,
  kind: PluginKind | undefined,
  catalogue: PluginCatalogue,
  searched: readonly string[],
): Promise<FoundBinary> {
  const entries = catalogue.snapshots();
  if (typeof reference !== 'string')
    return {
      label: undefined,
      binary: { bytes: reference },
      windowBytes: undefined,
      parallelBoundary: undefined,
      parallelPatterns: undefined,
      parallelConfig: undefined,
      entry: undefined,
    };
  if (isPath(reference)) return findFile(reference, catalogue);
  const named = entries.filter(({ name }) => name === reference);
  const entry = named.find((candidate) => candidate.kind === (kind ?? 'parser')) ?? named[0];
  if (entry !== undefined && kind !== undefined && entry.kind !== kind) throw otherKind(entry, kind);
  if (entry !== undefined) {
    const { windowBytes, parallelBoundary, parallelPatterns, parallelConfig } = entry;
    const metadata = { windowBytes, parallelBoundary, parallelPatterns, parallelConfig };
    return { label: entry.name, binary: { path: entry.path }, ...metadata, entry: catalogue.entry(entry) };
  }
  throw unknownName(reference, kind, entries, searched);
}

function isPath(reference: string): boolean {
  return /[\\/]/.test(reference) || reference.toLowerCase().endsWith('.wasm');
}

/** A binary that lies in its own directory, or in a build's, has its metadata beside it. */
async function findFile(path: string, catalogue: PluginCatalogue): Promise<FoundBinary> {
  const absolute = absolutePath(path);
  const listed = catalogue.snapshots().find((entry) => entry.path === absolute);
  const entry = listed && catalogue.entry(listed);
  const metadata = await readMetadata(join(dirname(path), `${basename(path, '.wasm')}.toml`));
  const { windowBytes, parallelBoundary, parallelPatterns, parallelConfig } = metadata;
  const known = { windowBytes, parallelBoundary, parallelPatterns, parallelConfig };
  return { label: path, binary: { path: absolute }, ...known, entry };
}

function otherKind({ name, kind }: PluginEntry, wanted: PluginKind): HostError {
  const message = `'${name}' is a ${describeKind(kind)} plugin; expected a ${describeKind(wanted)}.`;
  return new HostError('ERR_PLUGIN_NOT_FOUND', message, {
    help: `Give it as the ${kind === 'parser' ? 'parser' : 'source'}.`,
  });
}

function unknownName(
  name: string,
  kind: PluginKind | undefined,
  entries: readonly PluginEntry[],
  searched: readonly string[],
): HostError {
  const what = kind === undefined ? 'plugin' : `${describeKind(kind)} plugin`;
  const known = entries.filter((entry) => kind === undefined || entry.kind === kind).map((entry) => entry.name);
  const nearest = nearestName(name, known);
  const message = [
    `There is no ${what} '${name}'.`,
    nearest === undefined ? '' : ` Did you mean '${nearest}'?`,
    known.length === 0 ? ` No ${what} is installed.` : ` Known are: ${known.join(', ')}.`,
    ` Searched: ${searched.join(', ')}.`,
  ].join('');
  return new HostError('ERR_PLUGIN_NOT_FOUND', message, {
    help: `Use a name from the list, or the path of a .wasm file (such as ./${name}.wasm).`,
  });
}
