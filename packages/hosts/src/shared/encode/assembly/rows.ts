/** The tables of the batch, and the row that is looked at. */
import { entryOf, jsonBytes, openAttachment } from './attachment';
import { FIXED, GROWTH, HAS_TIME, IS_COLUMNS, IS_LINE, NEEDS_TEXT, PER_STRING, plan } from './plan';
import { setString } from './string-output';

// Kinds of entries (docs/batch-format.md).
const SKIPPED: u32 = 0;
const LINE: u32 = 1;
const COLUMNS: u32 = 2;
const ATTACHMENT: u32 = 3;
const LINE_AND_ATTACHMENT: u32 = 4;
const COLUMNS_AND_ATTACHMENT: u32 = 5;
/** Items that were left out before: they are none of this batch. */
const FILTERED: u32 = 6;
const JOINED: u32 = 8;

export const NO_TIME: i64 = i64.MIN_VALUE;

// The account of all rows that were written whole, or left out, since `open`.
export let rows: u32 = 0;
export let items: u32 = 0;
/** Items that were not selected. */
export let filtered: u32 = 0;
export let filteredBytes: f64 = 0;
export let bytes: f64 = 0;
export let skippedBytes: f64 = 0;

let kinds: usize = 0;
let consumed: usize = 0;
/** 0: all entries have `perEntry` strings. */
let counts: usize = 0;
let perEntry: u32 = 0;
/** 0: no entry has a time. */
let times: usize = 0;
let textEnds: usize = 0;
let strings: u32 = 0;
let text: usize = 0;
let textBytes: u32 = 0;
export let entries: u32 = 0;
/** The next attachment, and how many there are from it on. */
let attachment: usize = 0;
let attachments: u32 = 0;
/** A bit for each entry, 1 for those that are to be written; 0: all are. */
let selection: usize = 0;
/** Position in the input of the row's first byte. */
export let offset: u64 = 0;


// The row that is looked at: its kind, and the numbers of its first string and of the one behind its last.
let kind: u32 = 0;
export let first: u32 = 0;
export let last: u32 = 0;

/** All places are addresses. `mask`: see `selection`. */
export function open(
  kindsAt: usize, consumedAt: usize, countsAt: usize, stringsPerEntry: u32, timesAt: usize, textEndsAt: usize, stringCount: u32,
  textAt: usize, textLength: u32, entryCount: u32, attachmentsAt: usize, attachmentCount: u32, start: f64, mask: usize,
): void {
  kinds = kindsAt;
  consumed = consumedAt;
  counts = countsAt;
  perEntry = stringsPerEntry;
  times = timesAt;
  textEnds = textEndsAt;
  strings = stringCount;
  text = textAt;
  textBytes = textLength;
  entries = entryCount;
  attachment = attachmentsAt;
  attachments = attachmentCount;
  offset = <u64>start;
  selection = mask;
  rows = 0;
  items = 0;
  filtered = 0;
  filteredBytes = 0;
  bytes = 0;
  skippedBytes = 0;
  first = 0;
}

/** What `begin` returns of a row that is not written, and of one that contradicts the rest. */
export const LEAVE_OUT: u64 = 0;
export const IS_DAMAGED: u64 = 0xffffffffffffffff;

/** Looks at the next row. @returns the bytes that it may become */
// @ts-ignore: decorator
@inline export function begin(): u64 {
  kind = load<u8>(kinds + rows);
  last = counts == 0 ? first + perEntry : load<u32>(counts + (<usize>rows << 2));
  if (last < first || last > strings) return IS_DAMAGED;
  if (kind == SKIPPED || kind == FILTERED) return LEAVE_OUT;
  const plain = kind & ~JOINED;
  if (plain > COLUMNS_AND_ATTACHMENT || (plain != kind && plain != COLUMNS && plain != COLUMNS_AND_ATTACHMENT)) return IS_DAMAGED;
  if (plain >= ATTACHMENT && (attachments == 0 || entryOf(attachment) != rows)) return IS_DAMAGED;
  if (!isSelected()) return LEAVE_OUT;
  if (plain == ATTACHMENT && load<u32>(plan + NEEDS_TEXT) != 0) return LEAVE_OUT;
  const textFrom: u32 = first == 0 ? 0 : load<u32>(textEnds + (<usize>(first - 1) << 2));
  const textTo: u32 = last == 0 ? 0 : load<u32>(textEnds + (<usize>(last - 1) << 2));
  if (textFrom > textTo || textTo > textBytes) return IS_DAMAGED;
  let need = <u64>load<u32>(plan + FIXED);
  need += <u64>load<u32>(plan + GROWTH) * (textTo - textFrom) + <u64>load<u32>(plan + PER_STRING) * (last - first);
  if (plain >= ATTACHMENT && load<u32>(plan + NEEDS_TEXT) == 0) {
    openAttachment(attachment);
    need += jsonBytes();
  }
  return need;
}

