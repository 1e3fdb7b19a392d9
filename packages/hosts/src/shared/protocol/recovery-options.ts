/** What is done when a plugin fails in the middle of its input. */
export interface RecoveryOptions {
  /**
   * How many fresh instances a session may use within `restartWindowMs` before it ends with the plugin's error. Default 1,000;
   * 0: none, the first failure ends the session, also where a thread is lost, or where the plugin is not to blame; Infinity: no limit.
   */
  readonly maxRestarts: number;
  /**
   * How many stretches of input in a row may be given up, with no item in between, before the session ends with the first of their
   * errors: the plugin then fails on everything that it is given. A thread that is lost before it was given any input counts as one;
   * so does a byte-source's that is lost before it delivered any. Default 10; Infinity: no limit; 0 is refused.
   */
  readonly maxGapsInRow: number;
  /** Over how much time fresh instances are counted, in milliseconds. Default 60,000; Infinity: the whole session; 0 is refused. */
  readonly restartWindowMs: number;
  /**
   * How long the shortest slice that fails is searched for, in milliseconds, before all of what is known to fail is given up.
   * Default 30,000; Infinity: as long as it takes; 0: it is not searched for. Fresh instances that fail before they get any input
   * are tried again for as long, too.
   */
  readonly narrowingMs: number;
}
