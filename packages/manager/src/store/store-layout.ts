/** Where things lie in a plugins directory: the plugins in Chipmunk's folders, and what is ours in `.chipmunk-host/`. */
import { join } from 'node:path';
import type { PluginKind } from '@chipmunk-host/hosts';
import { KIND_FOLDERS } from '../shared/plugin-id.js';

export const README = 'README.md';

export class StoreLayout {
  /** The plugins directory. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** All that is ours. */
  get own(): string {
    return join(this.root, '.chipmunk-host');
  }

  /** Work in progress: a folder for each operation, named by its process (process-mark.ts of runtime). */
  get staging(): string {
    return join(this.own, 'staging');
  }

  get lock(): string {
    return join(this.own, 'lock');
  }

  get state(): string {
    return join(this.own, 'state.json');
  }

  kindFolder(kind: PluginKind): string {
    return join(this.root, KIND_FOLDERS[kind]);
  }

  plugin(kind: PluginKind, name: string): string {
    return join(this.kindFolder(kind), name);
  }

  previousFolder(kind: PluginKind): string {
    return join(this.own, 'previous', KIND_FOLDERS[kind]);
  }

  /** The version of a plugin that `rollback` brings back. */
  previous(kind: PluginKind, name: string): string {
    return join(this.previousFolder(kind), name);
  }
}

/** The files of a plugin, all that is ever copied: its binary, and what it may have beside it. */
export function pluginFiles(name: string): { readonly binary: string; readonly others: readonly string[] } {
  return { binary: `${name}.wasm`, others: [`${name}.toml`, README] };
}