// The text of the line that `lineAt` was asked for.
export let textFrom: usize = 0;
export let textTo: usize = 0;

/** Whether rows that are lines need no more than their text: each entry has one string, none has a time, and all are to be written. */
// @ts-ignore: decorator
@inline export function isPlainRun(): bool {
  return counts == 0 && perEntry == 1 && times == 0 && selection == 0;
}

/** Where a plain run ends at the latest: no entry behind it has a string. */
// @ts-ignore: decorator
@inline export function runEnd(): u32 {
  return min(entries, strings);
}

/** Whether row number `row` of a plain run is a line whose text lies where text lies. Then `textFrom` and `textTo` are set. */
// @ts-ignore: decorator
@inline export function lineAt(row: u32): bool {
  if (load<u8>(kinds + row) != LINE) return false;
  const start: u32 = row == 0 ? 0 : load<u32>(textEnds + (<usize>(row - 1) << 2));
  const stop = load<u32>(textEnds + (<usize>row << 2));
  textFrom = text + start;
  textTo = text + stop;
  return start <= stop && stop <= textBytes;
}

// @ts-ignore: decorator
@inline export function usedBytesOf(row: u32): u32 {
  return load<u32>(consumed + (<usize>row << 2));
}

/** Accounts for the lines before row number `row`, whose first byte is at `position`. */
// @ts-ignore: decorator
@inline export function countLines(row: u32, position: u64): void {
  items += row - rows;
  bytes += <f64>(position - offset);
  offset = position;
  first = row;
  rows = row;
}

/** Opens the attachment of the row, which is behind the one before. */
// @ts-ignore: decorator
@inline export function takeAttachment(): void {
  if ((kind & ~JOINED) < ATTACHMENT) return;
  attachment = openAttachment(attachment);
  attachments--;
}

// @ts-ignore: decorator
@inline export function countItem(): void {
  items++;
}

// @ts-ignore: decorator
@inline export function usedBytes(): u32 {
  return usedBytesOf(rows);
}

/** `NO_TIME` when it has none. */
// @ts-ignore: decorator
@inline export function timeOfRow(): i64 {
  return times == 0 ? NO_TIME : load<i64>(times + (<usize>rows << 3));
}

/** Goes on behind a row. */
// @ts-ignore: decorator
@inline export function leave(): void {
  const used = usedBytes();
  offset += used;
  bytes += <f64>used;
  first = last;
  rows++;
}

/** Accounts for skipped input, for an item that was not selected, and for one that has no text to be written. */
export function leaveOut(): void {
  if (kind == SKIPPED) {
    skippedBytes += <f64>usedBytes();
    return;
  }
  if (kind == FILTERED) {
    filteredBytes += <f64>usedBytes();
    return;
  }
  takeAttachment();
  if (isSelected()) items++;
  else {
    filtered++;
    filteredBytes += <f64>usedBytes();
  }
}

// @ts-ignore: decorator
@inline function isSelected(): bool {
  return selection == 0 || (load<u8>(selection + (rows >> 3)) & (1 << (rows & 7))) != 0;
}

// @ts-ignore: decorator
@inline export function holds(condition: u32): bool {
  const plain = kind & ~JOINED;
  if (condition == HAS_TIME) return timeOfRow() != NO_TIME;
  if (condition == IS_LINE) return plain == LINE || plain == LINE_AND_ATTACHMENT;
  if (condition == IS_COLUMNS) return plain == COLUMNS || plain == COLUMNS_AND_ATTACHMENT;
  return plain >= ATTACHMENT;
}

/** Sets `from` and `to`. @returns false when the string lies outside of the text */
// @ts-ignore: decorator
@inline export function findString(number: u32): bool {
  const start: u32 = number == 0 ? 0 : load<u32>(textEnds + (<usize>(number - 1) << 2));
  const stop = load<u32>(textEnds + (<usize>number << 2));
  setString(text + start, text + stop);
  return start <= stop && stop <= textBytes;
}
