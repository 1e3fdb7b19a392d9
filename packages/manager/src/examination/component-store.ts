/**
 * The components that a manager has compiled. It holds them as long as the manager lives, so that a plugin is neither read
 * nor compiled again for the next session; a binary that was changed on disk since is.
 */
import { type CompiledComponent, compile, deserializeError, PluginError, serializeError } from '@chipmunk-host/runtime';
import { type FileStamp, fileStamp, readPlugin, statPlugin } from '../shared/plugin-binary.js';

/** A binary where it lies, or itself. */
export type PluginBinary = { readonly path: string } | { readonly bytes: Uint8Array };

export class ComponentStore {
  readonly #cacheDirectory: string | undefined;
  readonly #onWarning: ((message: string) => void) | undefined;
  readonly #held = new Map<string, { readonly stamp: FileStamp; readonly component: CompiledComponent }>();

  constructor(cacheDirectory: string | undefined, onWarning: ((message: string) => void) | undefined) {
    this.#cacheDirectory = cacheDirectory;
    this.#onWarning = onWarning;
  }

  /**
   * @param memoryBytes as in `compile`
   * @param expectedHash the only binary that may be used, as in `compile`
   * @throws HostError when the binary is missing or is not the expected one; PluginError, with its path in the message, when it is not a plugin.
   */
  async get(
    binary: PluginBinary,
    memoryBytes: number | undefined,
    expectedHash: string | undefined,
  ): Promise<CompiledComponent> {
    if ('bytes' in binary) return this.#compile(binary.bytes, memoryBytes, expectedHash);
    const { path } = binary;
    const stamp = fileStamp(await statPlugin(path));
    // The limit is compiled in.
    const key = `${memoryBytes ?? ''} ${path}`;
    const held = this.#held.get(key);
    if (held?.stamp === stamp && (expectedHash ?? held.component.hash) === held.component.hash) return held.component;
    const component = await withPath(path, this.#compile(await readPlugin(path), memoryBytes, expectedHash));
    this.#held.set(key, { stamp, component });
    return component;
  }

  #compile(
    bytes: Uint8Array,
    memoryBytes: number | undefined,
    expectedHash: string | undefined,
  ): Promise<CompiledComponent> {
    return compile(bytes, {
      ...(expectedHash === undefined ? {} : { expectedHash }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(this.#cacheDirectory === undefined ? {} : { cacheDirectory: this.#cacheDirectory }),
      ...(this.#onWarning === undefined ? {} : { onWarning: this.#onWarning }),
    });
  }
}

/**
 * Names the binary in an error about it. The error may be shared by all who asked for the same bytes under other paths, so it
 * is copied.
 */
export async function withPath<Value>(path: string | undefined, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (path === undefined || !(error instanceof PluginError) || error.phase !== 'load') throw error;
    const message = `The plugin '${path}' cannot be used: ${error.message}`;
    throw deserializeError({ ...serializeError(error), message, plugin: path });
  }
}
