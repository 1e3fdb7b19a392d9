/** The input that batches are from, as they tell of it between their heads and their tables. */
import type { SourceInfo } from '@chipmunk-host/batch';
import { encodePrefix, HEAD_BYTES } from '@chipmunk-host/batch/internal';

export interface FrameSource {
  readonly number: number;
  /** Header and sources, encoded once for all batches of the source. */
  readonly prefix: Uint8Array;
}

/** Labels of all tables with the heads of these, and what the lifter writes past the last byte, at most. */
const LABELS_AND_SLACK_BYTES = 224;

/** @param source undefined: number 0, of which nothing is known */
export function frameSource(source?: SourceInfo): FrameSource {
  const sources = source === undefined ? [] : [source];
  return { number: source?.number ?? 0, prefix: encodePrefix({ header: {}, sources }) };
}

export const UNNAMED_SOURCE = frameSource();

/** Bytes of a batch before its tables: a multiple of 8. */
export function prefixBytes({ prefix }: FrameSource): number {
  return HEAD_BYTES + prefix.length;
}

/** What a batch takes beside its rows, strings, text and attachments, in bytes, at most. */
export function frameOverhead(source: FrameSource): number {
  return prefixBytes(source) + LABELS_AND_SLACK_BYTES;
}

/** Writes what stands behind the head of the batch that begins where `frame` does. */
export function writePrefix({ prefix }: FrameSource, frame: Uint8Array): void {
  frame.set(prefix, HEAD_BYTES);
}
