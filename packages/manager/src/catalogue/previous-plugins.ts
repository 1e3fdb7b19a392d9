/** The versions that `rollback` would bring back, as far as their files and the cache tell. Nothing is run to know. */

import { join } from 'node:path';
import type { PluginCache } from '../examination/cache/plugin-cache.js';
import { fileStamp, hashFile, statPlugin } from '../shared/plugin-binary.js';
import { type PluginId, pluginKey } from '../shared/plugin-id.js';
import type { StoreLayout } from '../store/store-layout.js';
import { pluginFiles } from '../store/store-layout.js';
import type { PreviousPlugin } from './plugin-entry.js';

export class PreviousPlugins {
  readonly #layout: StoreLayout;
  readonly #cache: PluginCache;
  readonly #hashes = new Map<string, { readonly stamp: string; readonly hash: string }>();

  constructor(layout: StoreLayout, cache: PluginCache) {
    this.#layout = layout;
    this.#cache = cache;
  }

  /** @returns undefined when there is none */
  async find(id: PluginId): Promise<PreviousPlugin | undefined> {
    const path = join(this.#layout.previous(id.kind, id.name), pluginFiles(id.name).binary);
    try {
      const stamp = fileStamp(await statPlugin(path));
      const known = this.#hashes.get(pluginKey(id));
      const hash = known?.stamp === stamp ? known.hash : await hashFile(path);
      this.#hashes.set(pluginKey(id), { stamp, hash });
      const result = this.#cache.resultOf(hash);
      return { hash, version: result?.kind === 'loaded' ? result.plugin.info.version : undefined };
    } catch {
      // None was kept, or it cannot be read: then there is nothing that could be brought back.
      return undefined;
    }
  }
}
