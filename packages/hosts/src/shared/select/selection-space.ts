/** How much memory a selection takes beside the batch. */

/** Of all texts and patterns together, in UTF-8. */
export const MOST_NEEDLE_BYTES = 64 * 1024;
/** An entry takes five bytes of a batch or more. */
const LEAST_ENTRY_BYTES = 5;

/** For batches of up to `batchBytes`: for what is looked for, and for two tables of bits. */
export function selectionBytes(batchBytes: number): number {
  return MOST_NEEDLE_BYTES + 2 * bitBytes(Math.ceil(batchBytes / LEAST_ENTRY_BYTES));
}

/** Of a table of bits: a multiple of 8. */
export function bitBytes(entries: number): number {
  return Math.ceil(entries / 64) * 8;
}
