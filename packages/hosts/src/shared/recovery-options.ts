/** What is done when a plugin fails in the middle of its input. */
export interface RecoveryOptions {
  /**
   * How many fresh instances a session may use within `restartWindowMs` before it ends with the plugin's error. Default 1,000;
   * 0 means none: the first failure ends the session.
   */
  readonly maxRestarts: number;
  /** Milliseconds. Default 60,000. */
  readonly restartWindowMs: number;
  /**
   * How long the shortest slice that fails is searched for, in milliseconds, before all of what is known to fail is given up.
   * Default 30,000; 0 means as long as it takes.
   */
  readonly narrowingMs: number;
}
