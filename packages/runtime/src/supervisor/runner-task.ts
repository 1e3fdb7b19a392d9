/** What a runner is given: a program of the supervisor's thread that looks after one instance and its threads, one after the other. */
import type { MessagePort } from 'node:worker_threads';
import type { Overrun } from '../shared/instance/instance-end.js';
import type { ControlMethods, WorkerInstance } from '../shared/instance/worker-instance.js';

/** A runner is a module whose default export takes this, and resolves when the instance has ended. */
export interface RunnerTask<Payload = unknown> {
  /** Control calls of the main thread, to be answered by Comlink. */
  readonly controlPort: MessagePort;
  /** Events of the instance for the main thread; one way, never answered. */
  readonly eventPort: MessagePort;
  readonly payload: Payload;
  readonly launcher: InstanceLauncher;
}

export interface InstanceLauncher {
  /**
   * Starts the worker's program in a thread of the pool. One at a time.
   * @throws HostError `ERR_CLOSED` when the instance is closed
   */
  launch<Control extends ControlMethods>(payload: unknown, options: LaunchOptions): WorkerInstance<Control>;
}

export interface LaunchOptions {
  /** See run-status.ts. */
  readonly status: SharedArrayBuffer;
  /** Time limit on one call of the plugin, in milliseconds; Infinity means none. */
  readonly deadlineMs: number;
  /** Told what the worker's program posts as events. */
  readonly onEvent: (event: unknown) => void;
  /** Told once of each read of the input that has not returned for longer than a call of the plugin may take. */
  readonly onStall: (overrun: Overrun) => void;
}
