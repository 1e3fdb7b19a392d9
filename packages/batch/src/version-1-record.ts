/** Reads the gaps and restarts of version 1 (docs/batch-format.md, Version 1): an array of version, length and a map. */
import { formatError } from './batch-error.js';
import { decodeValue, type MsgpackValue } from './msgpack-value.js';

/** Bytes in front of the map. */
const HEADER_BYTES = 9;
const ARRAY_HEADER = [0xdc, 0x00, 0x03] as const;
/** Type byte of uint 32. */
const LENGTH_TYPE = 0xce;

/** Whether a gap or restart of version 1 begins at byte `start`. */
export function isVersion1Record(bytes: Uint8Array, start: number): boolean {
  return ARRAY_HEADER.every((byte, i) => bytes[start + i] === byte) && bytes[start + 3] === 1;
}

/** Bytes of that which begins at byte `start`. @throws BatchError `ERR_BATCH_FORMAT` */
export function version1RecordBytes(bytes: Uint8Array, start: number): number {
  if (bytes.length - start < HEADER_BYTES) throw formatError('a record is cut off');
  if (bytes[start + 4] !== LENGTH_TYPE) throw formatError('the length of a record is damaged');
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, HEADER_BYTES);
  const byteLength = HEADER_BYTES + view.getUint32(HEADER_BYTES - 4);
  if (byteLength > bytes.length - start) throw formatError('a record is cut off');
  return byteLength;
}

/** The map of that which is all of `bytes`. @throws BatchError `ERR_BATCH_FORMAT` */
export function decodeVersion1Record(bytes: Uint8Array): MsgpackValue {
  const byteLength = version1RecordBytes(bytes, 0);
  if (byteLength !== bytes.length) throw formatError(`${bytes.length - byteLength} bytes follow it`);
  return decodeValue(bytes.subarray(HEADER_BYTES));
}
