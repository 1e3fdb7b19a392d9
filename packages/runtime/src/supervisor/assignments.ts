/**
 * Knows which of Piscina's tasks has which thread. Piscina itself tells only of a task whose thread has failed, and not of one that
 * waits for a thread which failed to start; so we choose the thread for each task, as its load balancer, and remember it.
 */
import type { Piscina } from 'piscina';

/** Piscina exports it under no name. */
export type LoadBalancer = NonNullable<ConstructorParameters<typeof Piscina>[0]>['loadBalancer'] & {};

export class Assignments<Entry> {
  /** What is being handed to Piscina: it asks for a thread in the same call. */
  #submitting: Entry | undefined;
  readonly #waiting = new Map<number, Entry>();
  readonly #threads = new Map<Entry, number>();

  /** A thread that does nothing; null when there is none. */
  readonly balancer: LoadBalancer = ({ taskId }, workers) => {
    if (this.#submitting !== undefined) this.#waiting.set(taskId, this.#submitting);
    this.#submitting = undefined;
    const worker = workers.find(
      ({ currentUsage, terminating, destroyed }) => currentUsage === 0 && !terminating && !destroyed,
    );
    const entry = this.#waiting.get(taskId);
    if (worker === undefined) return null;
    if (entry !== undefined) this.#threads.set(entry, worker.id);
    this.#waiting.delete(taskId);
    return worker;
  };

  /** @param submit hands the entry's task to Piscina */
  submit<Result>(entry: Entry, submit: () => Result): Result {
    this.#submitting = entry;
    try {
      return submit();
    } finally {
      this.#submitting = undefined;
    }
  }

  /** Number of the thread that the entry's task was given; undefined as long as it waits for one. */
  threadOf(entry: Entry): number | undefined {
    return this.#threads.get(entry);
  }

  /** Those that wait for a thread, in the order in which they came. */
  get waiting(): readonly Entry[] {
    return [...this.#waiting.values()];
  }

  forget(entry: Entry): void {
    this.#threads.delete(entry);
    for (const [taskId, waiting] of this.#waiting) if (waiting === entry) this.#waiting.delete(taskId);
  }
}
