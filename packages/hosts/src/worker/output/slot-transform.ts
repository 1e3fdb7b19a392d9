/** What makes of a batch what is published in its place: the output of an encoder, or a batch that has its selected rows alone. */
import type { RowCounts } from '../../shared/encode/row-counts.js';

/** What rows became: in the slot that was offered, or in pieces, where it takes more than a slot. */
export interface TransformedFrame extends RowCounts {
  readonly byteLength: number;
  /** Items that the conditions of a selection have let through, with those that are to be skipped. 0 without a selection. */
  readonly selected: number;
  /** Undefined: it is in the slot. */
  readonly segments?: readonly Uint8Array[];
}

export interface SlotTransform {
  /** Where a batch is put, and how many bytes it may have. */
  readonly batchAt: number;
  readonly batchBytes: number;
  /** Whether there are rows of a batch that are not written yet. */
  readonly isOpen: boolean;

  /**
   * Begins the batch that was put where batches are.
   * @param selected items that were let through before it
   */
  open(byteLength: number, selected: number): void;

  /** Begins a batch that is given in pieces. @returns false when it has too many bytes */
  openSegments(segments: readonly Uint8Array[], byteLength: number, selected: number): boolean;

  /**
   * Writes rows into a slot.
   * @param offset position in the input of the first byte that the next row accounts for
   */
  fill(slot: number, slotBytes: number, offset: number): TransformedFrame;

  /** All of a batch that is larger than there is room for. */
  transformLarge(batch: Uint8Array, offset: number, selected: number): TransformedFrame;

  /** Forgets the rows that are not written. */
  close(): void;
}

/** Copies the pieces one behind the other. */
export function joinInto(target: Uint8Array, segments: readonly Uint8Array[]): Uint8Array {
  let at = 0;
  for (const segment of segments) {
    target.set(segment, at);
    at += segment.length;
  }
  return target;
}
