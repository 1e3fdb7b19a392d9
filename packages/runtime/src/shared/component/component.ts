/** A component that is ready to be instantiated in any thread: plain data and shared modules, made by `compile`. */
import type { WasmModule } from './wasm-types.js';

export type { ComponentCaps, ComponentLimits } from './component-limits.js';

/** An export of a core instance, of which there are several in a component: by its place in the order in which they are made. */
export interface CoreExport {
  readonly instance: number;
  readonly name: string;
}

/** What a component's `canon lift` says of one exported function, where it can be called directly on the core instance. */
export interface DirectExport {
  readonly coreFunction: CoreExport;
  /** The memory that holds its arguments and results. */
  readonly memory: CoreExport;
  /** The allocation function; undefined where the arguments need none. */
  readonly realloc: CoreExport | undefined;
  /** The function to call with the result when it has been read; undefined where there is none. */
  readonly postReturn: CoreExport | undefined;
}

/** A function of the host that a core module imports, and what its `canon lower` says. */
export interface LoweredImport {
  /** As the component imports it: `package:name/interface@version`; empty when it is imported on its own. */
  readonly interface: string;
  /** As it is called there; for the drop of a resource `[resource-drop]` and the resource's name. */
  readonly function: string;
  /** The memory that holds its arguments and results; undefined where they need none. */
  readonly memory: CoreExport | undefined;
  /** The allocation function; undefined where the results need none. */
  readonly realloc: CoreExport | undefined;
}

export interface CompiledComponent {
  /** SHA-256 of the component's binary, in hexadecimal. */
  readonly hash: string;
  /** The bindings: the source of a script whose value has the function `instantiate`. */
  readonly glue: string;
  /** The core modules by the names that the bindings ask for. */
  readonly modules: ReadonlyMap<string, WasmModule>;
  /** Interfaces that the component imports, as `package:name/interface@version`. */
  readonly imports: readonly string[];
  /** Names that it exports, in their order: interfaces as `package:name/interface@version`. */
  readonly exports: readonly string[];
  /**
   * Exported functions that may be called without the bindings, by the end of their core name (`parse`); none where any string
   * is not UTF-8.
   */
  readonly direct: ReadonlyMap<string, DirectExport>;
  /** For each core instance, in the order in which they are made: the host's functions among its imports, by module and name. */
  readonly lowered: readonly ReadonlyMap<string, ReadonlyMap<string, LoweredImport>>[];
  /** Core modules by name that the transpiler added, to connect components within the component; they are not in that order. */
  readonly addedModules: ReadonlySet<string>;
  /** Whether all strings that cross its border are UTF-8. If not, only the bindings can read and write them. */
  readonly utf8Only: boolean;
  /** Most bytes of all memories of an instance together; Infinity when only the format limits them. */
  readonly memoryBytes: number;
}
