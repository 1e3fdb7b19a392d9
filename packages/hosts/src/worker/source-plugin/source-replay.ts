/** A fresh instance of a byte-source, read up to where the one before had come: its bytes are dropped, but compared with those. */
import { crc32 } from 'node:zlib';

export class SourceReplay {
  readonly #bytes: number;
  readonly #expected: number;
  readonly #target: Uint8Array;
  #offset = 0;
  #checksum = 0;

  /**
   * @param bytes that were delivered
   * @param checksum CRC-32 of them
   * @param most bytes of one read
   */
  constructor(bytes: number, checksum: number, most: number) {
    this.#bytes = bytes;
    this.#expected = checksum;
    this.#target = new Uint8Array(Math.min(bytes, most));
  }

  /** Position in the input of the next byte that is read again. */
  get offset(): number {
    return this.#offset;
  }

  get done(): boolean {
    return this.#offset === this.#bytes;
  }

  /** Whether what was read is what was delivered. */
  get matches(): boolean {
    return this.#checksum === this.#expected;
  }

  /** Where to read to: never beyond what was delivered. */
  target(): Uint8Array {
    return this.#target.subarray(0, this.#bytes - this.#offset);
  }

  /** So many bytes were put into `target`. */
  add(count: number): void {
    this.#checksum = crc32(this.#target.subarray(0, count), this.#checksum);
    this.#offset += count;
  }
}
