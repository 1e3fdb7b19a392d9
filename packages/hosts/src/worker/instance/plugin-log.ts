/**
 * Log lines of a plugin on their way to the main thread: gathered, posted in one message a turn, and bounded in number and
 * size, since a plugin may log without end while nobody takes the lines. What is dropped is counted.
 */
import { LOG_LEVELS, type LogLevel } from '../../shared/config/config-schema.js';
import { LastLines } from '../../shared/last-lines.js';
import type { LogLimits } from '../../shared/protocol/log-limits.js';
import type { LogLine } from '../../shared/protocol/log-line.js';
import { DEFAULT_LOG_LIMITS } from '../../shared/protocol/session-defaults.js';

/**
 * So many messages between two turns are posted at once, not gathered. When a plugin never returns, its thread is ended, and what
 * was only gathered is lost with it.
 */
const EARLY_POSTS = 16;

export class PluginLog {
  readonly #post: (lines: readonly LogLine[], dropped: number) => void;
  readonly #kept: ReadonlySet<LogLevel>;
  readonly #limits: Omit<LogLimits, 'outputBytesPerSecond'>;
  #lines: LogLine[] = [];
  /** Lines dropped before the first of `#lines`, and since. */
  #droppedBefore = 0;
  #droppedSince = 0;
  #secondBegan = 0;
  #linesInSecond = 0;
  #characters = 0;
  #earlyPosts = EARLY_POSTS;
  readonly #lastLines = new LastLines();

  /** @param level the least level that is kept */
  constructor(
    level: LogLevel,
    post: (lines: readonly LogLine[], dropped: number) => void,
    limits: Partial<LogLimits> = {},
  ) {
    this.#kept = new Set(LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1));
    this.#post = post;
    this.#limits = { ...DEFAULT_LOG_LIMITS, ...limits };
  }

  /** One line of the plugin's own log. */
  add(level: LogLevel, message: string): void {
    this.#lastLines.add(message);
    if (this.#kept.has(level)) this.#keep('log', level, message);
  }

  /** One line of what the plugin writes. */
  addOutput(source: 'stdout' | 'stderr', line: string): void {
    this.#lastLines.add(line);
    this.#keep(source, source === 'stdout' ? 'info' : 'error', line);
  }

  /** Told at most once a second of each stream; always kept, since nothing else counts these bytes. */
  addDroppedOutput(source: 'stdout' | 'stderr', byteLength: number): void {
    const level = source === 'stdout' ? 'info' : 'error';
    this.#lines.push({ source, level, message: `(${byteLength} more bytes were dropped)`, time: Date.now() });
  }

  /** One line of the host's own, always kept. */
  addOwn(message: string): void {
    this.#lines.push({ source: 'host', level: 'warn', message, time: Date.now() });
  }

  #keep(source: LogLine['source'], level: LogLevel, message: string): void {
    const time = Date.now();
    if (this.#isWithinLimits(message.length, time)) this.#lines.push({ source, level, message, time });
    else if (this.#lines.length === 0) this.#droppedBefore++;
    else this.#droppedSince++;
  }

  /** Posts what was gathered. Called between two turns. */
  flush(): void {
    this.#earlyPosts = EARLY_POSTS;
    this.#postGathered();
  }

  /** Posts what was gathered, in the middle of a turn, unless that has happened too often in it. */
  flushEarly(): void {
    if (this.#earlyPosts === 0) return;
    this.#earlyPosts--;
    this.#postGathered();
  }

  #postGathered(): void {
    if (this.#lines.length === 0) return;
    this.#post(this.#lines, this.#droppedBefore);
    this.#lines = [];
    this.#droppedBefore = this.#droppedSince;
    this.#droppedSince = 0;
  }

  /** Flushes at the end: a line of the host reports the lines that were dropped last. */
  end(): void {
    this.flush();
    if (this.#droppedBefore === 0) return;
    const dropped = this.#droppedBefore;
    this.#droppedBefore = 0;
    const message = `${dropped} log lines were dropped here: the plugin logs too much.`;
    this.#post([{ source: 'host', level: 'warn', message, time: Date.now() }], dropped);
  }

  /** The last lines of any level, for errors. */
  lastLines(): readonly string[] {
    return this.#lastLines.lines;
  }

  /** A fresh instance begins: what the one before wrote says nothing of it. */
  forgetLastLines(): void {
    this.#lastLines.clear();
  }

  #isWithinLimits(characters: number, time: number): boolean {
    if (time < this.#secondBegan || time - this.#secondBegan >= 1000) {
      this.#secondBegan = time;
      this.#linesInSecond = 0;
      this.#characters = 0;
    }
    const { linesPerTurn, linesPerSecond, charactersPerSecond } = this.#limits;
    if (this.#lines.length >= linesPerTurn || this.#linesInSecond >= linesPerSecond) return false;
    if (this.#characters + characters > charactersPerSecond) return false;
    this.#linesInSecond++;
    this.#characters += characters;
    return true;
  }
}
