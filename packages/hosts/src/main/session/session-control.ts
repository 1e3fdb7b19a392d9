/** Holds a session's input, lets it go on, and ends it, while the session goes on with what was read. */
import type { OpenedInput } from '../input/opened-input.js';
import type { Lane } from './lane.js';

/** What it does of an input: where nothing of it comes through a ring, the parsers' workers do it. */
type HeldInput = Pick<OpenedInput, 'hold'>;

export class SessionControl {
  readonly #lanes: readonly Lane[];
  readonly #input: HeldInput;
  #isPaused = false;
  #isStopped = false;

  constructor(lanes: readonly Lane[], input: HeldInput) {
    this.#lanes = lanes;
    this.#input = input;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(): void {
    if (this.#isStopped) return;
    this.#isPaused = true;
    for (const hold of this.#holds) hold.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const hold of this.#holds) hold.resume();
  }

  stop(): void {
    this.#isStopped = true;
    this.#isPaused = false;
    for (const hold of this.#holds) hold.end();
  }

  get #holds() {
    const { hold } = this.#input;
    return hold === undefined ? this.#lanes.map(({ run }) => run.hold) : [hold];
  }
}
