/** What is known of a parser's instances that were lost with their threads, all at one position of the input. */
import { Activity, type RingMark, serializeError } from '@chipmunk-host/runtime/internal/supervisor';
import type { LostInstance, ParserControl, RunRequest } from '../shared/protocol/parser-messages.js';
import { MAX_HANGING_THREADS, type SupervisedThread } from './supervised-thread.js';

interface Loss extends Omit<LostInstance, 'ageMs'> {
  /** By `performance.now()`. */
  readonly at: number;
  readonly inHost: boolean;
}

export class LostInstances {
  #losses: readonly Loss[] = [];
  /** Fresh instances that records had reported before the first of these losses. */
  #reportedBefore = 0;
  /** Threads that hang in system calls, wherever in the input. */
  #hanging = 0;

  /** @param published what the batches and records in the ring tell of */
  add(error: unknown, { status, instance }: SupervisedThread<ParserControl>, published: RingMark): void {
    const { overrun, hangs = false } = instance.loss ?? {};
    const inHost = overrun !== undefined && overrun.activity !== Activity.plugin;
    // What was gathered of the input in front of the slice was lost, too. Of the slice itself, items may have been delivered.
    const offset = Math.max(published.position, status.sliceOffset);
    if (this.#losses.at(-1)?.offset !== offset) {
      this.#losses = [];
      this.#reportedBefore = published.restarts;
    }
    // Once, the host's own slowness says nothing of the plugin (a slow disk, say). Twice at one position, less of it may do.
    const saysNothing = status.sliceBytes === 0 || (inHost && this.#losses.at(-1)?.inHost !== true);
    const loss: Loss = {
      offset,
      sliceBytes: saysNothing ? 0 : Math.max(1, status.sliceBytes - (offset - status.sliceOffset)),
      sliceIsFirst: status.sliceIsFirst && offset === status.sliceOffset,
      error: serializeError(error),
      at: performance.now(),
      inHost,
    };
    this.#losses = [...this.#losses, loss];
    if (hangs) this.#hanging++;
  }

  /** How many of them were lost before they were given any input. */
  get idle(): number {
    return this.#losses.filter(({ sliceBytes }) => sliceBytes === 0).length;
  }

  /** Whether too many threads hang in system calls. */
  get tooManyHang(): boolean {
    return this.#hanging >= MAX_HANGING_THREADS;
  }

  /** What an instance that takes over gets. */
  resumption(published: RingMark): Pick<RunRequest, 'failures' | 'unreported'> {
    const now = performance.now();
    const failures = this.#losses.map(({ at, inHost: _, ...loss }) => ({ ...loss, ageMs: now - at }));
    const reported = published.restarts - this.#reportedBefore;
    return { failures, unreported: Math.max(0, failures.length - reported) };
  }
}
