/**
 * Numbers of rows in rising order, kept small: the rows that a search has found. Runs in any JavaScript runtime. The rows are in blocks of 128.
 * Of a block the first row is kept, and the distance to the next one for each of the others: in one byte below 129, in two
 * below 16,513, and so on. A block of rows that follow each other keeps no distances. So a row takes 0.1 bytes where all match, 1.1
 * where more than one in 128 does, and 2.1 to 3.1 where few do, and any row is found by halving.
 */

const BLOCK_ROWS = 128;
/** Before the tables of blocks in bytes of a set: a mark, how many rows, and how many bytes of distances. */
const HEAD_BYTES = 24;
/** No number of rows. */
const MARK = -128.5;

export class RowSet implements Iterable<number> {
  /** The first row of each block, and where its distances begin in `#distances`. */
  #firsts = new Float64Array(8);
  #starts = new Float64Array(8);
  #distances = new Uint8Array(64);
  #distanceBytes = 0;
  #size = 0;
  #last = -1;

  /** A set of these rows. @param rows in rising order */
  static from(rows: Iterable<number>): RowSet {
    const set = new RowSet();
    for (const row of rows) set.add(row);
    return set;
  }

  /**
   * A set from what `toBytes` has made of one.
   * @throws RangeError for other bytes
   */
  static fromBytes(bytes: Uint8Array): RowSet {
    const set = new RowSet();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [size, distanceBytes] =
      bytes.length >= HEAD_BYTES && view.getFloat64(0) === MARK ? [view.getFloat64(8), view.getFloat64(16)] : [-1, 0];
    const blocks = Math.ceil(size / BLOCK_ROWS);
    const tablesEnd = HEAD_BYTES + blocks * 16;
    if (!(Number.isSafeInteger(size) && size >= 0 && tablesEnd + distanceBytes === bytes.length)) throw notBytes();
    set.#firsts = new Float64Array(Math.max(8, blocks));
    set.#starts = new Float64Array(Math.max(8, blocks));
    for (let block = 0; block < blocks; block++) {
      set.#firsts[block] = view.getFloat64(HEAD_BYTES + block * 16);
      set.#starts[block] = view.getFloat64(HEAD_BYTES + block * 16 + 8);
    }
    // One more, so that there is something to double.
    set.#distances = new Uint8Array(distanceBytes + 8);
    set.#distances.set(bytes.subarray(tablesEnd));
    set.#distanceBytes = distanceBytes;
    set.#size = size;
    for (const row of set.rows()) {
      if (!(Number.isSafeInteger(row) && row > set.#last)) throw notBytes();
      set.#last = row;
    }
    return set;
  }

  /** What `fromBytes` of the same version of this package makes the set of again, in another thread or on a page. */
  toBytes(): Uint8Array {
    const blocks = Math.ceil(this.#size / BLOCK_ROWS);
    const tablesEnd = HEAD_BYTES + blocks * 16;
    const bytes = new Uint8Array(tablesEnd + this.#distanceBytes);
    const view = new DataView(bytes.buffer);
    view.setFloat64(0, MARK);
    view.setFloat64(8, this.#size);
    view.setFloat64(16, this.#distanceBytes);
    for (let block = 0; block < blocks; block++) {
      view.setFloat64(HEAD_BYTES + block * 16, this.#firsts[block] as number);
      view.setFloat64(HEAD_BYTES + block * 16 + 8, this.#starts[block] as number);
    }
    bytes.set(this.#distances.subarray(0, this.#distanceBytes), tablesEnd);
    return bytes;
  }

  /** How many rows are in it. */
  get size(): number {
    return this.#size;
  }

  /** The first row; undefined when there is none. */
  get first(): number | undefined {
    return this.#size === 0 ? undefined : this.#firsts[0];
  }

  /** The last row; undefined when there is none. */
  get last(): number | undefined {
    return this.#size === 0 ? undefined : this.#last;
  }

  /** Bytes of memory that the rows take. */
  get byteLength(): number {
    return Math.ceil(this.#size / BLOCK_ROWS) * 16 + this.#distanceBytes;
  }

  /** @param row behind the last one: a whole number from 0 to 2^53 - 1. @throws RangeError for another one */
  add(row: number): void {
    if (!(Number.isSafeInteger(row) && row > this.#last))
      throw new RangeError(`The row is ${row}; expected a whole number above ${this.#last}, the last one in the set.`);
    const place = this.#size % BLOCK_ROWS;
    if (place === 0) this.#beginBlock(row);
    else this.#write(row - this.#last - 1);
    this.#last = row;
    this.#size++;
    if (place === BLOCK_ROWS - 1) this.#endBlock();
  }

  /** Whether the row is in it. */
  has(row: number): boolean {
    return this.at(this.countBefore(row)) === row;
  }

  /** How many of its rows stand before this one: the number, from 0, that the row has in it or would have. */
  countBefore(row: number): number {
    const block = this.#blockBefore(row);
    if (block < 0) return 0;
    let count = block * BLOCK_ROWS;
    for (const each of this.#rowsOf(block)) {
      if (each >= row) break;
      count++;
    }
    return count;
  }

  /** The row with this number, from 0; undefined where there is none. */
  at(index: number): number | undefined {
    if (!(Number.isInteger(index) && index >= 0 && index < this.#size)) return undefined;
    let left = index % BLOCK_ROWS;
    for (const row of this.#rowsOf((index - left) / BLOCK_ROWS)) if (left-- === 0) return row;
    return undefined;
  }

  /** The first row behind this one; undefined where there is none. */
  next(row: number): number | undefined {
    const count = this.countBefore(row);
    const found = this.at(count);
    return found === row ? this.at(count + 1) : found;
  }

  /** The last row before this one; undefined where there is none. */
  previous(row: number): number | undefined {
    return this.at(this.countBefore(row) - 1);
  }

  /** All rows, from number `from` on. Rows that are added meanwhile come, too. */
  *rows(from = 0): Generator<number, void, undefined> {
    let index = from;
    while (index < this.#size) {
      const skipped = index % BLOCK_ROWS;
      let place = 0;
      for (const row of this.#rowsOf((index - skipped) / BLOCK_ROWS)) {
        if (place++ < skipped) continue;
        yield row;
        index++;
      }
    }
  }

  /** All rows, in rising order. */
  [Symbol.iterator](): Generator<number, void, undefined> {
    return this.rows();
  }

  /** The rows that are in one of the sets or in both. */
  union(other: RowSet): RowSet {
    return merged(this, other, () => true);
  }

  /** The rows that are in both sets. */
  intersection(other: RowSet): RowSet {
    return merged(this, other, (inOne, inOther) => inOne && inOther);
  }

  /** The rows that are in this set and not in the other one. */
  difference(other: RowSet): RowSet {
    return merged(this, other, (inOne, inOther) => inOne && !inOther);
  }

  #beginBlock(row: number): void {
    const block = this.#size / BLOCK_ROWS;
    if (block === this.#firsts.length) {
      this.#firsts = grown(this.#firsts, new Float64Array(block * 2));
      this.#starts = grown(this.#starts, new Float64Array(block * 2));
    }
    this.#firsts[block] = row;
    this.#starts[block] = this.#distanceBytes;
  }

  /** A block in which each row follows the one before it needs no distances. */
  #endBlock(): void {
    const start = this.#starts[this.#size / BLOCK_ROWS - 1] as number;
    const isRun = this.#last - (this.#firsts[this.#size / BLOCK_ROWS - 1] as number) === BLOCK_ROWS - 1;
    if (isRun) this.#distanceBytes = start;
  }

  #write(distance: number): void {
    // A distance takes up to eight bytes.
    if (this.#distanceBytes + 8 > this.#distances.length)
      this.#distances = grown(this.#distances, new Uint8Array(this.#distances.length * 2));
    let left = distance;
    while (left >= 0x80) {
      this.#distances[this.#distanceBytes++] = (left % 0x80) + 0x80;
      left = Math.floor(left / 0x80) - 1;
    }
    this.#distances[this.#distanceBytes++] = left;
  }

  /** The last block that begins before this row; -1 where none does. */
  #blockBefore(row: number): number {
    let low = 0;
    let high = Math.ceil(this.#size / BLOCK_ROWS);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#firsts[middle] as number) < row) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Of a block as it is when its first row is taken. It may become a run, and lose its distances, before the last one is. */
  *#rowsOf(block: number): Generator<number, void, undefined> {
    const rows = Math.min(BLOCK_ROWS, this.#size - block * BLOCK_ROWS);
    let row = this.#firsts[block] as number;
    let at = this.#starts[block] as number;
    yield row;
    for (let place = 1; place < rows; place++) {
      if (this.#isRun(block)) row++;
      else {
        let distance = 0;
        let scale = 1;
        let byte: number;
        do {
          byte = this.#distances[at++] as number;
          distance += byte * scale;
          scale *= 0x80;
        } while (byte >= 0x80);
        row += distance + 1;
      }
      yield row;
    }
  }

  #isRun(block: number): boolean {
    const end = (block + 1) * BLOCK_ROWS;
    if (end > this.#size) return false;
    const behind = end < this.#size ? (this.#starts[block + 1] as number) : this.#distanceBytes;
    return behind === this.#starts[block];
  }
}

function notBytes(): RangeError {
  return new RangeError('The bytes are no set of rows; expected what toBytes() of the same version has made.');
}

function grown<Table extends Float64Array | Uint8Array>(from: Table, to: Table): Table {
  to.set(from);
  return to;
}

/** @param keeps whether a row that is in one of the sets or in both is in the result */
function merged(one: RowSet, other: RowSet, keeps: (inOne: boolean, inOther: boolean) => boolean): RowSet {
  const result = new RowSet();
  const [ones, others] = [one.rows(), other.rows()];
  const next = (rows: Iterator<number, void>) => {
    const { done, value } = rows.next();
    return done === true ? Infinity : (value as number);
  };
  let [a, b] = [next(ones), next(others)];
  while (a !== Infinity || b !== Infinity) {
    const row = Math.min(a, b);
    const [inOne, inOther] = [a === row, b === row];
    if (keeps(inOne, inOther)) result.add(row);
    if (inOne) a = next(ones);
    if (inOther) b = next(others);
  }
  return result;
}
