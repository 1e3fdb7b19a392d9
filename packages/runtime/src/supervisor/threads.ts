/** The threads of one pool: runs each instance as one long task of Piscina, keeps its time limit, and reports how it ended. */
import { Piscina } from 'piscina';
import { closedEnd, failedEnd, type InstanceEnd, type Overrun, overrunEnd } from '../shared/instance/instance-end.js';
import type { InstanceTask, SupervisorSettings } from '../shared/instance/messages.js';
import { Activity } from '../shared/instance/run-status.js';
import { Assignments, type LoadBalancer } from './assignments.js';
import type { CallTimeLimit } from './call-time-limit.js';
import { ThreadExits } from './thread-exits.js';

const IDLE_TIMEOUT_MS = 30_000;
/**
 * Old heap of a worker's JavaScript; plugins live in wasm memory, which it does not count. A limit also makes V8 let the heap grow in smaller
 * steps: 1 to 2 MB less a worker.
 */
const MAX_HEAP_MIB = 256;
/** Little is allocated for each batch, so a larger nursery would only be memory that is touched. */
const MAX_NURSERY_MIB = 1;
/** How often the instances are looked at while there are any. An instance is ended at most two looks behind its limit. */
const LOOK_MS = 25;
/** The same while all of them wait: a call that begins meanwhile is seen so much later. */
const LOOK_AT_IDLE_MS = 100;
/**
 * The most that one look adds to what an instance has taken. A look that comes later than that says that this process was
 * suspended, or that the machine is busy: the instance may not have run either.
 */
const MOST_MS = 2 * LOOK_MS;
/** A thread that is ended is gone after some milliseconds, unless it is in a system call. */
const HANG_MS = 1000;

export interface ThreadTask {
  readonly task: InstanceTask;
  /** The worker's program, where it is another one than the pool's: a module's URL. */
  readonly program?: string | undefined;
  readonly watch?: CallTimeLimit;
  /** Told once of each read of the input that has not returned for longer than a call of the plugin may take. */
  readonly onStall?: (overrun: Overrun) => void;
}

export interface Thread {
  /** Never rejects. */
  readonly ended: Promise<InstanceEnd>;
  /** Settles when nothing of it runs any more, also where it hung. */
  readonly gone: Promise<void>;
  /** Ends it at once, whatever it is doing. */
  readonly end: () => void;
}

interface Running extends ThreadTask {
  readonly abort: AbortController;
  readonly settle: (end: InstanceEnd) => void;
  /** Why it was ended. */
  overrun?: Overrun;
  /** Settles when its thread is gone, where it had to be ended. */
  exited?: Promise<void>;
}

export class Threads {
  readonly #pool: Piscina<InstanceTask, void>;
  readonly #exits: ThreadExits;
  readonly #assignments = new Assignments<Running>();
  readonly #running = new Set<Running>();
  #looking: NodeJS.Timeout | undefined;
  #lookedAt = 0;

