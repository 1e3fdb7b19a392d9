/**
 * Lines of text as UTF-8, made of bytes that are UTF-8 already: nothing is decoded, and no string is made. Chunks are independent
 * copies, worth a write each.
 */

/** A line that is longer gets a chunk as long as it is. */
const CHUNK_BYTES = 1024 * 1024;
/** Up to here a loop is quicker than a call that leaves JavaScript. */
const SHORT_BYTES = 24;

export class LineEncoder {
  #chunk = new Uint8Array(0);
  #at = 0;

  /** Whether `bytes` more go into the chunk that is being filled. */
  hasRoom(bytes: number): boolean {
    return this.#at + bytes <= this.#chunk.length;
  }

  /** What was added since the last time; none when that is nothing. Then there is room for `bytes`, and more. */
  *turn(bytes: number): Generator<Uint8Array, void, undefined> {
    if (this.#at > 0) yield this.#chunk.subarray(0, this.#at);
    this.#chunk = new Uint8Array(bytes === 0 ? 0 : Math.max(bytes, CHUNK_BYTES));
    this.#at = 0;
  }

  /** There must be room for it. */
  add(from: Uint8Array, start: number, end: number): void {
    const chunk = this.#chunk;
    let at = this.#at;
    this.#at += end - start;
    if (end - start > SHORT_BYTES) chunk.set(from.subarray(start, end), at);
    else for (let byte = start; byte < end; byte++) chunk[at++] = from[byte] as number;
  }
}
