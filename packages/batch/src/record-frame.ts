/** Reads the records that stand between batches (docs/batch-format.md, Records). */
import { formatError } from './batch-error.js';
import { BATCH_VERSION } from './batch-format.js';
import { decodeValue } from './msgpack-value.js';
import { RECORD_ARRAY_HEADER, RECORD_HEADER_BYTES, RECORD_LENGTH_TYPE, type StreamRecord } from './stream-record.js';

/** Whether a record, and not a batch, begins at byte `start`. */
export function isRecord(bytes: Uint8Array, start = 0): boolean {
  return RECORD_ARRAY_HEADER.every((byte, i) => bytes[start + i] === byte);
}

/** Bytes of the record that begins at byte `start`. @throws BatchError `ERR_BATCH_FORMAT` */
export function recordByteLength(bytes: Uint8Array, start = 0): number {
  if (bytes.length - start < RECORD_HEADER_BYTES) throw formatError('a record is cut off');
  if (bytes[start + 3] !== BATCH_VERSION) throw formatError(`version ${bytes[start + 3]} of a record is not known`);
  if (bytes[start + 4] !== RECORD_LENGTH_TYPE) throw formatError('the length of a record is damaged');
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, RECORD_HEADER_BYTES);
  const byteLength = RECORD_HEADER_BYTES + view.getUint32(RECORD_HEADER_BYTES - 4);
  if (byteLength > bytes.length - start) throw formatError('a record is cut off');
  return byteLength;
}

/** @throws BatchError `ERR_BATCH_FORMAT` */
export function decodeRecord(bytes: Uint8Array): StreamRecord {
  const record = decodeValue(bytes.subarray(RECORD_HEADER_BYTES, recordByteLength(bytes)));
  const { type, offset, length } = (record ?? {}) as Partial<StreamRecord>;
  if ((type !== 'gap' && type !== 'restart') || !Number.isSafeInteger(offset) || !Number.isSafeInteger(length))
    throw formatError('a record is of no known type');
  return record as unknown as StreamRecord;
}