  constructor(settings: SupervisorSettings) {
    this.#pool = createPool(settings, this.#assignments.balancer);
    // A thread that could not be started, or that fails while it is idle, concerns no task that Piscina knows.
    this.#pool.on('error', (cause) => this.#notStarted(cause));
    this.#exits = new ThreadExits(
      () => this.#pool.threads,
      (thread, cause) => this.#exited(thread, cause),
    );
  }

  run(task: ThreadTask): Thread {
    const abort = new AbortController();
    let settled: (end: InstanceEnd) => void = () => {};
    const ended = new Promise<InstanceEnd>((resolve) => {
      settled = resolve;
    });
    const running: Running = {
      ...task,
      abort,
      settle: (end) => {
        this.#running.delete(running);
        this.#assignments.forget(running);
        this.#stopLooking();
        settled(end);
      },
    };
    this.#running.add(running);
    this.#start(running);
    const gone = ended.then(async (end) => {
      if (end.hangs) await running.exited;
    });
    return { ended, gone, end: () => this.#end(running) };
  }

  /** Ends all threads. One that is in a system call is not waited for. */
  async close(): Promise<void> {
    for (const running of [...this.#running]) this.#end(running);
    await this.#pool.destroy();
  }

  #start(running: Running): void {
    const { task, program, abort, settle } = running;
    let ended: Promise<void>;
    try {
      const options = {
        signal: abort.signal,
        transferList: [task.controlPort, task.eventPort] as never,
        ...(program === undefined ? {} : { filename: program }),
      };
      ended = this.#assignments.submit(running, () => this.#pool.run(task, options));
    } catch (error) {
      // Piscina has queued the task before it failed to start a thread for it. Aborted, it is taken from the queue.
      this.#end(running);
      settle(failedEnd(error));
      return;
    }
    this.#exits.watch();
    this.#look();
    ended.then(
      () => settle({ kind: 'returned', hangs: false }),
      (cause: unknown) => this.#failed(running, cause),
    );
  }

  #end({ abort }: Running): void {
    try {
      abort.abort();
    } catch {
      // The thread is gone. Piscina has failed to start another one in its place; it tries again with the next task.
    }
  }

  #failed(running: Running, cause: unknown): void {
    if (running.abort.signal.aborted) void this.#endedByForce(running);
    else running.settle(failedEnd(cause));
  }

  /** Tells what an instance was doing, once its thread is gone, or hangs. */
  async #endedByForce(running: Running): Promise<void> {
    running.exited = this.#exits.exited(this.#assignments.threadOf(running));
    const hangs = await takesLonger(running.exited, HANG_MS);
    const { overrun } = running;
    running.settle(overrun === undefined ? closedEnd(hangs) : overrunEnd(overrun, hangs));
  }

  /** Tasks that wait for a thread get none, if there are more of them than threads that do nothing. */
  #notStarted(cause: unknown): void {
    const { waiting } = this.#assignments;
    const idle = this.#pool.threads.length - (this.#running.size - waiting.length);
    for (const running of waiting.slice(Math.max(0, idle))) {
      this.#end(running);
      running.settle(failedEnd(cause));
    }
  }

  /** Piscina reports it, too, unless it fails to start another thread in the same moment. */
  #exited(thread: number, cause: unknown): void {
    setImmediate(() => {
      for (const running of [...this.#running])
        if (this.#assignments.threadOf(running) === thread && !running.abort.signal.aborted)
          this.#failed(running, cause);
    });
  }

  /** Looks at all instances again and again, as long as there are any. */
  #look(): void {
    if (this.#looking !== undefined) return;
    this.#lookedAt = performance.now();
    const look = () => {
      let isIdle = true;
      const now = performance.now();
      const passedMs = Math.min(now - this.#lookedAt, MOST_MS);
      this.#lookedAt = now;
      for (const running of this.#running) {
        const overrun = running.abort.signal.aborted ? undefined : running.watch?.look(passedMs);
        if (running.watch?.isIdle === false) isIdle = false;
        if (overrun === undefined) continue;
        if (overrun.activity === Activity.input) {
          running.onStall?.(overrun);
        } else {
          running.overrun = overrun;
          this.#end(running);
        }
      }
      if (this.#running.size > 0) this.#looking = setTimeout(look, isIdle ? LOOK_AT_IDLE_MS : LOOK_MS);
    };
    this.#looking = setTimeout(look, LOOK_MS);
  }

  #stopLooking(): void {
    if (this.#running.size > 0) return;
    clearTimeout(this.#looking);
    this.#looking = undefined;
  }
}

async function takesLonger(event: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), limitMs);
  });
  return Promise.race([event.then(() => false), limit]).finally(() => clearTimeout(timer));
}

function createPool(
  { program, maxInstances, prewarm }: SupervisorSettings,
  loadBalancer: LoadBalancer,
): Piscina<InstanceTask, void> {
  const options = {
    filename: program,
    maxThreads: maxInstances,
    maxQueue: maxInstances,
    concurrentTasksPerWorker: 1,
    loadBalancer,
    idleTimeout: IDLE_TIMEOUT_MS,
    // With 'sync', the default, an idle worker sleeps in Atomics.wait and its timers never fire.
    atomics: 'disabled' as const,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, maxYoungGenerationSizeMb: MAX_NURSERY_MIB },
  };
  try {
    return new Piscina({ ...options, minThreads: Math.min(prewarm, maxInstances) });
  } catch {
    // There is no thread to spare now. There may be one when it is needed.
    return new Piscina({ ...options, minThreads: 0 });
  }
}
