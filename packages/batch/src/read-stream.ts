/** What a session delivers, read from bytes: batches, gaps and restarts, one behind the other, of either version. */
import { Batch } from './batch.js';
import { requireBytes } from './batch-error.js';
import { ELEMENT_TYPES } from './batch-format.js';
import { readBatchLayout } from './batch-layout.js';
import { readHead, TYPE_PLACE } from './element-head.js';
import { type Gap, type Restart, readRecord } from './gap-and-restart.js';
import type { SourceNotice } from './source-notice.js';
import { isVersion1Record, version1RecordBytes } from './version-1-record.js';

/** Told apart by `type`: `batch`, `gap`, `restart` or `source`. */
export type StreamElement = Batch | Gap | Restart | SourceNotice;

/**
 * The batch, gap, restart or notice that is all of `bytes`. A batch is a view of them; the others are copies.
 * @throws BatchError `ERR_BATCH_FORMAT`; of a batch also later, from a part of it that was damaged
 */
export function readElement(bytes: Uint8Array): StreamElement {
  requireBytes(bytes);
  return isRecord(bytes) ? readRecord(bytes) : Batch.from(bytes);
}

/**
 * All that was stored one behind the other, as `readElement` reads each.
 * @throws BatchError `ERR_BATCH_FORMAT` when the iteration comes to what is damaged or cut off
 */
export function* readStream(bytes: Uint8Array): Generator<StreamElement, void, undefined> {
  requireBytes(bytes);
  for (let at = 0; at < bytes.length; ) {
    const end = at + byteLengthAt(bytes, at);
    yield readElement(bytes.subarray(at, end));
    at = end;
  }
}

function isRecord(bytes: Uint8Array): boolean {
  if (bytes[3] === 1) return isVersion1Record(bytes, 0);
  // All of the head is looked at by those who read it.
  return bytes[TYPE_PLACE] !== ELEMENT_TYPES.indexOf('batch');
}

function byteLengthAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 3] !== 1) return readHead(bytes, at).byteLength;
  return isVersion1Record(bytes, at) ? version1RecordBytes(bytes, at) : readBatchLayout(bytes, at).byteLength;
}
