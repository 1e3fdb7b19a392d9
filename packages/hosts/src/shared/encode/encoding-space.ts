/** Where a parser's worker encodes: behind the slots of its ring, in the same memory, so that the output goes straight into a slot. */
import { HostError, type RingShape } from '@chipmunk-host/runtime/internal/shared';
import type { EncodingPlan } from './encoding-plan.js';

/** Of a plan: one with thousands of columns, or with a very long name of the source, takes more. */
const PROGRAM_BYTES = 256 * 1024;
/** What the encoder reads behind the end of a batch at most, and more. */
const SLACK_BYTES = 4096;

/** Bytes behind the slots: for the plan, and for the batch that is encoded. */
export function encodingSpaceBytes({ slotBytes }: RingShape): number {
  return PROGRAM_BYTES + slotBytes + SLACK_BYTES;
}

/** @param start where the slots end */
export function encodingSpace(start: number): { readonly programAt: number; readonly batchAt: number } {
  return { programAt: start, batchAt: start + PROGRAM_BYTES };
}

/** @throws HostError `ERR_INVALID_OPTION` */
export function requireFitting({ program }: EncodingPlan): void {
  if (program.length <= PROGRAM_BYTES) return;
  const message = `The options columns, fields and source need ${program.length} bytes; expected up to ${PROGRAM_BYTES}.`;
  throw new HostError('ERR_INVALID_OPTION', message, { help: 'Name fewer columns, or a shorter source.' });
}
