/**
 * From a component's binary to a compiled component, once for each content in this process. All of the work is done in a
 * worker of its own (compile-flight.ts), so that a hostile binary costs that worker and a deadline, no more.
 */
import type { CompiledComponent } from '../shared/component.js';
import { requireComponent } from '../shared/component-header.js';
import { type ComponentCaps, type ComponentLimits, DEFAULT_LIMITS } from '../shared/component-limits.js';
import { requireWebAssembly } from '../shared/environment-fault.js';
import { HostError, PluginInvalidError, PluginTimeoutError } from '../shared/errors.js';
import { UNCOUNTED_FEATURES, type UncountedFeature } from '../shared/wasm-features.js';
import { onAbort } from './abort-listeners.js';
import { takeSnapshot } from './binary-snapshot.js';
import { callListener } from './call-listener.js';
import { CompileFlight } from './compile-flight.js';

const DEFAULT_DEADLINE_MS = 60_000;
/** The largest binary that is compiled unless `maxBytes` says otherwise. */
export const DEFAULT_MAX_BINARY_BYTES = 256 * 1024 * 1024;
const DEFAULT_MEMORY_BYTES = 512 * 1024 * 1024;
const DEFAULT_TABLE_ELEMENTS = 1_000_000;
const DEFAULT_HEAP_MIB = 2048;
/** A thread takes some itself: Node 22 and 24 end the process when they start one with less than 3. */
const LEAST_HEAP_MIB = 8;

export interface CompileOptions {
  /** Folder in which transpiled output is kept between processes. Default: none, nothing is kept. */
  readonly cacheDirectory?: string;
  /** SHA-256 that the binary has to have, in hexadecimal; another one is not compiled. Default: any. */
  readonly expectedHash?: string;
  /** How long compiling may take for this caller, in milliseconds, all included. Default 60,000; 0 means no limit. */
  readonly deadlineMs?: number;
  /** Gives compiling up; it rejects with the signal's reason. Default: never. */
  readonly signal?: AbortSignal;
  /** The largest binary that is taken, in bytes. Default 256 MiB; 0 means no limit. */
  readonly maxBytes?: number;
  /** What the component may consist of, where it is not to be the default. Each is a number; Infinity means no limit. */
  readonly limits?: Partial<ComponentLimits>;
  /**
   * To how much the memories of an instance may grow together, in bytes. Default 512 MiB; 0 means the format's own limit of
   * 4 GiB each.
   */
  readonly memoryBytes?: number;
  /** To how much the tables of an instance may grow together, in elements. Default 1,000,000; 0 means the format's own limit. */
  readonly tableElements?: number;
  /**
   * Features of WebAssembly that are refused unless they stand here, because no limit counts what they take: `gc`, with which a
   * plugin can end the process, and `exceptions`. For plugins that are trusted. Default: none.
   */
  readonly allow?: readonly UncountedFeature[];
  /** JavaScript heap of the compile worker, in MiB: 8 or more, or 0 for what Node gives a thread. Default 2048. */
  readonly compilerHeapMiB?: number;
  /** Told what went wrong without harm, such as a cache that cannot be written. Default: nobody. */
  readonly onWarning?: (message: string) => void;
}

/** Compilations under way, and those that somebody still holds, by content and by all options that matter to the result. */
const underWay = new Map<string, CompileFlight>();
const compiled = new Map<string, WeakRef<CompiledComponent>>();
const forgotten = new FinalizationRegistry<string>((key) => {
  if (compiled.get(key)?.deref() === undefined) compiled.delete(key);
});

/**
 * Compiles a component. The same bytes with the same options are compiled once per process as long as somebody holds the
 * result.
 *
 * @throws PluginInvalidError when the bytes are not a component that can run, saying what they are instead.
 * @throws PluginMemoryError when it starts with more memory, or larger tables, than it may have.
 * @throws PluginTimeoutError when it takes longer than the deadline.
 * @throws EnvironmentError when the system keeps from it what it needs, which says nothing of the component.
 * @throws HostError `ERR_PLUGIN_CHANGED` when the bytes have another hash than the one that was expected.
 */
