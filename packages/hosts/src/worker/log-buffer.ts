/** Log lines of a plugin on their way to the main thread: gathered, posted in one message a turn, bounded in number. */
import { LOG_LEVELS, type LogLevel } from '../shared/config-schema.js';
import type { LogRecord } from '../shared/messages.js';

/** Lines that an error carries. */
const LAST_LINES = 20;
const LAST_LINE_LENGTH = 1000;
/** Lines kept between two flushes; more are dropped and counted. */
const MAX_LINES = 1000;

export class LogBuffer {
  readonly #post: (records: readonly LogRecord[], dropped: number) => void;
  readonly #kept: ReadonlySet<LogLevel>;
  #records: LogRecord[] = [];
  #dropped = 0;
  readonly #lastLines: string[] = [];

  /** @param level the least level that is kept */
  constructor(level: LogLevel, post: (records: readonly LogRecord[], dropped: number) => void) {
    this.#kept = new Set(LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1));
    this.#post = post;
  }

  add(level: LogLevel, message: string): void {
    this.#lastLines.push(message.slice(0, LAST_LINE_LENGTH));
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    if (!this.#kept.has(level)) return;
    if (this.#records.length < MAX_LINES) this.#records.push({ level, message, time: Date.now() });
    else this.#dropped++;
  }

  flush(): void {
    if (this.#records.length === 0) return;
    this.#post(this.#records, this.#dropped);
    this.#records = [];
    this.#dropped = 0;
  }

  /** The last lines of any level, for errors. */
  lastLines(): readonly string[] {
    return [...this.#lastLines];
  }
}
