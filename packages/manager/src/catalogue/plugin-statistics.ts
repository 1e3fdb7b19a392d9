/** How a plugin has fared since the manager was opened: counted in a book for each, of which snapshots are taken. */
import type { SessionSummary } from '@chipmunk-host/hosts';
import type { ErrorCode } from '@chipmunk-host/runtime';
import { describe } from '@chipmunk-host/runtime/internal';

/** The last error that a plugin caused. */
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

const NO_STATISTICS: PluginStatistics = Object.freeze({
  sessionsNow: 0,
  sessionsEver: 0,
  items: 0,
  bytes: 0,
  restarts: 0,
  errors: Object.freeze({}),
  lastError: undefined,
});

type Counts = Pick<SessionSummary, 'items' | 'bytes' | 'restarts' | 'errors'>;

/** Counts what becomes of one plugin's sessions. Those that run are asked when a snapshot is taken. */
export class StatisticsBook {
  readonly #running = new Set<() => Counts>();
  #ended: Counts = { items: 0, bytes: 0, restarts: 0, errors: {} };
  #sessionsEver = 0;
  #lastError: LastError | undefined;
  #snapshot = NO_STATISTICS;

  /** @returns a function to call once when the session has ended */
  sessionStarted(counts: () => Counts): () => void {
    this.#sessionsEver++;
    this.#running.add(counts);
    return () => {
      if (this.#running.delete(counts)) this.#ended = sum(this.#ended, counts());
    };
  }

  /** A session that could not be started. */
  startFailed(error: unknown): void {
    const code = codeOf(error);
    this.#ended = sum(this.#ended, { items: 0, bytes: 0, restarts: 0, errors: { [code]: 1 } });
    this.failed(error);
  }

  /** Keeps the error of a session, which its counts have already. */
  failed(error: unknown): void {
    this.#lastError = Object.freeze({ code: codeOf(error), message: describe(error), time: Date.now() });
  }

  /** The same object as long as nothing has changed. */
  snapshot(): PluginStatistics {
    const { items, bytes, restarts, errors } = [...this.#running].reduce(
      (all, counts) => sum(all, counts()),
      this.#ended,
    );
    const next: PluginStatistics = {
      sessionsNow: this.#running.size,
      sessionsEver: this.#sessionsEver,
      items,
      bytes,
      restarts,
      errors: Object.freeze(errors),
      lastError: this.#lastError,
    };
    if (JSON.stringify(next) !== JSON.stringify(this.#snapshot)) this.#snapshot = Object.freeze(next);
    return this.#snapshot;
  }
}

function sum(a: Counts, b: Counts): Counts {
  const errors: Partial<Record<ErrorCode | 'ERR_UNKNOWN', number>> = { ...a.errors };
  for (const [code, count] of Object.entries(b.errors) as [ErrorCode, number][])
    errors[code] = (errors[code] ?? 0) + count;
  return { items: a.items + b.items, bytes: a.bytes + b.bytes, restarts: a.restarts + b.restarts, errors };
}

function codeOf(error: unknown): ErrorCode | 'ERR_UNKNOWN' {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('ERR_') ? (code as ErrorCode) : 'ERR_UNKNOWN';
}
