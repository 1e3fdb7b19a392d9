/**
 * Finds the elements of a batch (docs/batch-format.md) in its bytes, without touching the tables' contents. Anything that is
 * not as the format says ends in a BatchError `ERR_BATCH_FORMAT`.
 */

import { formatError } from './batch-error.js';
import {
  BATCH_ELEMENTS,
  BATCH_HEADER_BYTES,
  BATCH_VERSION,
  BatchFlag,
  BatchHeader,
  VARYING_STRINGS,
} from './batch-format.js';
import { MsgpackCursor } from './msgpack-cursor.js';

export interface BatchLayout {
  /** Of the whole batch. */
  readonly byteLength: number;
  readonly ascii: boolean;
  readonly entries: number;
  readonly items: number;
  readonly offset: number;
  readonly bytes: number;
  readonly skippedBytes: number;
  /** `VARYING_STRINGS` when entries differ. */
  readonly stringsPerEntry: number;
  readonly strings: number;
  /** Where the tables' data begin. */
  readonly kinds: number;
  readonly consumed: number;
  readonly stringCounts: number;
  readonly textEnds: number;
  readonly unitEnds: number;
  /** Where the first attachment's map begins. */
  readonly attachments: number;
  readonly attachmentCount: number;
  readonly text: number;
  readonly textBytes: number;
}

/** Reads the layout of the batch that begins at byte `start` of `bytes`; other bytes may follow it. */
export function readBatchLayout(bytes: Uint8Array, start = 0): BatchLayout {
  const cursor = new MsgpackCursor(bytes, start);
  cursor.need(BATCH_HEADER_BYTES);
  cursor.array16(BATCH_ELEMENTS);
  const version = cursor.fixint();
  if (version !== BATCH_VERSION) throw formatError(`version ${version} is not known, only ${BATCH_VERSION}`);
  const flags = cursor.fixint();
  if ((flags & ~BatchFlag.ascii) !== 0) throw formatError(`flags ${flags} are not known`);
  const ascii = (flags & BatchFlag.ascii) !== 0;
  const entries = cursor.uint32();
  const items = cursor.uint32();
  const offset = cursor.safeUint64();
  const consumedBytes = cursor.safeUint64();
  const skippedBytes = cursor.safeUint64();
  const stringsPerEntry = cursor.uint32();
  if (cursor.position !== start + BATCH_HEADER_BYTES || BatchHeader.version !== 3)
    throw formatError('its header differs');
  if (items > entries || skippedBytes > consumedBytes) throw formatError('its counts disagree');

  const varying = stringsPerEntry === VARYING_STRINGS;
  const kinds = cursor.table(entries);
  const consumed = cursor.table(entries * 4);
  const stringCounts = cursor.table(varying ? entries * 4 : 0);
  const strings = varying ? lastOf(bytes, stringCounts, entries) : entries * stringsPerEntry;
  const textEnds = cursor.table(strings * 4);
  const unitEnds = cursor.table(ascii ? 0 : strings * 4);
  cursor.label();
  const attachmentCount = cursor.array32();
  if (attachmentCount > items) throw formatError('it has more attachments than items');
  const attachments = cursor.position;
  for (let a = 0; a < attachmentCount; a++) cursor.skipAttachment();
  cursor.label();
  const textBytes = cursor.bin32();
  const text = cursor.position;
  cursor.skip(textBytes);
  if (lastOf(bytes, textEnds, strings) !== textBytes)
    throw formatError('its text does not end where the last string does');

  return {
    byteLength: cursor.position - start,
    ascii,
    entries,
    items,
    offset,
    bytes: consumedBytes,
    skippedBytes,
    stringsPerEntry,
    strings,
    kinds,
    consumed,
    stringCounts,
    textEnds,
    unitEnds,
    attachments,
    attachmentCount,
    text,
    textBytes,
  };
}

/** The table of `count` u32 at `at`: a view when it is aligned in memory, else a copy. */
export function numberTable(bytes: Uint8Array, at: number, count: number): Uint32Array {
  const offset = bytes.byteOffset + at;
  if (offset % 4 === 0) return new Uint32Array(bytes.buffer, offset, count);
  const copy = new Uint32Array(count);
  new Uint8Array(copy.buffer).set(bytes.subarray(at, at + count * 4));
  return copy;
}

function lastOf(bytes: Uint8Array, table: number, count: number): number {
  if (count === 0) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset + table + (count - 1) * 4, 4).getUint32(0, true);
}
