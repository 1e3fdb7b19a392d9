/** The times of a batch's entries. Until the first entry that has one it takes nothing. */
import { NO_TIME } from '@chipmunk-host/batch/internal';

const NOTHING = new BigInt64Array(0);

export class TimeTable {
  #values = NOTHING;
  /** The first row that has a time. */
  #first = Number.POSITIVE_INFINITY;

  /** Sets the time of the row behind the last one. @param time `NO_TIME` where it has none */
  push(row: number, time: bigint): void {
    if (time === NO_TIME && row < this.#first) return;
    if (row < this.#first) {
      this.#first = row;
      this.#grow(row + 1);
      this.#values.fill(NO_TIME, 0, row);
    }
    this.#grow(row + 1);
    this.#values[row] = time;
  }

  /** Forgets the times from row `rows` on. */
  truncate(rows: number): void {
    if (this.#first >= rows) this.#first = Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.truncate(0);
    if (this.#values.length > 1 << 20) this.#values = NOTHING;
  }

  /** The times of the first `rows` rows, or nothing when none of them has one. Valid until the next change. */
  view(rows: number): BigInt64Array {
    return rows > this.#first ? this.#values.subarray(0, rows) : NOTHING;
  }

  /** Bytes of the table when there are so many rows. */
  byteLength(rows: number): number {
    return rows > this.#first ? rows * BigInt64Array.BYTES_PER_ELEMENT : 0;
  }

  #grow(rows: number): void {
    if (rows <= this.#values.length) return;
    const grown = new BigInt64Array(Math.max(rows, this.#values.length * 2, 64));
    grown.set(this.#values);
    this.#values = grown;
  }
}
