/** Counts fresh instances within a window of time: too many in a while end a session. */

export interface RestartLimitOptions {
  /** Fresh instances that may be used within the window. 0: none; Infinity: no limit. */
  readonly maxRestarts: number;
  /** Milliseconds; Infinity: all of the session. */
  readonly restartWindowMs: number;
}

export class RestartLimit {
  readonly #options: RestartLimitOptions;
  /** When the last instances were replaced, in milliseconds. */
  #restarts: number[] = [];

  constructor(options: RestartLimitOptions) {
    this.#options = options;
  }

  /** Counts one more; returns whether it is allowed. */
  allows(now: number): boolean {
    const { maxRestarts, restartWindowMs } = this.#options;
    if (maxRestarts === Number.POSITIVE_INFINITY) return true;
    this.#restarts = this.#restarts.filter((at) => now - at < restartWindowMs);
    this.#restarts.push(now);
    return this.#restarts.length <= maxRestarts;
  }
}
