/** The last four elements of a batch that items were left out of (docs/batch-format.md, Items that were left out). */
import type { MsgpackCursor } from './msgpack-cursor.js';

export interface FilteredCounts {
  /** Items that a selection left out. */
  readonly filteredItems: number;
  /** Bytes of input that they were made of. */
  readonly filteredBytes: number;
}

const LABELS = ['filtered', 'filtered-bytes'] as const;

export function readFilteredCounts(cursor: MsgpackCursor): FilteredCounts {
  cursor.label();
  const filteredItems = cursor.uint32();
  cursor.label();
  return { filteredItems, filteredBytes: cursor.safeUint64() };
}

/** Bytes of all four. */
const FILTERED_COUNTS_BYTES = LABELS.reduce((sum, { length }) => sum + 1 + length, 0) + 5 + 9;

export function encodeFilteredCounts({ filteredItems, filteredBytes }: FilteredCounts): Uint8Array {
  const bytes = new Uint8Array(FILTERED_COUNTS_BYTES);
  const view = new DataView(bytes.buffer);
  let at = putLabel(bytes, 0, LABELS[0]);
  view.setUint8(at, 0xce);
  view.setUint32(at + 1, filteredItems);
  at = putLabel(bytes, at + 5, LABELS[1]);
  view.setUint8(at, 0xcf);
  view.setBigUint64(at + 1, BigInt(filteredBytes));
  return bytes;
}

function putLabel(bytes: Uint8Array, at: number, label: string): number {
  bytes[at] = 0xa0 | label.length;
  bytes.set(new TextEncoder().encode(label), at + 1);
  return at + 1 + label.length;
}
