/** What a user decides about plugins: which ones are off, and which binaries may run. */

import { HostError } from '@chipmunk-host/runtime';
import { option, requireOption } from '@chipmunk-host/runtime/internal/options';
import { hashFile } from '../shared/plugin-binary.js';
import { describeKind } from '../shared/plugin-id.js';
import type { StateFile, StoredDecisions } from '../store/state-file.js';
import type { PluginCatalogue } from './plugin-catalogue.js';
import type { PluginEntry } from './plugin-entry.js';

const HASH = /^[0-9a-f]{64}$/;

export class PluginDecisions {
  readonly #state: StateFile;
  readonly #catalogue: PluginCatalogue;

  /** @param catalogue is refreshed behind each decision, so that the snapshot and the events tell of it */
  constructor(state: StateFile, catalogue: PluginCatalogue) {
    this.#state = state;
    this.#catalogue = catalogue;
  }

  setDisabled(plugin: PluginEntry, disabled: boolean): Promise<PluginEntry> {
    return this.#decide(plugin, (state) => ({ ...state, disabled }));
  }

  /** @param given default: that of the binary as it is now */
  async pin(plugin: PluginEntry, given: string | undefined): Promise<PluginEntry> {
    requireOption(option.text, given, 'hash');
    const pin = given?.toLowerCase() ?? (await hashFile(plugin.path));
    if (!HASH.test(pin))
      throw new HostError('ERR_CONFIG', `'${given}' is not a SHA-256; expected 64 hexadecimal digits.`, {
        help: 'Leave it out to pin the plugin to its current binary.',
      });
    return this.#decide(plugin, (state) => ({ ...state, pin }));
  }

  unpin(plugin: PluginEntry): Promise<PluginEntry> {
    return this.#decide(plugin, ({ pin: _, ...state }) => state);
  }

  /** The binary that is accepted is the one that was listed, not one that has come in its place since. */
  async accept(plugin: PluginEntry): Promise<PluginEntry> {
    if (plugin.pinned === undefined)
      throw new HostError('ERR_CONFIG', `The ${describeKind(plugin.kind)} plugin '${plugin.name}' is not pinned.`, {
        help: 'Pin it first to allow only its current binary.',
      });
    return this.pin(plugin, plugin.hash);
  }

  async #decide(plugin: PluginEntry, change: (state: StoredDecisions) => StoredDecisions): Promise<PluginEntry> {
    const { kind, name } = plugin;
    await this.#state.update({ kind, name }, change);
    await this.#catalogue.refresh();
    const entry = this.#catalogue.entry(plugin)?.snapshot();
    if (entry !== undefined) return entry;
    throw new HostError('ERR_PLUGIN_NOT_FOUND', `The ${describeKind(kind)} plugin '${name}' was removed meanwhile.`);
  }
}
