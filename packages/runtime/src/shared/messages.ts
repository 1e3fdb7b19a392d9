/** Everything that crosses a thread boundary of this package, as types for both sides. */
import type { MessagePort } from 'node:worker_threads';
import type { CompiledComponent } from './component.js';
import type { ComponentCaps, ComponentLimits } from './component-limits.js';
import type { SerializedError } from './errors.js';
import type { UncountedFeature } from './wasm-features.js';

/** main -> compile worker, as its workerData: a component's binary, and all that bounds it. */
export interface CompileJob {
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`, in hexadecimal. */
  readonly hash: string;
  readonly cacheDirectory: string | undefined;
  readonly limits: ComponentLimits;
  readonly caps: ComponentCaps;
  readonly allow: readonly UncountedFeature[];
}

/** compile worker -> main, once. */
export type CompileReply =
  | { readonly kind: 'compiled'; readonly component: CompiledComponent; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly error: SerializedError; readonly warnings: readonly string[] };

/** main -> pool worker, the long task of one instance. `Payload` is what the program of that worker takes. */
export interface InstanceTask<Payload = unknown> {
  /** Control calls, answered by Comlink. */
  readonly controlPort: MessagePort;
  /** What the instance has to say of its own accord, such as log lines; one way, never answered. */
  readonly eventPort: MessagePort;
  readonly payload: Payload;
}

/** What every control call answers with: errors cross as data, so that none of their fields is lost. */
export type ControlReply<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: SerializedError };
