/**
 * `state.json`: what the user has decided about plugins, by kind and name: disabled ones, and hashes that binaries are pinned to.
 * It is replaced in one step; a damaged one is a warning and counts as empty, and is kept beside the next one.
 */
import { readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isObject } from '../shared/json-shape.js';
import { type PluginId, pluginKey } from '../shared/plugin-id.js';
import type { DirectoryFiles } from './directory-files.js';
import { isMissing } from './store-errors.js';

export interface StoredDecisions {
  readonly disabled?: boolean;
  /** SHA-256 of the binary, in hexadecimal. */
  readonly pin?: string;
}

/** By `pluginKey`. Only plugins about which something was decided. */
export type DecisionsByKey = ReadonlyMap<string, StoredDecisions>;

/** Counts up when the meaning of the file changes. */
const FORMAT = 1;

export class StateFile {
  readonly #files: DirectoryFiles;

  constructor(files: DirectoryFiles) {
    this.#files = files;
  }

  get path(): string {
    return this.#files.layout.state;
  }

  /** @param warnings gets a message when the file cannot be used */
  async read(warnings: string[]): Promise<DecisionsByKey> {
    const states = await readStates(this.path);
    if (states instanceof Error) {
      warnings.push(
        `The file of disabled and pinned plugins cannot be read, so no plugin is disabled or pinned: ${this.path}: ${states.message}`,
      );
      return new Map();
    }
    return states;
  }

  /**
   * Changes what is decided about one plugin. Waits for other processes.
   * @param change is given what is decided now; what it returns takes its place, and nothing decided is forgotten
   * @throws HostError `ERR_STORE_WRITE`, `ERR_STORE_LOCKED`
   */
  async update(id: PluginId, change: (state: StoredDecisions) => StoredDecisions): Promise<DecisionsByKey> {
    return this.#files.withLock(async () => {
      const found = await readStates(this.path);
      // It may be that of a later version, or be worth a look.
      if (found instanceof Error)
        await rename(this.path, join(dirname(this.path), 'state.unreadable.json')).catch(() => {});
      const states = new Map(found instanceof Error ? [] : found);
      const key = pluginKey(id);
      const { disabled, pin } = change(states.get(key) ?? {});
      if (disabled !== true && pin === undefined) states.delete(key);
      else states.set(key, { ...(disabled === true ? { disabled } : {}), ...(pin === undefined ? {} : { pin }) });
      const content = { format: FORMAT, plugins: Object.fromEntries(states) };
      await this.#files.replace(this.path, `${JSON.stringify(content, null, 2)}\n`);
      return states;
    });
  }
}

/** @returns an error instead of throwing it: there is a use for a file that cannot be read, too */
async function readStates(path: string): Promise<DecisionsByKey | Error> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (!isObject(content)) throw new Error('it is no JSON object');
    if (content.format !== FORMAT) throw new Error(`it has format ${String(content.format)}; expected ${FORMAT}`);
    if (!isObject(content.plugins)) throw new Error("'plugins' is not an object");
    return new Map(Object.entries(content.plugins).map(([key, state]) => [key, requireState(key, state)]));
  } catch (error) {
    return isMissing(error) ? new Map() : (error as Error);
  }
}

function requireState(key: string, state: unknown): StoredDecisions {
  const fault = (what: string) => new Error(`plugins['${key}'] ${what}`);
  if (!isObject(state)) throw fault('is not an object');
  const { disabled, pin } = state;
  if (disabled !== undefined && typeof disabled !== 'boolean') throw fault("has a 'disabled' that is not a boolean");
  if (pin !== undefined && (typeof pin !== 'string' || !/^[0-9a-f]{64}$/.test(pin)))
    throw fault("has a 'pin' that is not a SHA-256");
  return { ...(disabled === true ? { disabled } : {}), ...(pin === undefined ? {} : { pin }) };
}
