/**
 * Workers of a pool that belong together: taken all at once, and kept until they are given back. An instance that takes the
 * place of one that has ended needs no new permit, so it cannot end up waiting behind others.
 */
import { HostError } from '../../shared/errors.js';
import type { ControlMethods, WorkerInstance } from '../../shared/instance/worker-instance.js';
import type { WaitOptions } from './permits.js';

export interface StartOptions extends WaitOptions {
  /** The worker's program, where it is another one than the pool's. */
  readonly program?: URL | undefined;
  /** Told what the worker's program posts as events. */
  readonly onEvent?: ((event: unknown) => void) | undefined;
  /**
   * A program of the supervisor's thread that looks after the instance and gives it one thread after the other, see RunnerTask.
   * Default: none; the instance has one thread, without a time limit.
   */
  readonly runner?: URL | undefined;
}

/** Starts instances: a pool, or workers of it that were reserved. */
export interface InstanceStarter {
  start<Control extends ControlMethods, Payload>(
    payload: Payload,
    options?: StartOptions,
  ): Promise<WorkerInstance<Control>>;
}

interface Parts {
  readonly count: number;
  readonly start: <Control extends ControlMethods, Payload>(
    payload: Payload,
    options: StartOptions,
  ) => WorkerInstance<Control>;
  readonly giveBack: () => void;
}

export class ReservedWorkers implements InstanceStarter {
  readonly #parts: Parts;
  #running = 0;
  #released = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Starts a program in one of the reserved workers, at once: `waitMs` and `onWaiting` mean nothing here.
   * @throws HostError `ERR_CLOSED` when the reservation was released or the pool closed
   */
  async start<Control extends ControlMethods, Payload>(
    payload: Payload,
    options: StartOptions = {},
  ): Promise<WorkerInstance<Control>> {
    options.signal?.throwIfAborted();
    if (this.#released) throw new HostError('ERR_CLOSED', 'The reserved workers were released already.');
    if (this.#running === this.#parts.count)
      throw new HostError('ERR_INTERNAL', `All ${this.#parts.count} reserved workers are in use.`);
    const instance = this.#parts.start<Control, Payload>(payload, options);
    this.#running++;
    void instance.ended.then(() => {
      this.#running--;
      this.#giveBackIfDone();
    });
    return instance;
  }

  /** Gives the workers back as soon as their instances have ended. Idempotent. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#giveBackIfDone();
  }

  #giveBackIfDone(): void {
    if (this.#released && this.#running === 0) this.#parts.giveBack();
  }
}
