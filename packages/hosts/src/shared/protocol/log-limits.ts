/** Bounds on what a plugin may log and print. What is over is dropped, and counted. */

export interface LogLimits {
  /** Log lines kept between two turns of the worker's event loop (25 ms). Default 1,000; 0: none; Infinity: all. */
  readonly linesPerTurn: number;
  /** Log lines kept in a second. Default 10,000; 0: none; Infinity: all. */
  readonly linesPerSecond: number;
  /** Characters (UTF-16 units) of log lines kept in a second. Default 4 Mi; 0: only empty lines are kept; Infinity: no limit. */
  readonly charactersPerSecond: number;
  /** Bytes of stdout and of stderr, each, that become log lines in a second. Default 1 MiB; 0: none; Infinity: no limit. */
  readonly outputBytesPerSecond: number;
}
