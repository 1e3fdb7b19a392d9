/** What is done when a plugin fails in the middle of its input. */
export interface RecoveryOptions {
  /**
   * How many fresh instances a session may use within `restartWindowMs` before it ends with the plugin's error. Default 1,000;
   * 0 means none: the first failure ends the session, also where a thread is lost, or where the plugin is not to blame.
   */
  readonly maxRestarts: number;
  /**
   * How many pieces of input in a row may be given up, with no item in between, before the session ends with the first of their
   * errors: the plugin then fails on everything that it is given. A thread that is lost before it was given any input counts as one;
   * so does a byte-source's that is lost before it delivered any. Default 10; 0 means no limit.
   */
  readonly maxGapsInRow: number;
  /** Milliseconds. Default 60,000. */
  readonly restartWindowMs: number;
  /**
   * How long the shortest slice that fails is searched for, in milliseconds, before all of what is known to fail is given up.
   * Default 30,000; 0 means as long as it takes.
   */
  readonly narrowingMs: number;
}
