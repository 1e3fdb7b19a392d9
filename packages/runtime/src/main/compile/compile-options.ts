/** What compiling can be told, the defaults, and what each option may be. */
import { type ComponentCaps, type ComponentLimits, DEFAULT_LIMITS } from '../../shared/component/component-limits.js';
import { UNCOUNTED_FEATURES, type UncountedFeature } from '../../shared/component/wasm-features.js';
import { type OptionTable, requireOption, requireOptions } from '../../shared/options/option-table.js';
import * as option from '../../shared/options/option-types.js';

const DEFAULT_DEADLINE_MS = 60_000;
/** The largest binary that is compiled unless `maxBytes` says otherwise. */
export const DEFAULT_MAX_BINARY_BYTES = 256 * 1024 * 1024;
const DEFAULT_MEMORY_BYTES = 512 * 1024 * 1024;
const DEFAULT_TABLE_ELEMENTS = 1_000_000;
const DEFAULT_HEAP_MIB = 2048;
/** A thread takes some itself: Node 22 and 24 end the process when they start one with less than 3. */
const LEAST_HEAP_MIB = 8;

/** How a plugin's binary is compiled, and within what limits. */
export interface CompileOptions {
  /** Folder in which transpiled output is kept between processes. Default: none, nothing is kept. */
  readonly cacheDirectory?: string | undefined;
  /** SHA-256 that the binary has to have, in hexadecimal; another one is not compiled. Default: any. */
  readonly expectedHash?: string | undefined;
  /** How long compiling may take for this caller, in milliseconds, all included. Default 60,000; Infinity: no limit; 0 is refused. */
  readonly deadlineMs?: number | undefined;
  /** Gives compiling up; it rejects with the signal's reason. Default: never. */
  readonly signal?: AbortSignal | undefined;
  /** The largest binary that is taken, in bytes. Default 256 MiB; Infinity: no limit; 0 is refused. */
  readonly maxBytes?: number | undefined;
  /** What the component may consist of, where it is not to be the default. Each is a number of at least 0; Infinity: no limit. */
  readonly limits?: Partial<ComponentLimits> | undefined;
  /**
   * To how much the memories of an instance may grow together, in bytes. Default 512 MiB; Infinity: no limit but the
   * format's own of 4 GiB each; 0 is refused.
   */
  readonly memoryBytes?: number | undefined;
  /**
   * To how much the tables of an instance may grow together, in elements. Default 1,000,000; Infinity: no limit but the
   * format's own; 0: a component whose tables have elements is refused.
   */
  readonly tableElements?: number | undefined;
  /**
   * Features of WebAssembly that are refused unless they stand here, because no limit counts what they take: `gc`, with which a
   * plugin can end the process. For plugins that are trusted. Default: none.
   */
  readonly allow?: readonly UncountedFeature[] | undefined;
  /** JavaScript heap of the compile worker, in MiB: 8 or more. Default 2048; Infinity: no limit but what Node gives a thread. */
  readonly compilerHeapMiB?: number | undefined;
  /** Told what went wrong without harm, such as a cache that cannot be written. Default: nobody. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const LIMITS = Object.fromEntries(
  Object.keys(DEFAULT_LIMITS).map((name) => [name, option.amount]),
) as unknown as OptionTable<ComponentLimits>;

const OPTIONS: OptionTable<CompileOptions> = {
  cacheDirectory: option.path,
  expectedHash: option.sha256,
  deadlineMs: option.timeLimit,
  signal: option.signal,
  maxBytes: option.limit(1, Number.MAX_SAFE_INTEGER),
  limits: option.options(LIMITS),
  memoryBytes: option.limit(1, Number.MAX_SAFE_INTEGER),
  tableElements: option.limit(0, Number.MAX_SAFE_INTEGER),
  allow: option.listOf(option.oneOf(UNCOUNTED_FEATURES), 'a list of features'),
  compilerHeapMiB: option.limit(LEAST_HEAP_MIB),
  onWarning: option.callback,
};

export interface CompileSettings {
  readonly deadlineMs: number;
  readonly maxBytes: number;
  readonly limits: ComponentLimits;
  readonly caps: ComponentCaps;
  readonly heapMiB: number;
  /** Each once, sorted. */
  readonly allow: readonly UncountedFeature[];
}

/** With the defaults. @throws HostError `ERR_INVALID_OPTION` */
export function compileSettings(bytes: Uint8Array, options: CompileOptions): CompileSettings {
  requireOption(option.required(option.bytes), bytes, 'bytes');
  requireOptions('The options of compile', options, OPTIONS);
  return {
    deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS,
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BINARY_BYTES,
    limits: { ...DEFAULT_LIMITS, ...defined(options.limits) },
    caps: {
      memoryBytes: options.memoryBytes ?? DEFAULT_MEMORY_BYTES,
      tableElements: options.tableElements ?? DEFAULT_TABLE_ELEMENTS,
    },
    heapMiB: options.compilerHeapMiB ?? DEFAULT_HEAP_MIB,
    allow: [...new Set(options.allow)].sort(),
  };
}

function defined(limits: Partial<ComponentLimits> = {}): Partial<ComponentLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
