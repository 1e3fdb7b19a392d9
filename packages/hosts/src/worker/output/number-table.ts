/** A growing table of u32. */
export class NumberTable {
  #values = new Uint32Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get last(): number {
    return this.#length === 0 ? 0 : (this.#values[this.#length - 1] as number);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Uint32Array(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  replaceLast(value: number): void {
    this.#values[this.#length - 1] = value;
  }

  truncate(length: number): void {
    this.#length = length;
  }

  clear(): void {
    this.#length = 0;
    if (this.#values.length > 1 << 20) this.#values = new Uint32Array(64);
  }

  /** The values themselves; valid until the next push. */
  view(): Uint32Array {
    return this.#values.subarray(0, this.#length);
  }
}
