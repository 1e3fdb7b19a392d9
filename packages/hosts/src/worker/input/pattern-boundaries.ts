/**
 * Finds where a file may be split: at the places where one of some patterns begins. They are guesses, since a pattern may also lie in the
 * middle of an item. The first pattern is the best one: another counts only where the first does not follow soon.
 */
import type { PositionedReader } from './positioned-input.js';

const FIRST_SCAN_BYTES = 4 * 1024;
const SCAN_BYTES = 64 * 1024;

export class PatternBoundaries {
  readonly #reader: PositionedReader;
  readonly #patterns: readonly Uint8Array[];
  #buffer: Buffer | undefined;
  /** There is no boundary between the two: a stretch without patterns that is longer than many splits is searched once. */
  #from = 0;
  #found = 0;

  /** @param patterns of at least one byte each, and much less than `FIRST_SCAN_BYTES` */
  constructor(reader: PositionedReader, patterns: readonly Uint8Array[]) {
    this.#reader = reader;
    this.#patterns = patterns;
  }

  /**
   * The first boundary at or behind `position`: 0, where a pattern begins, or the end of the input. If it is behind `position` by more than
   * a later position is, it is that one's, too.
   */
  at(position: number): number {
    const { size } = this.#reader;
    if (position <= 0) return 0;
    if (position >= size) return size;
    if (position >= this.#from && position <= this.#found) return this.#found;
    const any = this.#search(position, this.#patterns, size);
    const best = any < size ? this.#search(any, this.#patterns.slice(0, 1), any + SCAN_BYTES) : size;
    this.#found = best < Math.min(any + SCAN_BYTES, size) ? best : any;
    this.#from = position;
    return this.#found;
  }

  /** Where the first of the patterns begins, from `from` on and before `limit`; `limit` or the end of the input if there is none. */
  #search(from: number, patterns: readonly Uint8Array[], limit: number): number {
    const { size } = this.#reader;
    const overlap = Math.max(...patterns.map(({ length }) => length)) - 1;
    for (let at = from, scan = FIRST_SCAN_BYTES; at < Math.min(limit, size); scan = SCAN_BYTES) {
      const bytes = this.#read(at, Math.min(scan, size - at));
      // The input is shorter than it says.
      if (bytes.length === 0) return size;
      const found = firstOf(bytes, patterns);
      if (found !== -1) return Math.min(limit, at + found);
      at += at + bytes.length === size ? bytes.length : Math.max(1, bytes.length - overlap);
    }
    return Math.min(limit, size);
  }

  #read(at: number, wanted: number): Buffer {
    this.#buffer ??= Buffer.allocUnsafeSlow(SCAN_BYTES);
    let filled = 0;
    while (filled < wanted) {
      const count = this.#reader.readAt(this.#buffer.subarray(filled, wanted), at + filled);
      if (count === 0) break;
      filled += count;
    }
    return this.#buffer.subarray(0, filled);
  }
}

function firstOf(bytes: Buffer, patterns: readonly Uint8Array[]): number {
  const found = patterns.map((pattern) => bytes.indexOf(pattern)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}
