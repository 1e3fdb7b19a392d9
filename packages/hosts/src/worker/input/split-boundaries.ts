/**
 * Finds where a file can be split: positions behind a line break, from given places on. Where a byte order mark follows, a parser would
 * take it for that of an input and not for text, so the file is not split there.
 */
import type { PositionedReader } from './positioned-input.js';

const LF = 10;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** Most lines end within the first look. */
const FIRST_SCAN_BYTES = 4 * 1024;
const SCAN_BYTES = 64 * 1024;

export class SplitBoundaries {
  readonly #reader: PositionedReader;
  readonly #buffer = Buffer.allocUnsafeSlow(SCAN_BYTES);
  readonly #head = Buffer.alloc(BYTE_ORDER_MARK.length);
  /** There is no boundary between the two: a line that is longer than many splits is searched once. */
  #from = 0;
  #found = 0;

  constructor(reader: PositionedReader) {
    this.#reader = reader;
  }

  /** The first boundary at or behind `position`: 0, a position behind a line break, or the end of the input. */
  at(position: number): number {
    const { size } = this.#reader;
    if (position <= 0) return 0;
    if (position >= size) return size;
    if (position >= this.#from && position <= this.#found) return this.#found;
    this.#from = position;
    this.#found = this.#search(position - 1, size);
    return this.#found;
  }

  /** Behind the first line break at or behind `from`. */
  #search(from: number, size: number): number {
    let scan = FIRST_SCAN_BYTES;
    for (let at = from; at < size; scan = SCAN_BYTES) {
      const filled = this.#reader.readAt(this.#buffer.subarray(0, Math.min(scan, size - at)), at);
      // The input is shorter than it says.
      if (filled === 0) return size;
      const found = this.#buffer.subarray(0, filled).indexOf(LF);
      if (found !== -1 && !this.#isMarked(at + found + 1)) return at + found + 1;
      at += found === -1 ? filled : found + 1;
    }
    return size;
  }

  #isMarked(position: number): boolean {
    const filled = this.#reader.readAt(this.#head, position);
    return filled === BYTE_ORDER_MARK.length && this.#head.equals(BYTE_ORDER_MARK);
  }
}
