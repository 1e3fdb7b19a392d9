/**
 * Keeps a stretch of an input that is read again and again: slices of a parser that uses up little of each, down to one byte where
 * it finds no item. Reading the file for each would cost a system call every time.
 */

/** Reads of up to so many bytes are served; of longer ones the copy costs as much as the reading. */
const LARGEST_READ_BYTES = 128 * 1024;
const BUFFER_BYTES = 512 * 1024;
/** So many reads of one stretch show that there will be more: the end of an input may be read twice or three times. */
const MIN_REPEATED_READS = 3;

export class ReadAgainBuffer {
  /** Made when something is read again and again: most inputs are read once. */
  #buffer: Uint8Array | undefined;
  /** Where in the input the buffer begins, and how much it holds. */
  #start = 0;
  #filled = 0;
  /** What was read last. */
  #lastStart = 0;
  #lastEnd = 0;
  #timesAgain = 0;

  /**
   * Fills all of `target` with the bytes from `offset` on, or does nothing and returns false.
   * @param fill reads the input itself; returns how many bytes it got
   */
  read(target: Uint8Array, offset: number, fill: (into: Uint8Array, from: number) => number): boolean {
    const end = offset + target.length;
    const readAgain = offset >= this.#lastStart && offset < this.#lastEnd && target.length <= LARGEST_READ_BYTES;
    this.#timesAgain = readAgain ? this.#timesAgain + 1 : 0;
    this.#lastStart = offset;
    this.#lastEnd = end;
    if (this.#timesAgain < MIN_REPEATED_READS) return false;
    if (offset < this.#start || end > this.#start + this.#filled) {
      this.#buffer ??= new Uint8Array(BUFFER_BYTES);
      // Whatever `fill` throws, nothing stale is kept.
      this.#filled = 0;
      this.#start = offset;
      this.#filled = fill(this.#buffer, offset);
      if (this.#filled < target.length) return false;
    }
    const at = offset - this.#start;
    target.set((this.#buffer as Uint8Array).subarray(at, at + target.length));
    return true;
  }
}
