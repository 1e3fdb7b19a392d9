/** The input that the items of a batch were made of, read once more from where the parser got it. */
import { readBatchLayout } from '@chipmunk-host/batch/internal';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import { NO_ROWS, type RowCounts } from '../../shared/encode/row-counts.js';
import type { SlotRows } from './slot-rows.js';

/** Input of which everything can be read that is not published. */
export interface ReadInput {
  read(target: Uint8Array, offset: number): number;
}

const SKIPPED = 0;

export class RawRows implements SlotRows {
  readonly #memory: WebAssembly.Memory;
  readonly #input: ReadInput;
  #kinds = new Uint8Array(0);
  #consumed = new Uint32Array(0);
  #row = 0;
  /** Position in the input of the next row, and the bytes of it that were written. */
  #offset = 0;
  #written = 0;
  #counts = NO_ROWS;
  /** A bit for each entry, 1 for those that are written; undefined: all are. */
  #selection: Uint8Array | undefined;

  constructor(memory: WebAssembly.Memory, input: ReadInput) {
    this.#memory = memory;
    this.#input = input;
  }

  get isOpen(): boolean {
    return this.#row < this.#kinds.length;
  }

  get isInRow(): boolean {
    return this.#written > 0;
  }

  open(at: number, byteLength: number, selectionAt = 0, end?: number): void {
    const { buffer } = this.#memory;
    const { kinds, consumed, entries, offset } = readBatchLayout(new Uint8Array(buffer, at, byteLength));
    const rows = end ?? entries;
    this.#kinds = new Uint8Array(buffer, at + kinds, rows);
    this.#consumed = new Uint32Array(buffer, at + consumed, rows);
    this.#selection = selectionAt === 0 ? undefined : new Uint8Array(buffer, selectionAt, Math.ceil(rows / 8));
    this.#row = 0;
    this.#offset = offset;
    this.#written = 0;
  }

  /** Ends between two rows, but for a row that does not fit by itself. */
  fill(out: number, end: number): number {
    let at = out;
    let first = this.#offset + this.#written;
    let { items, filtered, filteredBytes, bytes, skippedBytes } = this.#counts;
    let pending = 0;
    // Items that follow each other are read at once.
    const read = () => {
      if (pending > 0) this.#read(at, first, pending);
      at += pending;
      pending = 0;
    };
    for (; this.#row < this.#kinds.length; this.#row++) {
      const length = this.#consumed[this.#row] as number;
      const isSkipped = this.#kinds[this.#row] === SKIPPED;
      if (isSkipped || !this.#isSelected(this.#row)) {
        read();
        if (isSkipped) skippedBytes += length;
        else {
          filtered++;
          filteredBytes += length;
        }
        first = this.#offset + length;
      } else {
        const rest = length - this.#written;
        const room = end - at - pending;
        if (rest > room) {
          if (at + pending === out) {
            pending = room;
            this.#written += room;
          }
          break;
        }
        pending += rest;
        items++;
        this.#written = 0;
      }
      bytes += length;
      this.#offset += length;
    }
    read();
    this.#counts = { items, filtered, filteredBytes, bytes, skippedBytes };
    return at - out;
  }

  takeCounts(): RowCounts {
    const counts = this.#counts;
    this.#counts = NO_ROWS;
    return counts;
  }

  close(): void {
    this.#row = this.#kinds.length;
    this.#written = 0;
    this.takeCounts();
  }

  #isSelected(row: number): boolean {
    return this.#selection === undefined || ((this.#selection[row >> 3] as number) & (1 << (row & 7))) !== 0;
  }

  #read(at: number, position: number, length: number): void {
    const filled = this.#input.read(new Uint8Array(this.#memory.buffer, at, length), position);
    if (filled === length) return;
    throw new HostError(
      'ERR_SOURCE_CHANGED',
      `The input became shorter: there is nothing more at byte ${position + filled}.`,
      {
        help: 'Read the input when nothing writes it any more.',
      },
    );
  }
}
