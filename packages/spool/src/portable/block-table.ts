/** The blocks of a segment in memory: their entries as they are stored, which take 112 bytes each. */
import { type BlockEntry, encodeEntry, readEntry } from './block-entry.js';
import { ENTRY_BYTES, uint64, viewOf } from './spool-format.js';

/** Where an entry has them. */
const FIRST_FRAME = 24;
const FIRST_ROW = 32;

export class BlockTable {
  readonly #id: bigint;
  #bytes = new Uint8Array(16 * ENTRY_BYTES);
  #view = viewOf(this.#bytes);
  #length = 0;

  /** @param id of the segment */
  constructor(id: bigint) {
    this.#id = id;
  }

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that they take. */
  get memoryBytes(): number {
    return this.#bytes.length;
  }

  add(entry: BlockEntry): void {
    const at = this.#length * ENTRY_BYTES;
    if (at === this.#bytes.length) {
      const grown = new Uint8Array(Math.ceil((at * 1.5) / ENTRY_BYTES) * ENTRY_BYTES);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = viewOf(grown);
    }
    this.#bytes.set(encodeEntry(entry, this.#id), at);
    this.#length++;
  }

  /** @param index from 0, below `length` */
  at(index: number): BlockEntry {
    return readEntry(this.#bytes.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES));
  }

  /** All entries as an index file has them. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length * ENTRY_BYTES);
  }

  /** The last block that begins at this frame or before; -1 where none does. */
  ofFrame(frame: number): number {
    return this.#lastAtMost(FIRST_FRAME, frame);
  }

  /** The last block that begins at this row or before; -1 where none does. */
  ofRow(row: number): number {
    return this.#lastAtMost(FIRST_ROW, row);
  }

  #lastAtMost(place: number, value: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (uint64(this.#view, middle * ENTRY_BYTES + place) <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
