/** How core modules call functions of the host, below the bindings. */
import type { WasmMemory } from '../../shared/component/wasm-types.js';

/** A function as a core module imports it: it takes and returns numbers and bigints. */
export type CoreFunction = (...args: never[]) => unknown;

export type Realloc = (oldPointer: number, oldBytes: number, alignment: number, newBytes: number) => number;

/** What a stand-in for a host function can reach of the plugin that calls it: what the function was lowered with. */
export interface CoreCaller {
  /** Undefined where the function's arguments and results need none. */
  readonly memory: () => WasmMemory | undefined;
  /** Undefined where its results need none. */
  readonly realloc: () => Realloc | undefined;
}

/**
 * Replaces functions of the host that core modules import, below the bindings: returns a function, or undefined to leave the
 * import as it is. The bindings leak a record for each import that a plugin calls in the middle of a direct call; stand-ins do not.
 *
 * @param interfaceName as the component imports it; empty for a function that it imports on its own
 * @param name of the function there; `[resource-drop]` and the resource's name for the drop of one
 */
export type CoreImportReplacement = (
  interfaceName: string,
  name: string,
  caller: CoreCaller,
) => CoreFunction | undefined;
