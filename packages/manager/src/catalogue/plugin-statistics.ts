/** How a plugin has fared since the manager was opened. */
import type { ErrorCode } from '@chipmunk-host/runtime';

export interface LastError {
  readonly code: ErrorCode | 'ERR_UNKNOWN';
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Since the manager was opened. Frozen. */
export interface PluginStatistics {
  /** Sessions that run now. */
  readonly sessionsNow: number;
  /** Sessions that were started, those that run included. */
  readonly sessionsEver: number;
  /** Items that a parser made; 0 for a byte-source. */
  readonly items: number;
  /** Bytes of input that a parser accounted for, or that were parsed of what a byte-source delivered. */
  readonly bytes: number;
  /** How often a fresh instance took over. */
  readonly restarts: number;
  /** How many errors of each code, in sessions and when they were started. */
  readonly errors: Readonly<Partial<Record<ErrorCode | 'ERR_UNKNOWN', number>>>;
  readonly lastError: LastError | undefined;
}

export const NO_STATISTICS: PluginStatistics = Object.freeze({
  sessionsNow: 0,
  sessionsEver: 0,
  items: 0,
  bytes: 0,
  restarts: 0,
  errors: Object.freeze({}),
  lastError: undefined,
});
