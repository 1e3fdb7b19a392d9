/** Notices when threads of a pool have really ended: a terminated thread may hang in a system call. */
import type { Worker } from 'node:worker_threads';

export class ThreadExits {
  readonly #threads: () => readonly Worker[];
  readonly #onExit: (thread: number, error: unknown) => void;
  /** Threads that have not ended, and who waits for that. */
  readonly #alive = new Map<number, (() => void)[]>();
  readonly #seen = new WeakSet<Worker>();

  /**
   * @param threads those that the pool has at the moment
   * @param onExit called for each that ends, with what it failed with
   */
  constructor(threads: () => readonly Worker[], onExit: (thread: number, error: unknown) => void) {
    this.#threads = threads;
    this.#onExit = onExit;
  }

  /** Watches the threads that the pool has started since. */
  watch(): void {
    for (const worker of this.#threads()) {
      if (this.#seen.has(worker)) continue;
      this.#seen.add(worker);
      // A worker that has ended has no number any more.
      const thread = worker.threadId;
      const waiting: (() => void)[] = [];
      this.#alive.set(thread, waiting);
      let failure: unknown;
      worker.once('error', (error) => {
        failure = error;
      });
      worker.once('exit', (code) => {
        this.#alive.delete(thread);
        for (const tell of waiting) tell();
        this.#onExit(thread, failure ?? new Error(`worker exited with code: ${code}`));
      });
    }
  }

  /** Settles when the thread has ended. One that was never seen has. */
  exited(thread: number | undefined): Promise<void> {
    const waiting = thread === undefined ? undefined : this.#alive.get(thread);
    return waiting === undefined ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
  }
}
