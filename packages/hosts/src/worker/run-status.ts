/** Writes what shared/run-status.ts describes. */
import { StatusWord } from '../shared/run-status.js';

export class RunStatusWriter {
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  begin(): void {
    Atomics.store(this.#words, StatusWord.working, 1);
    Atomics.add(this.#words, StatusWord.beat, 1);
  }

  end(): void {
    Atomics.store(this.#words, StatusWord.working, 0);
    Atomics.add(this.#words, StatusWord.beat, 1);
  }

  slice(bytes: number): void {
    Atomics.store(this.#words, StatusWord.sliceBytes, bytes);
  }
}
