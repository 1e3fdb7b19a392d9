/** A component that is ready to be instantiated in any thread: plain data and shared modules, made by `compile`. */
export type { ComponentCaps, ComponentLimits } from './component-limits.js';

/** What a component's `canon lift` says of one exported function, where it can be called directly on the core instance. */
export interface DirectExport {
  /** Name of the core function. */
  readonly coreFunction: string;
  /** Name of the memory that holds its arguments and results, exported by the same core instance. */
  readonly memory: string;
  /** Name of the allocation function, exported by the same core instance; undefined where the arguments need none. */
  readonly realloc: string | undefined;
  /** Name of the function to call with the result when it has been read; undefined where there is none. */
  readonly postReturn: string | undefined;
}

export interface CompiledComponent {
  /** SHA-256 of the component's binary, in hexadecimal. */
  readonly hash: string;
  /** The bindings: the source of a script whose value has the function `instantiate`. */
  readonly glue: string;
  /** The core modules by the names that the bindings ask for. */
  readonly modules: ReadonlyMap<string, WebAssembly.Module>;
  /** Interfaces that the component imports, as `package:name/interface@version`. */
  readonly imports: readonly string[];
  /** Names that it exports, in their order: interfaces as `package:name/interface@version`. */
  readonly exports: readonly string[];
  /**
   * Exported functions that may be called without the bindings, by the end of their core name (`parse`). Only those whose
   * strings are UTF-8 and whose memory, realloc and post-return come from one core instance: nothing else is understood.
   */
  readonly direct: ReadonlyMap<string, DirectExport>;
  /** Whether all strings that cross its border are UTF-8. If not, only the bindings can read and write them. */
  readonly utf8Only: boolean;
  /** Bytes that all memories of an instance may come to together; 0 when only the format limits them. */
  readonly memoryBytes: number;
}
