/**
 * How many workers may be in use at once. A taker gets all that it needs or waits, first come first served: takers that
 * each held a part and waited for the rest would wait for ever.
 */
export class Permits {
  readonly total: number;
  #free: number;
  readonly #waiting: Waiter[] = [];

  constructor(total: number) {
    this.total = total;
    this.#free = total;
  }

  /**
   * @param onWaiting called once when the permits are not there at once.
   * @returns a function that gives the permits back; calling it again is harmless.
   * @throws the signal's reason when it is aborted before the permits are there.
   */
  async take(count: number, signal?: AbortSignal, onWaiting?: () => void): Promise<() => void> {
    if (count > this.total)
      throw new RangeError(
        `${count} workers are needed at once, but only ${this.total} may run. Make the pool larger (maxInstances).`,
      );
    signal?.throwIfAborted();
    if (this.#waiting.length > 0 || this.#free < count) {
      onWaiting?.();
      await this.#wait(count, signal);
    } else {
      this.#free -= count;
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#free += count;
      this.#serve();
    };
  }

  #wait(count: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal?.reason);
        this.#serve();
      };
      const waiter: Waiter = {
        count,
        grant: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      this.#waiting.push(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.count <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.count;
      next.grant();
    }
  }
}

interface Waiter {
  readonly count: number;
  readonly grant: () => void;
}
