/**
 * Makes strings of the UTF-8 in a batch. The way that every runtime has is `TextDecoder`; a host that knows a quicker one for its
 * runtime installs that (`useTextDecoder`).
 */

/** UTF-8 of which any part can be decoded. */
export interface EncodedText {
  /** Bytes from `start` up to `end`, all of which are ASCII. Of others it may make anything of one code unit a byte, or of fewer. */
  ascii(start: number, end: number): string;
  /** Bytes from `start` up to `end`. A leading byte order mark stays; what is not UTF-8 becomes U+FFFD. */
  utf8(start: number, end: number): string;
}

/** Looks at bytes as text; they are not copied, and may be memory that is shared between threads. */
export type TextDecoding = (bytes: Uint8Array) => EncodedText;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

class StandardText implements EncodedText {
  readonly #bytes: Uint8Array;
  readonly #shared: boolean;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    // By its tag: the buffer may be of another realm, and a page need not have the constructor to be given one.
    this.#shared = Object.prototype.toString.call(bytes.buffer) === '[object SharedArrayBuffer]';
  }

  ascii(start: number, end: number): string {
    return this.utf8(start, end);
  }

  utf8(start: number, end: number): string {
    // Browsers refuse to decode shared memory; `slice` copies it into memory that is not.
    return decoder.decode(this.#shared ? this.#bytes.slice(start, end) : this.#bytes.subarray(start, end));
  }
}

let decoding: TextDecoding = (bytes) => new StandardText(bytes);

/** Replaces the way in which text is decoded, for all batches that are opened from now on. */
export function useTextDecoder(quicker: TextDecoding): void {
  decoding = quicker;
}

export function encodedText(bytes: Uint8Array): EncodedText {
  return decoding(bytes);
}

/** All of the bytes as a string. */
export function decodeText(bytes: Uint8Array): string {
  return decoding(bytes).utf8(0, bytes.length);
}
