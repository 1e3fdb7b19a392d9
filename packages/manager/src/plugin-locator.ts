/** From what a caller calls a plugin (a name, a path, or the binary itself) to where it is. */
import { basename, dirname, join, resolve } from 'node:path';
import type { PluginKind } from '@chipmunk-host/hosts';
import { nearestName } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import type { PluginEntry } from './plugin-entry.js';
import { readMetadata } from './plugin-metadata.js';

/** Name of an installed plugin, path of a binary (it has a separator or ends in `.wasm`), or the binary's bytes. */
export type PluginReference = string | Uint8Array;

export interface LocatedPlugin {
  /** What messages call it; undefined when only its bytes are known. */
  readonly label: string | undefined;
  readonly binary: { readonly path: string } | { readonly bytes: Uint8Array };
  readonly windowBytes: number | undefined;
}

/**
 * Finds a plugin. Whether the binary is there and is any good is seen when it is read.
 * @param searched the directories that were searched, for the message
 * @throws HostError `ERR_PLUGIN_NOT_FOUND` when no plugin of that kind has the name.
 */
export async function locatePlugin(
  reference: PluginReference,
  kind: PluginKind,
  entries: readonly PluginEntry[],
  searched: readonly string[],
): Promise<LocatedPlugin> {
  if (typeof reference !== 'string') return { label: undefined, binary: { bytes: reference }, windowBytes: undefined };
  if (isPath(reference)) return locateFile(reference);
  const entry = entries.find((candidate) => candidate.kind === kind && candidate.name === reference);
  if (entry !== undefined) return { label: entry.name, binary: { path: entry.path }, windowBytes: entry.windowBytes };
  throw unknownName(reference, kind, entries, searched);
}

function isPath(reference: string): boolean {
  return /[\\/]/.test(reference) || reference.toLowerCase().endsWith('.wasm');
}

/** A binary that lies in its own directory, or in a build's, has its metadata beside it. */
async function locateFile(path: string): Promise<LocatedPlugin> {
  const metadata = await readMetadata(join(dirname(path), `${basename(path, '.wasm')}.toml`));
  return { label: path, binary: { path: resolve(path) }, windowBytes: metadata.windowBytes };
}

function unknownName(
  name: string,
  kind: PluginKind,
  entries: readonly PluginEntry[],
  searched: readonly string[],
): HostError {
  const what = kind === 'parser' ? 'parser' : 'byte-source';
  const known = entries.filter((entry) => entry.kind === kind).map((entry) => entry.name);
  const nearest = nearestName(name, known);
  const message = [
    `There is no ${what} plugin '${name}'.`,
    nearest === undefined ? '' : ` Did you mean '${nearest}'?`,
    known.length === 0 ? ' No plugin of this kind is installed.' : ` Known are: ${known.join(', ')}.`,
    ` Searched: ${searched.join(', ')}.`,
  ].join('');
  return new HostError('ERR_PLUGIN_NOT_FOUND', message, {
    help: `Use a name from the list, or the path of a .wasm file (such as ./${name}.wasm).`,
  });
}
