/** A line that a plugin logged or wrote. */
import type { LogLevel } from '../config/config-schema.js';

/** A line that a plugin logged or printed, or that the host reports about it. */
export interface LogLine {
  /**
   * `log` is the plugin's own log; what it writes to stdout and stderr comes line by line, whatever the log level; `host` is
   * what this host reports about the plugin.
   */
  readonly source: 'log' | 'stdout' | 'stderr' | 'host';
  /** Of output: `info` for stdout, `error` for stderr. */
  readonly level: LogLevel;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** worker -> main, on the event port: what a plugin of either kind has logged. */
export interface LogEvent {
  readonly kind: 'log';
  readonly lines: readonly LogLine[];
  /** Lines before these that came faster than they are taken. */
  readonly dropped: number;
}
