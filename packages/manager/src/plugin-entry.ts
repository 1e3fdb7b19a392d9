/** What the manager knows of an installed plugin without running it. */
import type { PluginKind } from '@chipmunk-host/hosts';

/** `bundled`: shipped with this package; `directory`: found in the plugins directory. */
export type PluginOrigin = 'directory' | 'bundled';

export interface PluginEntry {
  readonly kind: PluginKind;
  /** Name of the plugin's directory and of its binary, unique for its kind. */
  readonly name: string;
  /** From the metadata; without usable metadata the name. */
  readonly title: string;
  readonly description: string | undefined;
  /** The plugin's own directory, which is its id. */
  readonly directory: string;
  /** Its binary. */
  readonly path: string;
  /** Path of its README.md, when it has one. */
  readonly readme: string | undefined;
  readonly origin: PluginOrigin;
  /** Bytes of input a call that the metadata names as enough for this plugin. */
  readonly windowBytes: number | undefined;
  /** What is wrong with it without making it unusable, such as broken metadata. */
  readonly warnings: readonly string[];
}

/** The folder of each kind in a plugins directory. */
export const KIND_FOLDERS: Readonly<Record<PluginKind, string>> = { parser: 'parsers', bytesource: 'bytesources' };

/** A kind in words. */
export function describeKind(kind: PluginKind): string {
  return kind === 'parser' ? 'parser' : 'byte-source';
}
