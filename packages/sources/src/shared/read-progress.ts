/** How much a source has read of what there is, where it knows: written by its worker, read by the main thread. */
export class ReadProgress {
  readonly memory: SharedArrayBuffer;
  readonly #values: Float64Array;

  constructor(memory = new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#values = new Float64Array(memory);
  }

  /** Bytes that were read, of compressed files as they lie there. */
  get done(): number {
    return this.#values[0] ?? 0;
  }

  set done(bytes: number) {
    this.#values[0] = bytes;
  }

  /** Bytes that there are; 0: unknown. */
  get total(): number {
    return this.#values[1] ?? 0;
  }

  set total(bytes: number) {
    this.#values[1] = bytes;
  }

  /** From 0 to 1; undefined where it is not known. */
  get share(): number | undefined {
    return this.total === 0 ? undefined : Math.min(1, this.done / this.total);
  }
}
