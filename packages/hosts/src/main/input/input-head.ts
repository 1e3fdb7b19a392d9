/** The first bytes of an input, by which people and programs know what kind of file it is. */

/** As many as the signatures of file formats need. */
export const HEAD_BYTES = 512;

/** Copies them out of chunks that pass by. */
export class InputHead {
  readonly #kept = new Uint8Array(HEAD_BYTES);
  #length = 0;

  get bytes(): Uint8Array {
    return this.#kept.subarray(0, this.#length);
  }

  add(chunk: Uint8Array): void {
    if (this.#length === HEAD_BYTES) return;
    const piece = chunk.subarray(0, HEAD_BYTES - this.#length);
    this.#kept.set(piece, this.#length);
    this.#length += piece.length;
  }
}
