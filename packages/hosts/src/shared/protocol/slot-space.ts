/**
 * What a parser's worker has behind the slots of its ring, in the same memory: the program of an encoder, the batch under way, and what a
 * selection needs. What becomes of the batch so goes straight into a slot.
 *
 *   | slots | program | batch | selection |
 */
import type { RingShape } from '@chipmunk-host/runtime/internal/shared';
import { selectionBytes } from '../select/selection-space.js';

/** Of a plan of encoding: one with thousands of columns, or with a very long name of the source, takes more. */
export const PROGRAM_BYTES = 256 * 1024;
/** What is read behind the end of a batch at most, and more. */
const SLACK_BYTES = 4096;

/** Bytes behind the slots. */
export function slotSpaceBytes({ slotBytes }: RingShape): number {
  return PROGRAM_BYTES + slotBytes + SLACK_BYTES + selectionBytes(slotBytes);
}

/** @param start where the slots end */
export function slotSpace(
  start: number,
  { slotBytes }: RingShape,
): { readonly programAt: number; readonly batchAt: number; readonly selectionAt: number } {
  const batchAt = start + PROGRAM_BYTES;
  return { programAt: start, batchAt, selectionAt: batchAt + slotBytes + SLACK_BYTES };
}
