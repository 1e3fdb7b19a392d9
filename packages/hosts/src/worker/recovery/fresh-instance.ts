/** Fresh instances in the place of one that failed, and how many of them there may be. */
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';
import type { RestartLimit } from '../../shared/restart-limit.js';
import type { InstanceSlot } from '../instance/instance-manager.js';
import type { Turns } from '../instance/turns.js';

/**
 * Puts a fresh instance in the place of the one that there is; another one where that fails to start.
 * @param mayTryAgain whether another one may be tried behind this error
 * @throws the error of the last one that failed to start
 */
export async function replaceInstance(
  instance: Pick<InstanceSlot<unknown>, 'replace'>,
  turns: Turns,
  mayTryAgain: (error: unknown) => boolean,
): Promise<void> {
  for (;;) {
    try {
      return await instance.replace();
    } catch (error) {
      if (!mayTryAgain(error)) throw error;
      await turns.give();
    }
  }
}

/** Counts fresh instances, and how long one failure is looked into. */
export class RecoveryBudget {
  readonly #narrowingMs: number;
  readonly #limit: RestartLimit;
  #startingSince: number | undefined;

  constructor({ narrowingMs }: Pick<RecoveryOptions, 'narrowingMs'>, limit: RestartLimit) {
    this.#narrowingMs = narrowingMs;
    this.#limit = limit;
  }

  /** Counts one more instance; returns whether there may be one. */
  allowsRestart(now: number): boolean {
    return this.#limit.allows(now);
  }

  /** Whether what has failed since then was looked into for long enough. */
  isOver(since: number, now: number): boolean {
    return now - since >= this.#narrowingMs;
  }

  /** A fresh instance failed before it was given any input. Returns whether another one may try. */
  failedToStart(now: number): boolean {
    this.#startingSince ??= now;
    return this.allowsRestart(now) && !this.isOver(this.#startingSince, now);
  }

  started(): void {
    this.#startingSince = undefined;
  }
}
