/** What a user decides about plugins: which ones are off, and which binaries may run. */

import { HostError } from '@chipmunk-host/runtime';
import { option, requireOption } from '@chipmunk-host/runtime/internal/options';
import { hashFile } from '../shared/plugin-binary.js';
import { describeKind, type PluginId } from '../shared/plugin-id.js';
import type { StateFile, StoredDecisions } from '../store/state-file.js';
import type { PluginEntry } from './plugin-entry.js';

export interface DecisionsContext {
  readonly state: StateFile;
  /** Looks at everything again, so that the snapshot and the events tell of what was decided. */
  readonly refresh: () => Promise<void>;
  readonly entry: (id: PluginId) => PluginEntry | undefined;
}

const HASH = /^[0-9a-f]{64}$/;

export class PluginDecisions {
  readonly #context: DecisionsContext;

  constructor(context: DecisionsContext) {
    this.#context = context;
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
    await this.#context.state.update({ kind, name }, change);
    await this.#context.refresh();
    const entry = this.#context.entry(plugin);
    if (entry !== undefined) return entry;
    throw new HostError('ERR_PLUGIN_NOT_FOUND', `The ${describeKind(kind)} plugin '${name}' was removed meanwhile.`);
  }
}
