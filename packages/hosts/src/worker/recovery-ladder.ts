/**
 * What to do when a plugin has failed on a slice of input. The first failure at a position is answered with a fresh instance,
 * since it may have been a matter of chance or of state. When the same position fails again, shorter and longer slices are
 * tried, each halving what is not known, until the shortest slice that fails is found: that piece is given up as a gap.
 * Too many fresh instances in a while end the session.
 */
import type { RecoveryOptions } from '../shared/messages.js';

export type RecoveryStep =
  /** Try again with a whole window. */
  | { readonly kind: 'retry' }
  /** Try a slice of just so many bytes. */
  | { readonly kind: 'probe'; readonly bytes: number }
  /** Give up so many bytes. */
  | { readonly kind: 'gap'; readonly bytes: number }
  | { readonly kind: 'give-up' };

/** A position that has failed twice: slices up to `passes` bytes do no harm there, one of `fails` bytes fails. */
interface Narrowing {
  passes: number;
  fails: number;
  readonly since: number;
}

export class RecoveryLadder {
  readonly #options: RecoveryOptions;
  /** When the last instances were replaced, in milliseconds. */
  #restarts: number[] = [];
  #failedAt: number | undefined;
  #narrowing: Narrowing | undefined;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** Whether the current position has failed before. */
  get troubled(): boolean {
    return this.#failedAt !== undefined;
  }

  /** The plugin failed on a slice of `sliceBytes` at `offset`; a fresh instance is about to replace it. */
  failed(offset: number, sliceBytes: number, now: number): RecoveryStep {
    if (!this.#mayRestart(now)) return { kind: 'give-up' };
    if (this.#failedAt !== offset) {
      this.#failedAt = offset;
      this.#narrowing = undefined;
      return { kind: 'retry' };
    }
    if (this.#narrowing === undefined) this.#narrowing = { passes: 0, fails: sliceBytes, since: now };
    else this.#narrowing.fails = Math.min(this.#narrowing.fails, sliceBytes);
    return this.#narrow(this.#narrowing, now);
  }

  /** The plugin wanted more than the slice that it was tried with. Undefined when no slice is being tried. */
  passed(sliceBytes: number, now: number): RecoveryStep | undefined {
    if (this.#narrowing === undefined) return undefined;
    this.#narrowing.passes = Math.max(this.#narrowing.passes, sliceBytes);
    return this.#narrow(this.#narrowing, now);
  }

  /** Input was consumed: what was tried is over. */
  progressed(): void {
    this.#failedAt = undefined;
    this.#narrowing = undefined;
  }

  #narrow({ passes, fails, since }: Narrowing, now: number): RecoveryStep {
    const outOfTime = this.#options.narrowingMs > 0 && now - since > this.#options.narrowingMs;
    if (fails - passes > 1 && !outOfTime) return { kind: 'probe', bytes: passes + Math.floor((fails - passes) / 2) };
    this.progressed();
    return { kind: 'gap', bytes: fails };
  }

  #mayRestart(now: number): boolean {
    const { maxRestarts, restartWindowMs } = this.#options;
    this.#restarts = this.#restarts.filter((at) => now - at < restartWindowMs);
    this.#restarts.push(now);
    return this.#restarts.length <= maxRestarts;
  }
}
