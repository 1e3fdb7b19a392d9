/**
 * Finds the elements of a batch (docs/batch-format.md) in its bytes, without touching the tables' contents. Anything that is
 * not as the format says ends in a BatchError `ERR_BATCH_FORMAT`.
 */

import { formatError } from './batch-error.js';
import { BatchFlag, VARYING_STRINGS, VERSION_1_HEADER_BYTES, Version1ElementCount } from './batch-format.js';
import { readFullHead } from './element-head.js';
import { type FilteredCounts, readFilteredCounts } from './filtered-counts.js';
import { MsgpackCursor } from './msgpack-cursor.js';

/** What the beginning of a batch says. */
interface Totals {
  readonly ascii: boolean;
  readonly entries: number;
  readonly items: number;
  readonly offset: number;
  readonly bytes: number;
  readonly skippedBytes: number;
  /** `VARYING_STRINGS` when entries differ. */
  readonly stringsPerEntry: number;
}

/** Where the tables' data begin. */
interface TablePlaces {
  readonly kinds: number;
  readonly consumed: number;
  readonly stringCounts: number;
  /** Undefined when no entry has a time. */
  readonly times: number | undefined;
  readonly textEnds: number;
  readonly unitEnds: number;
  /** Where the first attachment's map begins. */
  readonly attachments: number;
  readonly text: number;
}

export interface BatchLayout extends Totals, TablePlaces, FilteredCounts {
  readonly version: 1 | 2;
  /** Of the whole batch. */
  readonly byteLength: number;
  /** Bytes before the tables. */
  readonly prefixBytes: number;
  /** Number of the input that it is from. */
  readonly source: number;
  readonly strings: number;
  readonly attachmentCount: number;
  readonly textBytes: number;
  /** Whether a selection left items out. */
  readonly isFiltered: boolean;
}

type Tables = TablePlaces & Pick<BatchLayout, 'strings' | 'attachmentCount' | 'textBytes'>;
type Filtered = Pick<BatchLayout, 'isFiltered' | 'filteredItems' | 'filteredBytes'>;

const NOT_FILTERED: Filtered = { isFiltered: false, filteredItems: 0, filteredBytes: 0 };

/** Reads the layout of the batch of either version that begins at byte `start` of `bytes`; other bytes may follow it. */
export function readBatchLayout(bytes: Uint8Array, start = 0): BatchLayout {
  return bytes[start + 3] === 1 ? readVersion1(bytes, start) : readVersion2(bytes, start);
}

function readVersion1(bytes: Uint8Array, start: number): BatchLayout {
  const cursor = new MsgpackCursor(bytes, start);
  cursor.need(VERSION_1_HEADER_BYTES);
  cursor.array16(Version1ElementCount.batch);
  cursor.fixint();
  const flags = cursor.fixint();
  if ((flags & ~BatchFlag.ascii) !== 0) throw formatError(`flags ${flags} are not known`);
  const totals = {
    ascii: (flags & BatchFlag.ascii) !== 0,
    entries: cursor.uint32(),
    items: cursor.uint32(),
    offset: cursor.safeUint64(),
    bytes: cursor.safeUint64(),
    skippedBytes: cursor.safeUint64(),
    stringsPerEntry: cursor.uint32(),
  };
  if (totals.items > totals.entries || totals.skippedBytes > totals.bytes) throw formatError('its counts disagree');
  const tables = readTables(cursor, bytes, totals, false);
  const byteLength = cursor.position - start;
  const about = { version: 1, byteLength, prefixBytes: VERSION_1_HEADER_BYTES, source: 0 } as const;
  return layoutOf(about, totals, tables, NOT_FILTERED);
}

function readVersion2(bytes: Uint8Array, start: number): BatchLayout {
  const head = readFullHead(bytes, start);
  const { type, byteLength, prefixBytes, source, count: items, consumedBytes } = head;
  if (type !== 'batch') throw formatError(`it is a ${type}`);
  const cursor = new MsgpackCursor(bytes, start);
  cursor.need(byteLength);
  cursor.skip(prefixBytes);
  const { ascii, entries, offset, skippedBytes, stringsPerEntry } = head;
  const totals = { ascii, entries, items, offset, bytes: consumedBytes, skippedBytes, stringsPerEntry };
  const tables = readTables(cursor, bytes, totals, true);
  const filtered = head.isFiltered === true ? { isFiltered: true, ...readFilteredCounts(cursor) } : NOT_FILTERED;
  if (filtered.filteredBytes > consumedBytes - skippedBytes) throw formatError('its counts disagree');
  if (cursor.position - start !== byteLength) throw formatError(`it does not end behind ${byteLength} bytes`);
  return layoutOf({ version: 2, byteLength, prefixBytes, source }, totals, tables, filtered);
}

/** Field by field: spreading them would leave a kilobyte of garbage behind for each batch. */
function layoutOf(
  { version, byteLength, prefixBytes, source }: Pick<BatchLayout, 'version' | 'byteLength' | 'prefixBytes' | 'source'>,
  { ascii, entries, items, offset, bytes, skippedBytes, stringsPerEntry }: Totals,
  tables: Tables,
  { isFiltered, filteredItems, filteredBytes }: Filtered,
): BatchLayout {
  const { kinds, consumed, stringCounts, times, textEnds, unitEnds, attachments, text } = tables;
  const { strings, attachmentCount, textBytes } = tables;
  return {
    version,
    byteLength,
    prefixBytes,
    source,
    ascii,
    entries,
    items,
    offset,
    bytes,
    skippedBytes,
    stringsPerEntry,
    kinds,
    consumed,
    stringCounts,
    times,
    textEnds,
    unitEnds,
    attachments,
    text,
    strings,
    attachmentCount,
    textBytes,
    isFiltered,
    filteredItems,
    filteredBytes,
  };
}

/** Reads from the first label on, in the order of the bytes. */
function readTables(
  cursor: MsgpackCursor,
  bytes: Uint8Array,
  { ascii, entries, items, stringsPerEntry }: Totals,
  hasTimes: boolean,
): Tables {
  const varying = stringsPerEntry === VARYING_STRINGS;
  const kinds = cursor.table(entries);
  const consumed = cursor.table(entries * 4);
  const stringCounts = cursor.table(varying ? entries * 4 : 0);
  const times = hasTimes ? cursor.optionalTable(entries * 8) : undefined;
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
    kinds,
    consumed,
    stringCounts,
    times,
    textEnds,
    unitEnds,
    attachments,
    text,
    strings,
    attachmentCount,
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

/** The same of i64. */
export function timeTable(bytes: Uint8Array, at: number, count: number): BigInt64Array {
  const offset = bytes.byteOffset + at;
  if (offset % 8 === 0) return new BigInt64Array(bytes.buffer, offset, count);
  const copy = new BigInt64Array(count);
  new Uint8Array(copy.buffer).set(bytes.subarray(at, at + count * 8));
  return copy;
}

function lastOf(bytes: Uint8Array, table: number, count: number): number {
  if (count === 0) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset + table + (count - 1) * 4, 4).getUint32(0, true);
}
