/**
 * From a component's binary to a compiled component, once for each content in this process. All of the work is done in a
 * worker of its own (compile-flight.ts), so that a hostile binary costs that worker and a deadline, no more.
 */
import type { CompiledComponent } from '../../shared/component/component.js';
import { requireComponent } from '../../shared/component/component-header.js';
import { HostError, PluginInvalidError, PluginTimeoutError } from '../../shared/errors.js';
import { requireThreads, requireWebAssembly } from '../../shared/system/environment-fault.js';
import { onAbort } from '../abort-listeners.js';
import { callListener } from '../call-listener.js';
import { takeSnapshot } from './binary-snapshot.js';
import { CompileFlight } from './compile-flight.js';
import { type CompileOptions, compileSettings } from './compile-options.js';

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
 * @throws HostError `ERR_INVALID_OPTION` when the bytes are no bytes, or an option is not what it may be.
 * @throws PluginInvalidError when the bytes are not a component that can run, saying what they are instead.
 * @throws PluginMemoryError when it starts with more memory, or larger tables, than it may have.
 * @throws PluginTimeoutError when it takes longer than the deadline.
 * @throws EnvironmentError when the system keeps from it what it needs, which says nothing of the component.
 * @throws HostError `ERR_PLUGIN_CHANGED` when the bytes have another hash than the one that was expected.
 */
export async function compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<CompiledComponent> {
  const { deadlineMs, maxBytes, caps, limits, heapMiB, allow } = compileSettings(bytes, options);
  options.signal?.throwIfAborted();
  requireWebAssembly();
  requireThreads();
  if (bytes.length > maxBytes)
    throw new PluginInvalidError(`The binary has ${bytes.length} bytes; at most ${maxBytes} are allowed.`);
  requireComponent(bytes);

  const { signal, clear } = deadlineSignal(options.signal, deadlineMs);
  try {
    const snapshot = await takeSnapshot(bytes, signal);
    if (options.expectedHash !== undefined && snapshot.hash !== options.expectedHash)
      throw new HostError(
        'ERR_PLUGIN_CHANGED',
        `The binary is not the one that was expected: its SHA-256 is ${snapshot.hash}, not ${options.expectedHash}.`,
      );
    const key = JSON.stringify([
      snapshot.hash,
      // As texts: JSON has no Infinity.
      Object.values(caps).map(String),
      Object.values(limits).map(String),
      options.cacheDirectory,
      String(heapMiB),
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
function deadlineSignal(
  callersSignal: AbortSignal | undefined,
  deadlineMs: number,
): { signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const stopListening = onAbort(callersSignal, () => controller.abort(callersSignal?.reason));
  const timer =
    // A timer of Infinity would fire at once.
    Number.isFinite(deadlineMs) ? setTimeout(() => controller.abort(tooLate(deadlineMs)), deadlineMs) : undefined;
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
