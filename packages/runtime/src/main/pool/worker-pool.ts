/**
 * The threads that plugin instances run in: a Piscina pool, in a supervisor's thread, whose tasks are whole lives of instances.
 * Permits of our own stand in front of it, so that its queue is always empty: a task that waited there behind aborted ones might
 * never run.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel } from 'node:worker_threads';
import { HostError } from '../../shared/errors.js';
import type { InstanceTask } from '../../shared/instance/messages.js';
import { type ControlMethods, WorkerInstance } from '../../shared/instance/worker-instance.js';
import { type OptionTable, requireOptions } from '../../shared/options/option-table.js';
import * as option from '../../shared/options/option-types.js';
import { requireThreads } from '../../shared/system/environment-fault.js';
import { Permits, type PoolUsage, type WaitOptions } from './permits.js';
import { type InstanceStarter, ReservedWorkers, type StartOptions } from './reserved-workers.js';
import { SupervisorThread } from './supervisor-thread.js';

/** How many instances may run at once where nobody says so: four for each processor, at least 8. */
export function defaultMaxInstances(): number {
  return Math.max(8, availableParallelism() * 4);
}

export interface WorkerPoolOptions {
  /** The worker's program: a module whose default export takes an `InstanceTask` and resolves when its instance has ended. */
  readonly program: URL;
  /** How many instances may run at once: 1 or more. Default: four for each processor, at least 8. */
  readonly maxInstances?: number | undefined;
  /** How many workers are started ahead of their first use and kept. Default 1; 0: none. */
  readonly prewarm?: number | undefined;
}

/** What the size of a pool may be. */
export const POOL_SIZE: OptionTable<Omit<WorkerPoolOptions, 'program'>> = {
  maxInstances: option.whole(1),
  prewarm: option.whole(0),
};

const OPTIONS: OptionTable<WorkerPoolOptions> = { ...POOL_SIZE, program: option.required(option.url) };

/** Starts plugin instances in worker threads, at most so many at once; callers wait for their turn. `close` ends all of them. */
export class WorkerPool implements InstanceStarter, AsyncDisposable {
  readonly #permits: Permits;
  readonly #program: URL;
  readonly #prewarm: number;
  readonly #instances = new Set<AsyncDisposable>();
  #supervisor: SupervisorThread | undefined;
  #closing: Promise<void> | undefined;

  /** @throws HostError `ERR_INVALID_OPTION`; EnvironmentError when this process may start no threads */
  constructor(options: WorkerPoolOptions) {
    requireOptions('The options of the pool', options, OPTIONS);
    requireThreads();
    this.#permits = new Permits(options.maxInstances ?? defaultMaxInstances());
    this.#program = options.program;
    this.#prewarm = options.prewarm ?? 1;
    if (this.#prewarm === 0) return;
    try {
      this.#supervise();
    } catch {
      // There is no thread to spare now. There may be one when it is needed.
    }
  }

  /** How many instances may run at once. */
  get maxInstances(): number {
    return this.#permits.total;
  }

  /** How much of the pool is in use, and who waits for it. */
  get usage(): PoolUsage {
    return this.#permits.usage;
  }

  /**
   * Starts the program in a worker of its own, which it keeps until its instance is closed. Waits for a free worker.
   * @throws the signal's reason when it is aborted before a worker is free.
   */
  async start<Control extends ControlMethods, Payload>(
    payload: Payload,
    options: StartOptions = {},
  ): Promise<WorkerInstance<Control>> {
    const reservation = await this.reserve(1, options);
    try {
      return await reservation.start<Control, Payload>(payload, options);
    } finally {
      reservation.release();
    }
  }

  /**
   * Takes so many workers at once, for instances that need each other, or waits until there are so many: instances that held
   * a part each and waited for the rest would wait for ever. They are the caller's until `release`.
   * @throws HostError `ERR_INVALID_OPTION` when there never are so many, `ERR_BUSY` when they are not free within `waitMs`; the
   * signal's reason when it is aborted before they are free.
   */
  async reserve(count: number, options: WaitOptions = {}): Promise<ReservedWorkers> {
    this.#requireOpen();
    const giveBack = await this.#permits.take(count, options);
    try {
      this.#requireOpen();
    } catch (error) {
      giveBack();
      throw error;
    }
    return new ReservedWorkers({ count, giveBack, start: (payload, options) => this.#start(payload, options) });
  }

  /** Ends all instances and all threads. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#instances].map((instance) => instance[Symbol.asyncDispose]()));
      await this.#supervisor?.close();
    })();
    return this.#closing;
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start<Control extends ControlMethods, Payload>(payload: Payload, options: StartOptions): WorkerInstance<Control> {
    this.#requireOpen();
    const supervisor = this.#supervise();
    const control = new MessageChannel();
    const events = new MessageChannel();
    const task: InstanceTask<Payload> = { controlPort: control.port2, eventPort: events.port2, payload };
    const started = supervisor.start(task, { program: options.program, runner: options.runner });
    const instance = new WorkerInstance<Control>({
      controlPort: control.port1,
      eventPort: events.port1,
      ...started,
      onEvent: options.onEvent,
    });
    this.#instances.add(instance);
    void instance.ended.finally(() => this.#instances.delete(instance));
    return instance;
  }

  /** The supervisor; another one where the last one is gone. */
  #supervise(): SupervisorThread {
    if (this.#supervisor?.alive !== true)
      this.#supervisor = new SupervisorThread({
        program: this.#program.href,
        maxInstances: this.#permits.total,
        prewarm: this.#prewarm,
      });
    return this.#supervisor;
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new HostError('ERR_CLOSED', 'The pool of plugin workers is closed.');
  }
}
