/**
 * How many workers may be in use at once. A taker gets all that it needs or waits, first come first served: takers that
 * each held a part and waited for the rest would wait for ever.
 */
import { HostError } from '../../shared/errors.js';
import { onAbort } from '../abort-listeners.js';
import { callListener } from '../call-listener.js';

/** Timers cannot be longer; this is 24 days. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** What becomes of somebody who needs workers while all are in use. */
export interface WaitOptions {
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when the workers are not free at once. */
  readonly onWaiting?: (() => void) | undefined;
  /**
   * How long to wait for workers, in milliseconds, before it ends in `ERR_BUSY`. Default Infinity: as long as it takes. 0: not at all.
   */
  readonly waitMs?: number | undefined;
}

/** How much of a pool is in use. */
export interface PoolUsage {
  /** How many workers may be in use at once. */
  readonly maxInstances: number;
  /** Workers in use. A session takes one, and one more for a byte-source plugin and for each further instance of `parallel`. */
  readonly inUse: number;
  /** Sessions, and questions to a plugin about itself, that wait for workers. */
  readonly waiting: number;
}

export class Permits {
  readonly total: number;
  #free: number;
  readonly #waiting: Waiter[] = [];

  /** @throws HostError `ERR_INVALID_OPTION` when the total is no whole number of at least 1 */
  constructor(total: number) {
    if (!Number.isInteger(total) || total < 1)
      throw new HostError(
        'ERR_INVALID_OPTION',
        `The option maxInstances is ${total}; expected a whole number of at least 1.`,
      );
    this.total = total;
    this.#free = total;
  }

  get usage(): PoolUsage {
    return { maxInstances: this.total, inUse: this.total - this.#free, waiting: this.#waiting.length };
  }

  /**
   * @returns a function that gives the permits back; calling it again has no effect.
   * @throws HostError `ERR_INVALID_OPTION` when there never are so many, `ERR_BUSY` when they are not there within `waitMs`; the signal's
   * reason when it is aborted before they are there.
   */
  async take(count: number, options: WaitOptions = {}): Promise<() => void> {
    if (count > this.total)
      throw new HostError(
        'ERR_INVALID_OPTION',
        `${count} workers are needed at once, but only ${this.total} may run (maxInstances).`,
        { help: 'Make the pool larger, or ask for fewer instances (parallel).' },
      );
    options.signal?.throwIfAborted();
    if (this.#waiting.length > 0 || this.#free < count) await this.#wait(count, options);
    else this.#free -= count;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#free += count;
      this.#serve();
    };
  }

  #wait(count: number, { signal, onWaiting, waitMs = Number.POSITIVE_INFINITY }: WaitOptions): Promise<void> {
    if (waitMs <= 0) return Promise.reject(this.#busy(count, 0));
    return new Promise((resolve, reject) => {
      const giveUp = (reason: () => unknown) => {
        leave();
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(reason());
        // Those behind may need less.
        this.#serve();
      };
      const stopListening = onAbort(signal, () => giveUp(() => signal?.reason));
      const timer =
        waitMs <= LONGEST_TIMER_MS ? setTimeout(() => giveUp(() => this.#busy(count, waitMs)), waitMs) : undefined;
      const leave = () => {
        stopListening();
        clearTimeout(timer);
      };
      const grant = () => {
        leave();
        resolve();
      };
      const waiter: Waiter = { count, grant };
      this.#waiting.push(waiter);
      // Last, since it may abort the signal.
      callListener('onWaiting', onWaiting);
    });
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.count <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.count;
      next.grant();
    }
  }

  #busy(count: number, waitMs: number): HostError {
    const { maxInstances, inUse, waiting } = this.usage;
    const wanted = count === 1 ? 'No worker was' : `Fewer than ${count} workers were`;
    const when = waitMs === 0 ? 'free' : `free within ${waitMs} ms`;
    return new HostError(
      'ERR_BUSY',
      `${wanted} ${when}: ${inUse} of ${maxInstances} are in use, and others wait: ${waiting}.`,
      { help: 'Try again later, close sessions that nobody reads, or allow more workers (maxInstances).' },
    );
  }
}

interface Waiter {
  readonly count: number;
  readonly grant: () => void;
}
