import type { RowCounts } from '../../shared/encode/row-counts.js';

/** Writes the rows of a batch of the ring's memory into that memory. */
export interface SlotRows {
  readonly isOpen: boolean;
  /** Whether the output stopped in the middle of a row. */
  readonly isInRow: boolean;
  open(at: number, byteLength: number, selectionAt?: number, end?: number): void;
  fill(out: number, end: number): number;
  takeCounts(): RowCounts;
  close(): void;
}
