/**
 * What to do when a byte-source plugin has failed in `read`. The first failure at a position is answered with a fresh instance
 * alone. When the same stretch fails again, it is read in shorter and shorter pieces, so that all that can be read of it is
 * delivered; when a single byte still fails, or it has taken too long, there is no way on: a source cannot be asked for
 * what lies behind.
 */
import type { SourceTrouble } from '../../shared/protocol/byte-source-messages.js';
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';
import { RestartLimit } from '../../shared/restart-limit.js';

/** Each time that a stretch fails, what is asked for at once in it becomes so much shorter. */
const SHORTEN_BY = 4;

export class SourceLadder {
  readonly #options: RecoveryOptions;
  readonly #limit: RestartLimit;
  /** Kept as long as an instance may have to read it again. */
  #troubles: readonly SourceTrouble[];
  #startingSince: number | undefined;

  /** @param troubles what a ladder before this one has come to */
  constructor(options: RecoveryOptions, troubles: readonly SourceTrouble[] = []) {
    this.#options = options;
    this.#limit = new RestartLimit(options);
    this.#troubles = troubles;
  }

  /** For a ladder that takes the place of this one. Another list whenever it has changed. */
  get troubles(): readonly SourceTrouble[] {
    return this.#troubles;
  }

  /** Whether any stretch is to be read with care. */
  get troubled(): boolean {
    return this.#troubles.length > 0;
  }

  /** How many bytes a read at `offset` may ask for, of at most `most`. */
  lengthAt(offset: number, most: number): number {
    let length = most;
    for (const trouble of this.#troubles) {
      if (offset >= trouble.from && offset < trouble.until) length = Math.min(length, trouble.most);
      else if (offset < trouble.from && trouble.most < most) length = Math.min(length, trouble.from - offset);
    }
    return length;
  }

  /** A read of `asked` bytes at `offset` failed. Returns whether a fresh instance may try. */
  failed(offset: number, asked: number, now: number): boolean {
    if (!this.#limit.allows(now)) return false;
    const until = offset + asked;
    const around = this.#troubles.filter((trouble) => offset >= trouble.from && offset < trouble.until);
    const since = Math.min(now, ...around.map((trouble) => trouble.since));
    if (around.length > 0 && this.#outOfTime(since, now)) return false;
    if (asked === 1 && around.some((trouble) => trouble.from === offset && trouble.until === until)) return false;
    const most = around.length === 0 ? asked : Math.max(1, Math.floor(asked / SHORTEN_BY));
    const others = this.#troubles.filter((trouble) => trouble.from !== offset || trouble.until !== until);
    this.#troubles = [...others, { from: offset, until, most, since }];
    return true;
  }

  /** A fresh instance failed before it could be read. Returns whether another one may try. */
  failedToStart(now: number): boolean {
    this.#startingSince ??= now;
    return this.#limit.allows(now) && !this.#outOfTime(this.#startingSince, now);
  }

  started(): void {
    this.#startingSince = undefined;
  }

  /**
   * Everything before `offset` is delivered.
   * @param readAgain whether a fresh instance reads it again: then it has to know what failed there more than once
   */
  passed(offset: number, readAgain: boolean): void {
    const left = this.#troubles.filter(({ from, until, most }) => until > offset || (readAgain && most < until - from));
    if (left.length < this.#troubles.length) this.#troubles = left;
  }

  #outOfTime(since: number, now: number): boolean {
    return now - since >= this.#options.narrowingMs;
  }
}
