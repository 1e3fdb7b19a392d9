/** Everything that crosses a thread boundary of this package, as types for both sides. */
import type { MessagePort } from 'node:worker_threads';
import type { CompiledComponent } from '../component/component.js';
import type { ComponentCaps, ComponentLimits } from '../component/component-limits.js';
import type { UncountedFeature } from '../component/wasm-features.js';
import type { WasmModule } from '../component/wasm-types.js';
import type { SerializedError } from '../errors.js';

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
export type CompileReply = {
  readonly warnings: readonly string[];
  /** The transpiler's own modules, if it was needed. */
  readonly transpiler: readonly WasmModule[];
} & (
  | { readonly kind: 'compiled'; readonly component: CompiledComponent }
  | { readonly kind: 'failed'; readonly error: SerializedError }
);

/** main -> supervisor, as its workerData. */
export interface SupervisorSettings {
  /** The worker's program, unless an instance names another one: a module's URL. */
  readonly program: string;
  readonly maxInstances: number;
  /** Workers that are started ahead of their first use and kept. */
  readonly prewarm: number;
}

/** main -> supervisor. Instances are numbered by the main thread. */
export type SupervisorRequest =
  | {
      readonly kind: 'start';
      readonly id: number;
      readonly task: InstanceTask;
      /** The worker's program, where it is another one than the pool's. */
      readonly program: string | undefined;
      /** The program of the supervisor that looks after the instance's threads, see RunnerTask; undefined: it has one thread. */
      readonly runner: string | undefined;
    }
  /** Ends the instance, or the thread that it has now, whatever it is doing. */
  | { readonly kind: 'end'; readonly id: number; readonly what: 'instance' | 'thread' }
  /** Ends all threads. */
  | { readonly kind: 'close' };

/** supervisor -> main. */
export type SupervisorReply =
  /** The instance's program has returned. */
  | { readonly kind: 'returned'; readonly id: number; readonly hangs: boolean }
  /** The instance has lost its thread, or never got one. */
  | { readonly kind: 'lost'; readonly id: number; readonly hangs: boolean; readonly error: SerializedError }
  /** After one of these: none of its threads is left, not even one that hung in a system call. */
  | { readonly kind: 'released'; readonly id: number }
  | { readonly kind: 'closed' };

/** main -> pool worker, by way of the supervisor: the long task of one instance. `Payload` is what the program of that worker takes. */
export interface InstanceTask<Payload = unknown> {
  /** Control calls, answered by Comlink. */
  readonly controlPort: MessagePort;
  /** Events of the instance, such as log lines; one way, never answered. */
  readonly eventPort: MessagePort;
  readonly payload: Payload;
}

/** What every control call answers with: errors cross as data, so that none of their fields is lost. */
export type ControlReply<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: SerializedError };
