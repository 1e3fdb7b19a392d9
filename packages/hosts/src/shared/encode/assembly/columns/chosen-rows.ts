/**
 * The tables of the batch, and the rows of it that become one record batch. `choose` takes the next rows that have room; what writes columns
 * goes over them as often as there are columns; `advance` goes on behind them.
 *
 * The tables are not trusted: a batch may have been stored and damaged. What the host has not checked before (`readBatchLayout`) is checked by
 * `open` and `choose`, before it is followed.
 */
import {
  createdBytes, dataBytes, entryOf, messageCount, modifiedBytes, nameBytes, openAttachment,
} from '../attachment';

// Kinds of entries (docs/batch-format.md).
const SKIPPED: u32 = 0;
const COLUMNS: u32 = 2;
const ATTACHMENT: u32 = 3;
const COLUMNS_AND_ATTACHMENT: u32 = 5;
/** Items that were left out before: they are none of this batch. */
const FILTERED: u32 = 6;
const JOINED: u32 = 8;

export const NO_TIME: i64 = i64.MIN_VALUE;
/** What an attachment takes at most, besides its texts, its content and its indexes of messages. */
const ATTACHMENT_BYTES: u64 = 40;

let kinds: usize = 0;
export let consumed: usize = 0;
/** 0: all entries have `perEntry` strings. */
let counts: usize = 0;
let perEntry: u32 = 0;
/** 0: no entry has a time. */
let times: usize = 0;
let textEnds: usize = 0;
let strings: u32 = 0;
export let text: usize = 0;
export let entries: u32 = 0;
/** A bit for each entry, 1 for those that are to be written; 0: all are. */
let selection: usize = 0;
/** Whether items without text are left out, and whether attachments are written. */
let needsText: bool = false;
let hasAttachments: bool = false;

// Where the chosen rows begin: the entry, its first string, its attachment or the next one, and its position in the input.
export let row: u32 = 0;
export let first: u32 = 0;
export let attachment: usize = 0;
export let attachmentsLeft: u32 = 0;
export let offset: u64 = 0;

// Behind the chosen rows.
export let rowEnd: u32 = 0;
let firstEnd: u32 = 0;
let attachmentEnd: usize = 0;
let attachmentsLeftEnd: u32 = 0;
let offsetEnd: u64 = 0;

/** Rows that are chosen, and those of them that have attachments. */
export let chosen: u32 = 0;
export let chosenAttachments: u32 = 0;
/** Whether every entry from `row` up to `rowEnd` is chosen. */
export let isWhole: bool = false;

// The account of all entries before `row`, and of those before `rowEnd`.
export let items: u32 = 0;
/** Items that were not selected. */
export let filtered: u32 = 0;
/** Of these, and of those that were left out before. */
export let filteredBytes: f64 = 0;
export let bytes: f64 = 0;
export let skippedBytes: f64 = 0;
let itemsEnd: u32 = 0;
let filteredEnd: u32 = 0;
let filteredBytesEnd: f64 = 0;
let bytesEnd: f64 = 0;
let skippedBytesEnd: f64 = 0;

/** All places are addresses; for `mask` see `selection`. @returns false when the batch is damaged */
export function open(
  kindsAt: usize, consumedAt: usize, countsAt: usize, stringsPerEntry: u32, timesAt: usize, textEndsAt: usize, stringCount: u32,
  textAt: usize, textBytes: u32, entryCount: u32, attachmentsAt: usize, attachmentCount: u32, start: f64, mask: usize,
  leavesOutFiles: bool, writesFiles: bool,
): bool {
  kinds = kindsAt;
  consumed = consumedAt;
  counts = countsAt;
  perEntry = stringsPerEntry;
  times = timesAt;
  textEnds = textEndsAt;
  strings = stringCount;
  text = textAt;
  entries = entryCount;
  selection = mask;
  needsText = leavesOutFiles;
  hasAttachments = writesFiles;
  row = 0;
  first = 0;
  attachment = attachmentsAt;
  attachmentsLeft = attachmentCount;
  offset = <u64>start;
  items = 0;
  filtered = 0;
  filteredBytes = 0;
  bytes = 0;
  skippedBytes = 0;
  return stringsAreInOrder(textBytes);
}

/** Goes to a row of the batch that another module stands at. @param at the attachment of the row, or the next one */
export function goTo(toRow: u32, toFirst: u32, at: usize, left: u32, start: f64): void {
  row = toRow;
  first = toFirst;
  attachment = at;
  attachmentsLeft = left;
  offset = <u64>start;
}

function stringsAreInOrder(textBytes: u32): bool {
  let before: u32 = 0;
  let inOrder: u32 = 1;
  const end = textEnds + (<usize>strings << 2);
  for (let at = textEnds; at < end; at += 4) {
    const next = load<u32>(at);
    inOrder &= <u32>(next >= before);
    before = next;
  }
  return inOrder != 0 && before <= textBytes;
}

/**
 * Chooses the next rows. It may be called again to choose others instead.
 * @param most rows
 * @param room bytes that they may become, and `perRow` what each one takes at most besides its texts and its attachment
 * @param copies how often a text is written at most
 * @returns false when the batch is damaged
 */
