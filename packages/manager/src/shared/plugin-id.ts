/** What plugins are called: by the manager's list, in files and in messages. */
import type { PluginKind } from '@chipmunk-host/hosts';

/** Which plugin of those that the manager lists. An entry is one. */
export interface PluginId {
  readonly name: string;
  readonly kind: PluginKind;
}

/** The folder of each kind in a plugins directory. */
export const KIND_FOLDERS: Readonly<Record<PluginKind, string>> = { parser: 'parsers', bytesource: 'bytesources' };

/** What stands for a plugin in files and maps: its folder and name, as in `parsers/dlt`. */
export function pluginKey({ kind, name }: PluginId): string {
  return `${KIND_FOLDERS[kind]}/${name}`;
}

/** A kind in words. */
export function describeKind(kind: PluginKind): string {
  return kind === 'parser' ? 'parser' : 'byte-source';
}

/** Name of an installed plugin, path of a binary (it has a separator or ends in `.wasm`), or the binary's bytes. */
export type PluginReference = string | Uint8Array;

/**
 * A plugin of the manager's list: its name, the path of its directory or of its binary, or name and kind. Of two plugins with
 * one name the name alone means the parser. An entry is a selector, too.
 */
export type PluginSelector = string | { readonly name: string; readonly kind?: PluginKind | undefined };
