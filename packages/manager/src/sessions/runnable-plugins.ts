/**
 * From what a caller calls a plugin to what a session runs: it is found, its entry is seen to be usable, and its component is taken from
 * the library, with what is known of it.
 */
import type { Boundary, ParallelConfig, PluginKind } from '@chipmunk-host/hosts';
import { givesTimes } from '@chipmunk-host/hosts/internal';
import { type CompiledComponent, deserializeError, HostError, PluginInvalidError } from '@chipmunk-host/runtime';
import type { CatalogueEntry } from '../catalogue/catalogue-entry.js';
import type { PluginCatalogue } from '../catalogue/plugin-catalogue.js';
import { type FoundBinary, findBinary } from '../catalogue/plugin-locator.js';
import { type ComponentLibrary, withPath } from '../examination/component-library.js';
import type { PluginInfo } from '../examination/plugin-info.js';
import type { PluginWorkers } from '../examination/plugin-workers.js';
import { describeKind, type PluginReference } from '../shared/plugin-id.js';

export interface RunnablePlugin {
  readonly component: CompiledComponent;
  readonly kind: PluginKind;
  readonly apiVersion: string;
  /** What it is known to say of itself; undefined when it has to be asked. */
  readonly info: PluginInfo | undefined;
  /** What messages call it. */
  readonly label: string;
  readonly windowBytes: number | undefined;
  readonly parallelBoundary: Boundary | undefined;
  readonly parallelPatterns: readonly string[] | undefined;
  readonly parallelConfig: ParallelConfig | undefined;
  /** Where account of it is kept, when it is one of those that are listed. */
  readonly entry: CatalogueEntry | undefined;
}

export interface RunnablePluginsParts {
  readonly catalogue: PluginCatalogue;
  readonly library: ComponentLibrary;
  readonly workers: PluginWorkers;
  /** Whether binaries that are not known are looked into before they are used. */
  readonly eager: boolean;
  /** The directories that are searched for names, for messages. */
  readonly searched: readonly string[];
}

/** Which plugin, and how it is to run. */
export interface RunnableRequest {
  readonly plugin: PluginReference;
  /** Undefined: whichever it is, the parser first. */
  readonly kind: PluginKind | undefined;
  /** As in `PluginUse`. Default: that of `compile`. */
  readonly memoryBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class RunnablePlugins {
  readonly #parts: RunnablePluginsParts;

  constructor(parts: RunnablePluginsParts) {
    this.#parts = parts;
  }

  /** @throws HostError `ERR_PLUGIN_NOT_FOUND` when no plugin of that kind has the name. */
  find(plugin: PluginReference, kind: PluginKind | undefined): Promise<FoundBinary> {
    return findBinary(plugin, kind, this.#parts.catalogue, this.#parts.searched);
  }

  /**
   * @throws HostError, PluginError: what keeps the plugin from being used, with its path in the message; the signal's reason
   */
  async prepare({ plugin, kind: wanted, memoryBytes, signal }: RunnableRequest): Promise<RunnablePlugin> {
    const { workers, library, eager } = this.#parts;
    signal?.throwIfAborted();
    workers.requireOpen();
    const found = await this.find(plugin, wanted);
    const { entry, binary, windowBytes, parallelBoundary, parallelPatterns, parallelConfig } = found;
    if (entry !== undefined) await this.requireUsable(entry, eager);
    const expectedHash = entry?.decisions.pinned;
    const { component, kind, apiVersion } = await library.forSession(binary, { memoryBytes, expectedHash });
    const label = found.label ?? component.hash.slice(0, 12);
    if (wanted !== undefined && kind !== wanted)
      await withPath('path' in binary ? binary.path : undefined, Promise.reject(otherKind(label, kind, wanted)));
    signal?.throwIfAborted();
    workers.requireOpen();
    // By content: it is not taken from the entry, whose binary may have been another one a moment ago.
    const info = library.examined(component.hash)?.info;
    const metadata = { windowBytes, parallelBoundary, parallelPatterns, parallelConfig };
    return { component, kind, apiVersion, info, label, ...metadata, entry };
  }

  /**
   * @param load whether to look into a binary that is not known
   * @throws what keeps it from being used
   */
  async requireUsable(entry: CatalogueEntry, load: boolean): Promise<void> {
    const { id, found } = entry;
    if (entry.state === 'disabled')
      throw new HostError('ERR_PLUGIN_DISABLED', `The ${describeKind(id.kind)} plugin '${id.name}' is disabled.`, {
        help: 'Enable it first.',
      });
    if (load) await this.#parts.catalogue.bringUpToDate(entry);
    this.#parts.workers.requireOpen();
    const { state, error, hash, pinned } = entry.snapshot();
    if (state === 'pin-mismatch')
      throw new HostError(
        'ERR_PLUGIN_CHANGED',
        `The ${describeKind(id.kind)} plugin '${id.name}' is pinned to ${pinned}, and its binary has the SHA-256 ${hash}.`,
        { help: 'Accept the change if you want it, or restore the pinned binary.' },
      );
    // What kept somebody from looking into it before need not do so now.
    if (error !== undefined && (load || state === 'invalid'))
      await withPath(found.path, Promise.reject(deserializeError(error)));
  }

  /** Keeps what a plugin said of itself when it was started, for the next one who runs the same binary. */
  learn({ component, kind, apiVersion }: RunnablePlugin, info: PluginInfo): void {
    const { hash, imports } = component;
    this.#parts.library.learn({ hash, kind, apiVersion, imports, givesTimes: givesTimes(component), info });
  }
}

function otherKind(plugin: string, kind: PluginKind, wanted: PluginKind): PluginInvalidError {
  return new PluginInvalidError(`The plugin is a ${describeKind(kind)}; expected a ${describeKind(wanted)}.`, {
    plugin,
    help: `Give it as the ${kind === 'parser' ? 'parser' : 'source'}.`,
  });
}
