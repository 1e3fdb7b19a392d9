/** The run data of a plugin: what loading it did and what it logged, with times and levels, bounded. */
import type { LogLevel } from '@chipmunk-host/hosts';

/** A line of what loading a plugin did and logged. */
export interface RunLogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
}

/** Lines that are kept; older ones are dropped. */
const MAX_LINES = 1000;
/** UTF-16 units of a line; what is longer is cut. */
const MAX_LENGTH = 8 * 1024;

export class RunLog {
  readonly #onLine: (line: RunLogLine) => void;
  #lines: RunLogLine[] = [];
  #snapshot: readonly RunLogLine[] | undefined;

  /** @param onLine told of each line as it comes */
  constructor(onLine: (line: RunLogLine) => void) {
    this.#onLine = onLine;
  }

  /** @param time milliseconds since 1970, default now */
  add(level: LogLevel, message: string, time = Date.now()): void {
    const cut = message.length > MAX_LENGTH ? `${message.slice(0, MAX_LENGTH)} (cut)` : message;
    const line = Object.freeze({ time, level, message: cut });
    this.#lines.push(line);
    // Dropped in bulk: one at a time would move the whole list for every line of a plugin that logs without end.
    if (this.#lines.length >= 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
    this.#snapshot = undefined;
    this.#onLine(line);
  }

  /** The last lines, oldest first. */
  lines(): readonly RunLogLine[] {
    this.#snapshot ??= Object.freeze(this.#lines.slice(-MAX_LINES));
    return this.#snapshot;
  }
}
