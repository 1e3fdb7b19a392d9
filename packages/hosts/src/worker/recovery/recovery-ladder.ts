/**
 * What to do when a plugin has failed on a slice of input. The first failure at a position is answered with a fresh instance,
 * since it may have been a matter of chance or of state. When the same position fails again, shorter and longer slices are
 * tried, each halving what is not known, until the shortest slice that fails is found: that slice is given up as a gap, but
 * only when it is the first that a fresh instance gets and fails even then. A plugin that fails after so many calls, whatever
 * they are about, so loses no input. Too many fresh instances in a while end the session.
 */
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';
import { RestartLimit } from '../../shared/restart-limit.js';
import { RecoveryBudget } from './fresh-instance.js';

export type RecoveryStep =
  /** Try again with a whole window. */
  | { readonly kind: 'retry' }
  /** Try a slice of just so many bytes. */
  | { readonly kind: 'probe'; readonly bytes: number }
  /** Try a slice of just so many bytes with a fresh instance. */
  | { readonly kind: 'confirm'; readonly bytes: number }
  /** Give up so many bytes. */
  | { readonly kind: 'gap'; readonly bytes: number }
  | { readonly kind: 'give-up' };

/** A position that has failed twice: slices up to `passes` bytes do no harm there, one of `fails` bytes has failed. */
interface Narrowing {
  passes: number;
  fails: number;
  /** Whether a slice of `fails` bytes failed as the first one of an instance. */
  confirmed: boolean;
  readonly since: number;
}

export class RecoveryLadder {
  readonly budget: RecoveryBudget;
  #failedAt: number | undefined;
  #narrowing: Narrowing | undefined;

  /** @param limit counts the fresh instances, with those of other ladders of the session */
  constructor(options: RecoveryOptions, limit = new RestartLimit(options)) {
    this.budget = new RecoveryBudget(options, limit);
  }

  /** Whether the current position has failed before. */
  get hasFailedHere(): boolean {
    return this.#failedAt !== undefined;
  }

  /**
   * The plugin failed on a slice of `sliceBytes` at `offset`; a fresh instance is about to replace it.
   * @param first whether that slice was the first one of its instance
   */
  failed(offset: number, sliceBytes: number, now: number, first = true): RecoveryStep {
    if (!this.budget.allowsRestart(now)) return { kind: 'give-up' };
    if (this.#failedAt !== offset) {
      this.#failedAt = offset;
      this.#narrowing = undefined;
      return { kind: 'retry' };
    }
    this.#narrowing ??= { passes: 0, fails: Number.POSITIVE_INFINITY, confirmed: false, since: now };
    const narrowing = this.#narrowing;
    if (sliceBytes <= narrowing.fails) {
      narrowing.confirmed = first || (narrowing.confirmed && sliceBytes === narrowing.fails);
      narrowing.fails = sliceBytes;
      narrowing.passes = Math.min(narrowing.passes, sliceBytes - 1);
    }
    return this.#narrow(narrowing, now);
  }

  /** The plugin wanted more than the slice that it was tried with. Undefined when no slice is being tried. */
  passed(sliceBytes: number, now: number): RecoveryStep | undefined {
    const narrowing = this.#narrowing;
    if (narrowing === undefined) return undefined;
    narrowing.passes = Math.max(narrowing.passes, sliceBytes);
    if (narrowing.passes < narrowing.fails) return this.#narrow(narrowing, now);
    // What failed before does not fail: it was not the input's doing.
    narrowing.fails = Number.POSITIVE_INFINITY;
    narrowing.confirmed = false;
    return { kind: 'retry' };
  }

  /** Input was consumed: what was tried is over. */
  progressed(): void {
    this.#failedAt = undefined;
    this.#narrowing = undefined;
  }

  #narrow({ passes, fails, confirmed, since }: Narrowing, now: number): RecoveryStep {
    const outOfTime = this.budget.isOver(since, now);
    if (!outOfTime && fails - passes > 1) return { kind: 'probe', bytes: passes + Math.floor((fails - passes) / 2) };
    if (!outOfTime && !confirmed) return { kind: 'confirm', bytes: fails };
    this.progressed();
    return { kind: 'gap', bytes: fails };
  }
}
