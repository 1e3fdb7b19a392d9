/**
 * The compiled components of a manager, and what is known of each binary, by its hash. Examining a plugin and running it share them, so
 * that a plugin is compiled once and asked about itself once. A binary that was changed on disk is read again.
 *
 * What a session used is held as long as the manager lives, until the file has another content. What was only examined waits here for
 * its first session: the last 16 components, of binaries of 64 MiB together, the last one in any case. Of the others the transpiled
 * output on disk is left, where there is a cache directory.
 */
import type { PluginKind } from '@chipmunk-host/hosts';
import { identifyPlugin } from '@chipmunk-host/hosts/internal';
import { type CompiledComponent, compile, deserializeError, PluginError, serializeError } from '@chipmunk-host/runtime';
import { type FileStamp, fileStamp, isSettled, readPlugin, statPlugin } from '../shared/plugin-binary.js';
import type { PluginCache } from './cache/plugin-cache.js';
import type { ExaminedPlugin } from './plugin-info.js';

const MOST_EXAMINED = 16;
const MOST_EXAMINED_BYTES = 64 * 1024 * 1024;
/** Binaries that are in no list, of which it is remembered what they said of themselves. */
const MOST_LEARNED = 100;

export interface ComponentLibraryParts {
  /** Folder of the transpiled output; undefined: none is kept. */
  readonly cacheDirectory: string | undefined;
  /** What is known of the binaries of listed plugins. */
  readonly cache: Pick<PluginCache, 'resultOf'>;
  readonly onWarning: (message: string) => void;
}

/** A binary where it lies, or itself. */
export type PluginBinary = { readonly path: string } | { readonly bytes: Uint8Array };

export interface CompiledPlugin {
  readonly component: CompiledComponent;
  readonly kind: PluginKind;
  /** Version of Chipmunk's plugin interface that it was made for, such as `0.1.0`. */
  readonly apiVersion: string;
}

/** How a binary is compiled. */
export interface CompileRequest {
  /** SHA-256 of the only binary that may be used, in hexadecimal. Default: any. */
  readonly expectedHash?: string | undefined;
  /** As in `compile`; it is compiled in. Default: that of `compile`. */
  readonly memoryBytes?: number | undefined;
  /** As in `compile`. */
  readonly deadlineMs?: number | undefined;
  /** Told what went wrong without harm. Default: the manager's listener. */
  readonly onWarning?: (message: string) => void;
}

interface KnownFile {
  readonly stamp: FileStamp;
  /** When the stamp was taken, in milliseconds since 1970. */
  readonly checkedAt: number;
  readonly hash: string;
}

export class ComponentLibrary {
  readonly #parts: ComponentLibraryParts;
  /** What sessions used, and what was only examined, oldest first; by hash and memory. */
  readonly #used = new Map<string, CompiledPlugin>();
  readonly #examined = new Map<string, { readonly plugin: CompiledPlugin; readonly bytes: number }>();
  /** The content of each file that a session used, by path. */
  readonly #files = new Map<string, KnownFile>();
  readonly #learned = new Map<string, ExaminedPlugin>();

  constructor(parts: ComponentLibraryParts) {
    this.#parts = parts;
  }

  /**
   * The component of a plugin that is to be run.
   * @throws HostError when the binary is missing or is not the expected one; PluginError, with its path in the message, when it is no plugin
   */
  async forSession(binary: PluginBinary, request: CompileRequest): Promise<CompiledPlugin> {
    // Whoever has the bytes holds them; the component lives as long as its sessions.
    if ('bytes' in binary) return this.#compile(binary.bytes, request);
    const { path } = binary;
    const { expectedHash, memoryBytes } = request;
    const checkedAt = Date.now();
    const stamp = fileStamp(await statPlugin(path));
    const file = this.#files.get(path);
    const isKnown = file?.stamp === stamp && isSettled(stamp, file.checkedAt);
    const isExpected = isKnown && (expectedHash ?? file.hash) === file.hash;
    const held = isExpected ? this.#used.get(keyOf(file.hash, memoryBytes)) : undefined;
    if (held !== undefined) return held;
    const compiling = readPlugin(path).then((bytes) => this.#compile(bytes, request));
    const plugin = await withPath(path, compiling);
    const { hash } = plugin.component;
    const key = keyOf(hash, memoryBytes);
    this.#examined.delete(key);
    this.#used.set(key, plugin);
    this.#noteFile(path, { stamp, checkedAt, hash });
    return plugin;
  }

  /**
   * The component of a plugin that is to be asked about itself; it is kept for a session that may follow.
   * @throws as `forSession`, but with the binary's path in no message
   */
  async forExamination(path: string, request: CompileRequest): Promise<CompiledPlugin> {
    await statPlugin(path);
    const bytes = await readPlugin(path);
    const plugin = await this.#compile(bytes, request);
    const key = keyOf(plugin.component.hash, request.memoryBytes);
    if (this.#used.has(key)) return plugin;
    this.#examined.delete(key);
    this.#examined.set(key, { plugin, bytes: bytes.length });
    this.#dropExamined();
    return plugin;
  }

  /** What a binary is known to say of itself; undefined when it was not asked yet. */
  examined(hash: string): ExaminedPlugin | undefined {
    const result = this.#parts.cache.resultOf(hash);
    return result?.kind === 'loaded' ? result.plugin : this.#learned.get(hash);
  }

  /** Keeps what a plugin said of itself when it was run: of one that is in no list, nobody else does. */
  learn(plugin: ExaminedPlugin): void {
    this.#learned.delete(plugin.hash);
    this.#learned.set(plugin.hash, plugin);
    const [oldest] = this.#learned.keys();
    if (this.#learned.size > MOST_LEARNED && oldest !== undefined) this.#learned.delete(oldest);
  }

  /** Of a content that is held here, `compile` gives what is held. */
  async #compile(bytes: Uint8Array, request: CompileRequest): Promise<CompiledPlugin> {
    const { expectedHash, memoryBytes, deadlineMs, onWarning = this.#parts.onWarning } = request;
    const { cacheDirectory } = this.#parts;
    const component = await compile(bytes, {
      ...(expectedHash === undefined ? {} : { expectedHash }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(cacheDirectory === undefined ? {} : { cacheDirectory }),
      onWarning,
    });
    return { component, ...identifyPlugin(component) };
  }

  /** A content that no file has any more is let go; sessions that run keep theirs. */
  #noteFile(path: string, file: KnownFile): void {
    const before = this.#files.get(path)?.hash;
    this.#files.set(path, file);
    if (before === undefined || before === file.hash) return;
    if ([...this.#files.values()].some(({ hash }) => hash === before)) return;
    for (const key of this.#used.keys()) if (key.startsWith(before)) this.#used.delete(key);
  }

  #dropExamined(): void {
    let bytes = [...this.#examined.values()].reduce((sum, examined) => sum + examined.bytes, 0);
    for (const [key, examined] of this.#examined) {
      const { size } = this.#examined;
      if (size === 1 || (size <= MOST_EXAMINED && bytes <= MOST_EXAMINED_BYTES)) return;
      this.#examined.delete(key);
      bytes -= examined.bytes;
    }
  }
}

/** The limit on memory is compiled in. */
function keyOf(hash: string, memoryBytes: number | undefined): string {
  return `${hash} ${memoryBytes ?? ''}`;
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
