/** Carries out what the ladder says within the loop: what is tried next, and the records of restarts and gaps. */

import type { RecordedError } from '@chipmunk-host/batch';
import { PluginError } from '@chipmunk-host/runtime/internal/worker';
import type { LostInstance } from '../../shared/protocol/parser-messages.js';
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';
import type { RestartLimit } from '../../shared/restart-limit.js';
import type { BatchPublisher } from '../output/batch-publisher.js';
import { recordedError } from './recorded-error.js';
import { RecoveryLadder, type RecoveryStep } from './recovery-ladder.js';

export interface RecoveryParts {
  readonly recovery: RecoveryOptions;
  readonly restartLimit: RestartLimit;
  /** Told, before it is given up, of input on which the plugin failed. */
  onLostInput(offset: number, byteLength: number, error: RecordedError): void;
}

export class Recovery {
  readonly #onLostInput: RecoveryParts['onLostInput'];
  readonly #ladder: RecoveryLadder;
  readonly #enabled: boolean;
  readonly #out: BatchPublisher;
  /** Position in the input from which on the ladder's steps apply: where instances whose threads were lost have failed. */
  #from = -1;
  /** The slice to try next, when a failure is being narrowed down. */
  #probeBytes: number | undefined;
  #gapBytes: number | undefined;
  /** Whether the slice to try next is for a fresh instance. */
  #freshDue = false;
  #wholeSlice = false;
  /** Fresh instances that no record reports yet. */
  #unreported = 0;
  #lastError: RecordedError | undefined;

  constructor({ recovery, restartLimit, onLostInput }: RecoveryParts, out: BatchPublisher) {
    this.#onLostInput = onLostInput;
    this.#ladder = new RecoveryLadder(recovery, restartLimit);
    this.#enabled = recovery.maxRestarts > 0;
    this.#out = out;
  }

  get probeBytes(): number | undefined {
    return this.#isThere ? this.#probeBytes : undefined;
  }

  get probing(): boolean {
    return this.probeBytes !== undefined;
  }

  get #isThere(): boolean {
    return this.#out.offset >= this.#from;
  }

  /** Whether the plugin has failed before at the loop's position, or at one that it is about to reach. */
  get hasFailedHere(): boolean {
    return this.#ladder.hasFailedHere;
  }

  /** Whether a fresh instance has to take over although this one has not failed. */
  get freshIsDue(): boolean {
    return this.#isThere && (this.#freshDue || this.#gapBytes !== undefined);
  }

  /** The gap that the search for the failing slice ended with; returned once. */
  dueGap(): number | undefined {
    const bytes = this.#gapBytes;
    this.#gapBytes = undefined;
    this.#freshDue = false;
    return bytes;
  }

  /** The next failure is not to be narrowed down: all of its slice is given up. */
  giveUpWholeSlice(): void {
    this.#wholeSlice = true;
  }

  /** Input was consumed. What was tried is over, once the loop is behind where it has failed. */
  progressed(): void {
    if (this.#out.offset <= this.#from) return;
    this.#ladder.progressed();
    this.#probeBytes = undefined;
  }

  /** A slice that was tried did no harm, but yielded nothing. */
  passed(sliceBytes: number): void {
    const step = this.#ladder.passed(sliceBytes, performance.now());
    if (step === undefined) return;
    this.#apply(step);
    if (this.freshIsDue) this.#unreported++;
  }

  /**
   * The plugin failed on a slice. Returns the bytes to give up, if any; a fresh instance is to go on behind them.
   * @param first whether the slice was the first one of its instance
   * @throws the error when it cannot be recovered from
   */
  async failed(error: unknown, sliceBytes: number, first: boolean): Promise<number | undefined> {
    await this.#out.flush();
    if (!(error instanceof PluginError && error.recoverable)) throw error;
    if (!this.#enabled) return this.#end(error, sliceBytes);
    this.#from = -1;
    let step = this.#ladder.failed(this.#out.offset, sliceBytes, performance.now(), first);
    if (step.kind === 'give-up') return this.#end(error, sliceBytes);
    if (this.#wholeSlice) step = { kind: 'gap', bytes: sliceBytes };
    this.#wholeSlice = false;
    this.#unreported++;
    this.#lastError = recordedError(error);
    this.#apply(step);
    if (step.kind === 'retry') await this.report();
    return this.dueGap();
  }

  /** A fresh instance failed before it was given any input. Returns whether there may be another. */
  startsAgain(error: unknown): boolean {
    if (!(error instanceof PluginError && error.recoverable && this.#enabled)) return false;
    if (!this.#ladder.budget.failedToStart(performance.now())) return false;
    this.#unreported++;
    this.#lastError = recordedError(error);
    return true;
  }

  started(): void {
    this.#ladder.budget.started();
  }

  /**
   * Takes over what is known of instances whose threads were lost, all at one position. The loop may begin before it: what those
   * instances had gathered and not published was lost with them.
   */
  async resume(failures: readonly LostInstance[], unreported: number): Promise<void> {
    let last: RecoveryStep | undefined;
    for (const { offset, sliceBytes, sliceIsFirst, ageMs, error } of failures) {
      this.#lastError = error;
      // It ended before it was given any input: that says nothing of the input.
      if (sliceBytes === 0) continue;
      this.#from = offset;
      last = this.#ladder.failed(offset, sliceBytes, performance.now() - ageMs, sliceIsFirst);
      if (last.kind !== 'give-up') this.#apply(last);
    }
    this.#unreported += unreported;
    if (this.freshIsDue && this.#gapBytes !== undefined) await this.reportGap(this.dueGap() ?? 0);
    else if (last?.kind !== 'probe' && last?.kind !== 'confirm') await this.report();
  }

  /** Publishes a record of the restarts that none reports yet. */
  async report(): Promise<void> {
    if (this.#unreported === 0 || this.#lastError === undefined) return;
    const restarts = this.#unreported;
    this.#unreported = 0;
    await this.#out.publishRecord({
      type: 'restart',
      side: 'parser',
      reason: 'failed',
      offset: this.#out.offset,
      length: 0,
      restarts,
      error: this.#lastError,
    });
  }

  /** Publishes a record of an instance that was recycled: a parser with state across items has lost it. */
  async reportRecycling(): Promise<void> {
    const { offset } = this.#out;
    await this.#out.publishRecord({
      type: 'restart',
      side: 'parser',
      reason: 'recycled',
      offset,
      length: 0,
      restarts: 1,
    });
  }

  async reportGap(bytes: number): Promise<void> {
    this.#from = -1;
    this.progressed();
    await this.#out.flush();
    if (this.#lastError === undefined) return;
    this.#onLostInput(this.#out.offset, bytes, this.#lastError);
    const restarts = this.#unreported;
    this.#unreported = 0;
    await this.#out.publishRecord({
      type: 'gap',
      offset: this.#out.offset,
      length: bytes,
      restarts,
      error: this.#lastError,
    });
  }

  /** There is no more recovering: the slice is what the plugin failed on last. */
  #end(error: PluginError, sliceBytes: number): never {
    this.#onLostInput(this.#out.offset, sliceBytes, recordedError(error));
    throw error;
  }

  #apply(step: RecoveryStep): void {
    this.#probeBytes = step.kind === 'probe' || step.kind === 'confirm' ? step.bytes : undefined;
    this.#freshDue = step.kind === 'confirm';
    this.#gapBytes = step.kind === 'gap' ? step.bytes : undefined;
  }
}
