/** Turns of a worker's event loop, which answer control calls and send log lines. */

/** A loop that does not wait gives the event loop a turn this often, in milliseconds. */
const TURN_MS = 25;

export class Turns {
  readonly #beforeTurn: () => void;
  #due = 0;
  #lookedAt = 0;

  /** @param beforeTurn called when the event loop is about to have its turn */
  constructor(beforeTurn: () => void) {
    this.#beforeTurn = beforeTurn;
  }

  get isDue(): boolean {
    this.#lookedAt = performance.now();
    return this.#lookedAt > this.#due;
  }

  /** When it was last asked whether a turn is due, by `performance.now`: a look at the clock costs more than most of what it would measure. */
  get lookedAt(): number {
    return this.#lookedAt;
  }

  /** Milliseconds until a turn is due; negative when it is late. */
  get leftMs(): number {
    return this.#due - performance.now();
  }

  /** The time until the next turn begins anew. */
  restart(): void {
    this.#lookedAt = performance.now();
    this.#due = this.#lookedAt + TURN_MS;
  }

  /** Passes on what was logged, for a loop that is about to wait in another way. */
  announce(): void {
    this.#beforeTurn();
  }

  async give(): Promise<void> {
    this.#beforeTurn();
    await new Promise((resolve) => setImmediate(resolve));
    this.restart();
  }
}

/**
 * Does work of the thread and waits for what it comes to, in turn, until a wait has an outcome.
 * @param recover called with what either of them throws; throws when there is no going on
 */
export async function alternate<Pause, Outcome>(
  work: () => Pause,
  wait: (pause: Pause) => Promise<Outcome | undefined>,
  recover: (error: unknown) => Promise<void>,
): Promise<Outcome> {
  for (;;) {
    try {
      const outcome = await wait(work());
      if (outcome !== undefined) return outcome;
    } catch (error) {
      await recover(error);
    }
  }
}
