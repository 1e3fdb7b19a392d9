/** A digest of items that is cheap enough to be taken while they are measured: how many, how long, and their last characters. */
export class Digest {
  #items = 0;
  #length = 0;
  #last = 0;

  add(text: string): void {
    this.#items++;
    this.#length += text.length;
    this.#last = (this.#last + text.charCodeAt(text.length - 1)) >>> 0;
  }

  toString(): string {
    return `${this.#items} items, ${this.#length} characters, checksum ${this.#last}`;
  }
}