export function choose(most: u32, room: f64, perRow: u32, copies: u32): bool {
  // In variables of the function: the loop is slower with those of the module.
  let left = <u64>room;
  let rows: u32 = 0;
  let files: u32 = 0;
  let whole = true;
  let entry = row;
  let from = first;
  let fileAt = attachment;
  let filesLeft = attachmentsLeft;
  let passed: u64 = 0;
  let skipped: u64 = 0;
  let unselectedBytes: u64 = 0;
  let unselected: u32 = 0;
  let leftOut: u32 = 0;
  let textFrom = endOf(from);
  for (; entry < entries; entry++) {
    const kind = <u32>load<u8>(kinds + entry);
    const last = lastOf(entry, from);
    if (last < from || last > strings) return false;
    const textTo = endOf(last);
    const used = usedBytes(entry);
    if (kind == SKIPPED) {
      whole = false;
      skipped += used;
    } else if (kind == FILTERED) {
      whole = false;
      unselectedBytes += used;
    } else {
      const plain = kind & ~JOINED;
      if (plain > COLUMNS_AND_ATTACHMENT || (plain != kind && plain != COLUMNS && plain != COLUMNS_AND_ATTACHMENT)) return false;
      const hasOne = plain >= ATTACHMENT;
      if (hasOne && (filesLeft == 0 || entryOf(fileAt) != entry)) return false;
      if (isTaken(entry, plain)) {
        if (rows == most) break;
        let cost = <u64>perRow + <u64>copies * ((textTo - textFrom) + (last - from));
        let next: usize = fileAt;
        if (hasOne) {
          next = openAttachment(fileAt);
          if (hasAttachments) cost += attachmentCost();
        }
        if (cost > left) break;
        left -= cost;
        rows++;
        if (hasOne) {
          files++;
          fileAt = next;
          filesLeft--;
        }
      } else {
        whole = false;
        if (isSelected(entry)) leftOut++;
        else {
          unselected++;
          unselectedBytes += used;
        }
        if (hasOne) {
          fileAt = openAttachment(fileAt);
          filesLeft--;
        }
      }
    }
    passed += used;
    from = last;
    textFrom = textTo;
  }
  chosen = rows;
  chosenAttachments = files;
  isWhole = whole;
  rowEnd = entry;
  firstEnd = from;
  attachmentEnd = fileAt;
  attachmentsLeftEnd = filesLeft;
  offsetEnd = offset + passed;
  itemsEnd = items + rows + leftOut;
  filteredEnd = filtered + unselected;
  filteredBytesEnd = filteredBytes + <f64>unselectedBytes;
  bytesEnd = bytes + <f64>passed;
  skippedBytesEnd = skippedBytes + <f64>skipped;
  return true;
}

/** What the row behind the chosen ones becomes at most, besides `perRow`: for one that has no room by itself. */
export function nextRowBytes(copies: u32): f64 {
  const last = lastOf(rowEnd, firstEnd);
  let cost = <u64>copies * (<u64>(endOf(last) - endOf(firstEnd)) + (last - firstEnd));
  if (hasFile(rowEnd) && hasAttachments) {
    openAttachment(attachmentEnd);
    cost += attachmentCost();
  }
  return <f64>cost;
}

/** Goes on behind the rows that were chosen. */
export function advance(): void {
  row = rowEnd;
  first = firstEnd;
  attachment = attachmentEnd;
  attachmentsLeft = attachmentsLeftEnd;
  offset = offsetEnd;
  items = itemsEnd;
  filtered = filteredEnd;
  filteredBytes = filteredBytesEnd;
  bytes = bytesEnd;
  skippedBytes = skippedBytesEnd;
}

/** Of the attachment that is open. */
function attachmentCost(): u64 {
  return ATTACHMENT_BYTES + nameBytes + createdBytes + modifiedBytes + <u64>dataBytes + (<u64>messageCount << 3);
}

// @ts-ignore: decorator
@inline function isSelected(at: u32): bool {
  return selection == 0 || (load<u8>(selection + (at >> 3)) & (1 << (at & 7))) != 0;
}

// @ts-ignore: decorator
@inline function isTaken(at: u32, plain: u32): bool {
  return !(plain == ATTACHMENT && needsText) && isSelected(at);
}

/** Whether an entry from `row` up to `rowEnd` is chosen. */
// @ts-ignore: decorator
@inline export function isChosen(at: u32): bool {
  if (isWhole) return true;
  const kind = <u32>load<u8>(kinds + at);
  return kind != SKIPPED && kind != FILTERED && isTaken(at, kind & ~JOINED);
}

/** Whether all chosen rows have `number` strings, and nothing is between them. */
// @ts-ignore: decorator
@inline export function eachHas(number: u32): bool {
  return isWhole && counts == 0 && perEntry == number;
}

/** How many strings each chosen row has, when that is known without looking; else `u32.MAX_VALUE`. */
// @ts-ignore: decorator
@inline export function stringsOfEach(): u32 {
  return counts == 0 ? perEntry : u32.MAX_VALUE;
}

// @ts-ignore: decorator
@inline export function hasFile(at: u32): bool {
  const plain = <u32>load<u8>(kinds + at) & ~JOINED;
  return plain >= ATTACHMENT && plain <= COLUMNS_AND_ATTACHMENT;
}

/** Number of the string behind those of the entry, of which `from` is the first. */
// @ts-ignore: decorator
@inline export function lastOf(at: u32, from: u32): u32 {
  return counts == 0 ? from + perEntry : load<u32>(counts + (<usize>at << 2));
}

/** Where the string before this one ends in the text. */
// @ts-ignore: decorator
@inline export function endOf(string: u32): u32 {
  return string == 0 ? 0 : load<u32>(textEnds + (<usize>(string - 1) << 2));
}

// @ts-ignore: decorator
@inline export function usedBytes(at: u32): u32 {
  return load<u32>(consumed + (<usize>at << 2));
}

/** `NO_TIME` when it has none. */
// @ts-ignore: decorator
@inline export function timeOf(at: u32): i64 {
  return times == 0 ? NO_TIME : load<i64>(times + (<usize>at << 3));
}