export async function compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<CompiledComponent> {
  options.signal?.throwIfAborted();
  requireWebAssembly();
  const maxBytes = amount(options, 'maxBytes', DEFAULT_MAX_BINARY_BYTES);
  if (maxBytes > 0 && bytes.length > maxBytes)
    throw new PluginInvalidError(`The binary has ${bytes.length} bytes; at most ${maxBytes} are taken.`);
  requireComponent(bytes);
  const caps: ComponentCaps = {
    memoryBytes: amount(options, 'memoryBytes', DEFAULT_MEMORY_BYTES),
    tableElements: amount(options, 'tableElements', DEFAULT_TABLE_ELEMENTS),
  };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const heapMiB = heapAmount(options);
  const allow = allowed(options);

  const { signal, clear } = endOfPatience(options);
  try {
    const snapshot = await takeSnapshot(bytes, signal);
    if (options.expectedHash !== undefined && snapshot.hash !== options.expectedHash)
      throw new HostError(
        'ERR_PLUGIN_CHANGED',
        `The binary is not the one that was expected: its SHA-256 is ${snapshot.hash}, not ${options.expectedHash}.`,
      );
    const key = JSON.stringify([
      snapshot.hash,
      caps,
      Object.values(limits).map(String),
      options.cacheDirectory,
      heapMiB,
      allow,
    ]);
    const held = compiled.get(key)?.deref();
    if (held !== undefined) return held;

    const flight =
      underWay.get(key) ??
      start(key, () => {
        const job = { ...snapshot, cacheDirectory: options.cacheDirectory, limits, caps, allow };
        return new CompileFlight(job, heapMiB, () => underWay.delete(key));
      });
    const { component, warnings } = await flight.join(signal);
    if (compiled.get(key)?.deref() === undefined) {
      compiled.set(key, new WeakRef(component));
      forgotten.register(component, key);
    }
    for (const warning of warnings) callListener('onWarning', options.onWarning, warning);
    return component;
  } finally {
    clear();
  }
}

function start(key: string, create: () => CompileFlight): CompileFlight {
  const flight = create();
  underWay.set(key, flight);
  return flight;
}

/** A signal that is aborted when the caller's is, or when its deadline has passed. */
function endOfPatience(options: CompileOptions): { signal: AbortSignal; clear(): void } {
  const deadlineMs = amount(options, 'deadlineMs', DEFAULT_DEADLINE_MS);
  const controller = new AbortController();
  const stopListening = onAbort(options.signal, () => controller.abort(options.signal?.reason));
  const timer =
    deadlineMs > 0
      ? setTimeout(() => controller.abort(tooLate(deadlineMs)), Math.min(deadlineMs, 2 ** 31 - 1))
      : undefined;
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      stopListening();
    },
  };
}

function tooLate(deadlineMs: number): PluginTimeoutError {
  return new PluginTimeoutError(`The component was not compiled within ${deadlineMs} ms.`, {
    phase: 'load',
    help: 'Raise deadlineMs if the component is meant to be that large.',
  });
}

function allowed({ allow = [] }: CompileOptions): UncountedFeature[] {
  const unknown = allow.find((feature) => !UNCOUNTED_FEATURES.includes(feature));
  if (unknown !== undefined)
    throw new HostError(
      'ERR_CONFIG',
      `The option allow has '${unknown}'; expected only ${UNCOUNTED_FEATURES.join(' and ')}.`,
    );
  return [...new Set(allow)].sort();
}

type Amount = 'deadlineMs' | 'maxBytes' | 'memoryBytes' | 'tableElements' | 'compilerHeapMiB';

function heapAmount(options: CompileOptions): number {
  const heapMiB = amount(options, 'compilerHeapMiB', DEFAULT_HEAP_MIB);
  if (heapMiB === 0 || heapMiB >= LEAST_HEAP_MIB) return heapMiB;
  throw new HostError(
    'ERR_CONFIG',
    `The option compilerHeapMiB is ${heapMiB}; expected ${LEAST_HEAP_MIB} or more, or 0.`,
  );
}

function amount(options: CompileOptions, name: Amount, byDefault: number): number {
  const value = options[name] ?? byDefault;
  if (Number.isNaN(value) || value < 0)
    throw new HostError('ERR_CONFIG', `The option ${name} is ${value}; expected a number of at least 0.`);
  return value;
}
