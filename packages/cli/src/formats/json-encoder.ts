/** JSON as bytes, of texts that are UTF-8 already: most of them need nothing but quotes, and are copied as they are. */

const CHUNK_BYTES = 1024 * 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PLAIN = 0x20;
const ZERO = 0x30;
const COMMA = 0x2c;
/** Digits of the largest whole number of a double, and more. */
const MAX_DIGITS = 20;

export class JsonEncoder {
  #chunk = Buffer.alloc(0);
  #at = 0;

  /** Makes room for so many bytes. @returns what was written before, when it has to go first */
  reserve(bytes: number): Uint8Array | undefined {
    if (this.#at + bytes <= this.#chunk.length) return undefined;
    const full = this.take();
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(bytes, CHUNK_BYTES));
    return full;
  }

  /** What was written since the last time, which is the caller's from now on; undefined when that is nothing. */
  take(): Uint8Array | undefined {
    const written = this.#at === 0 ? undefined : this.#chunk.subarray(0, this.#at);
    this.#chunk = Buffer.alloc(0);
    this.#at = 0;
    return written;
  }

  /** Bytes that are JSON already. */
  raw(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at++) this.#chunk[this.#at++] = bytes[at] as number;
  }

  comma(): void {
    this.#chunk[this.#at++] = COMMA;
  }

  /** A whole number that is not negative, and not above 2^53. */
  number(value: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    let rest = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const next = Math.floor(rest / 10);
      this.#chunk[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#at += digits;
  }

  /** A text, in quotes. @returns false, and nothing is written, when something in it has to be escaped */
  plainText(utf8: Uint8Array): boolean {
    const chunk = this.#chunk;
    let at = this.#at;
    chunk[at++] = QUOTE;
    for (let from = 0; from < utf8.length; from++) {
      const byte = utf8[from] as number;
      if (byte < FIRST_PLAIN || byte === QUOTE || byte === BACKSLASH) return false;
      chunk[at++] = byte;
    }
    chunk[at++] = QUOTE;
    this.#at = at;
    return true;
  }

  /** A text that was made JSON elsewhere. */
  json(text: string): void {
    this.#at += this.#chunk.write(text, this.#at);
  }
}

/** What a number takes at most. */
export const NUMBER_BYTES = MAX_DIGITS;

/** What a text takes at most, with its quotes: each of its bytes may become `\u00xx`. */
export function textBytes(utf8: Uint8Array): number {
  return utf8.length * 6 + 2;
}
