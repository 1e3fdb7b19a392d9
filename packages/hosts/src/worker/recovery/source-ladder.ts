/**
 * What to do when a byte-source plugin has failed in `read`. The first failure at a position is answered with a fresh instance
 * alone. When the same range fails again, it is read in shorter and shorter reads, so that all that can be read of it is
 * delivered; when a single byte still fails, or it has taken too long, there is no way on: a source cannot be asked for
 * what lies behind.
 */
import type { FailedRange } from '../../shared/protocol/byte-source-messages.js';
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';
import { RestartLimit } from '../../shared/restart-limit.js';
import { RecoveryBudget } from './fresh-instance.js';

/** Each time that a range fails, what is asked for at once in it becomes so much shorter. */
const SHORTEN_BY = 4;

export class SourceLadder {
  readonly budget: RecoveryBudget;
  /** Kept as long as an instance may have to read it again. */
  #ranges: readonly FailedRange[];

  /** @param ranges what a ladder before this one has found */
  constructor(options: RecoveryOptions, ranges: readonly FailedRange[] = []) {
    this.budget = new RecoveryBudget(options, new RestartLimit(options));
    this.#ranges = ranges;
  }

  /** For a ladder that takes the place of this one. Another list whenever it has changed. */
  get failedRanges(): readonly FailedRange[] {
    return this.#ranges;
  }

  /** Whether any range is to be read with care. */
  get hasFailedRanges(): boolean {
    return this.#ranges.length > 0;
  }

  /** How many bytes a read at `offset` may ask for, of at most `most`. */
  lengthAt(offset: number, most: number): number {
    let length = most;
    for (const range of this.#ranges) {
      if (offset >= range.from && offset < range.until) length = Math.min(length, range.most);
      else if (offset < range.from && range.most < most) length = Math.min(length, range.from - offset);
    }
    return length;
  }

  /** A read of `asked` bytes at `offset` failed. Returns whether a fresh instance may try. */
  failed(offset: number, asked: number, now: number): boolean {
    if (!this.budget.allowsRestart(now)) return false;
    const until = offset + asked;
    const around = this.#ranges.filter((range) => offset >= range.from && offset < range.until);
    const since = Math.min(now, ...around.map((range) => range.since));
    if (around.length > 0 && this.budget.isOver(since, now)) return false;
    if (asked === 1 && around.some((range) => range.from === offset && range.until === until)) return false;
    const most = around.length === 0 ? asked : Math.max(1, Math.floor(asked / SHORTEN_BY));
    const others = this.#ranges.filter((range) => range.from !== offset || range.until !== until);
    this.#ranges = [...others, { from: offset, until, most, since }];
    return true;
  }

  /**
   * Everything before `offset` is delivered.
   * @param readAgain whether a fresh instance reads it again: then it has to know what failed there more than once
   */
  passed(offset: number, readAgain: boolean): void {
    const left = this.#ranges.filter(({ from, until, most }) => until > offset || (readAgain && most < until - from));
    if (left.length < this.#ranges.length) this.#ranges = left;
  }
}
