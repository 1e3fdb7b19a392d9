/** Makes the tables of a batch that has the marked rows alone. Others become entries of the kind `filtered`, one for all that follow each other. */

import { entryOf, openAttachment } from '../../encode/assembly/attachment';
import { copied } from '../../encode/assembly/plain-text';
import { endOfRun } from './runs';
import {
  attachmentCount,
  attachments,
  consumed,
  counts,
  endOf,
  FILTERED,
  firstOf,
  hasSkipped,
  isMarked,
  kinds,
  lastOf,
  perEntry,
  SKIPPED,
  startOf,
  text,
  times,
  unitEnds,
} from './tables';

const VARYING: u32 = 0xffffffff;
const NO_TIME: i64 = i64.MIN_VALUE;
const MAX_U32: u64 = 0xffffffff;
/** More bytes than that are copied faster by the engine. */
const LONG: u32 = 2048;

// What the new batch comes to.
export let newEntries: u32 = 0;
export let newItems: u32 = 0;
export let newStrings: u32 = 0;
export let newTextBytes: u32 = 0;
export let newPerEntry: u32 = 0;
export let newAttachments: u32 = 0;
export let newAttachmentBytes: u32 = 0;
export let bytes: f64 = 0;
export let skippedBytes: f64 = 0;
export let filteredItems: u32 = 0;
export let filteredBytes: f64 = 0;

/** Counts what entries from 0 up to `end` become. */
export function measure(bits: usize, end: u32): void {
  newEntries = 0;
  newItems = 0;
  newStrings = 0;
  newTextBytes = 0;
  newPerEntry = 0;
  newAttachments = 0;
  newAttachmentBytes = 0;
  bytes = 0;
  skippedBytes = 0;
  filteredItems = 0;
  filteredBytes = 0;
  firstAttachment();
  for (let entry: u32 = 0; entry < end; ) {
    const next = endOfRun(bits, entry, end);
    if (isMarked(bits, entry)) {
      passAttachments(entry);
      const attachmentsBefore = attachmentsLeft;
      const attachmentBefore = attachment;
      passAttachments(next);
      newAttachments += attachmentsBefore - attachmentsLeft;
      newAttachmentBytes += <u32>(attachment - attachmentBefore);
      newItems += next - entry;
      const first = firstOf(entry);
      const last = firstOf(next);
      newStrings += last - first;
      newTextBytes += startOf(last) - startOf(first);
      if (counts == 0) countEntries(next - entry, perEntry);
      else for (let row = entry; row < next; row++) countEntries(1, lastOf(row) - firstOf(row));
      bytes += <f64>usedBytes(entry, next);
    } else countUnmarked(entry, next);
    entry = next;
  }
}

function countUnmarked(entry: u32, end: u32): void {
  while (entry < end) {
    const next = endOfPart(entry, end);
    const used = usedBytes(entry, next);
    bytes += <f64>used;
    if (load<u8>(kinds + entry) == SKIPPED) skippedBytes += <f64>used;
    else {
      filteredItems += next - entry;
      filteredBytes += <f64>used;
    }
    countEntries(1, 0);
    entry = next;
  }
}

function countEntries(count: u32, strings: u32): void {
  if (newEntries == 0) newPerEntry = strings;
  else if (newPerEntry != strings) newPerEntry = VARYING;
  newEntries += count;
}

/** Of entries that are not marked, how far those go that become one entry: it can count less than 4 GiB. */
function endOfPart(entry: u32, end: u32): u32 {
  const isSkipped = load<u8>(kinds + entry) == SKIPPED;
  if (isSkipped) return entry + 1;
  if (!hasSkipped && usedBytes(entry, end) <= MAX_U32) return end;
  let used: u64 = 0;
  let next = entry;
  while (next < end && load<u8>(kinds + next) != SKIPPED) {
    used += load<u32>(consumed + ((<usize>next) << 2));
    if (used > MAX_U32) break;
    next++;
  }
  return next;
}

function usedBytes(entry: u32, end: u32): u64 {
  let used: u64 = 0;
  for (; entry < end; entry++) used += load<u32>(consumed + ((<usize>entry) << 2));
  return used;
}

// The next attachment, and how many there are from it on.
let attachment: usize = 0;
let attachmentsLeft: u32 = 0;

function firstAttachment(): void {
  attachment = attachments;
  attachmentsLeft = attachmentCount;
}

/** Goes to the first attachment of entry number `entry` or one behind it. */
function passAttachments(entry: u32): void {
  while (attachmentsLeft > 0 && entryOf(attachment) < entry) {
    attachment = openAttachment(attachment);
    attachmentsLeft--;
  }
}

// Where the next row of the new batch is written, and how much of it there is.
let kindsTo: usize = 0;
let consumedTo: usize = 0;
let countsTo: usize = 0;
let timesTo: usize = 0;
let endsTo: usize = 0;
let unitsTo: usize = 0;
let attachmentsTo: usize = 0;
let textTo: usize = 0;
let entriesWritten: u32 = 0;
let stringsWritten: u32 = 0;
let textWritten: u32 = 0;
let unitsWritten: u32 = 0;

/**
 * Writes the tables that `measure` has counted, and up to 15 bytes behind the text. All places are addresses; 0 for tables that the new batch
 * does not have.
 */
export function write(
  bits: usize,
  end: u32,
  kindsAt: usize,
  consumedAt: usize,
  countsAt: usize,
  timesAt: usize,
  textEndsAt: usize,
  unitEndsAt: usize,
  attachmentsAt: usize,
  textAt: usize,
): void {
  kindsTo = kindsAt;
  consumedTo = consumedAt;
  countsTo = countsAt;
  timesTo = timesAt;
  endsTo = textEndsAt;
  unitsTo = unitEndsAt;
  attachmentsTo = attachmentsAt;
  textTo = textAt;
  entriesWritten = 0;
  stringsWritten = 0;
  textWritten = 0;
  unitsWritten = 0;
  firstAttachment();
  for (let entry: u32 = 0; entry < end; ) {
    const next = endOfRun(bits, entry, end);
    if (isMarked(bits, entry)) writeMarked(entry, next);
    else writeUnmarked(entry, next);
    entry = next;
  }
}

function writeMarked(entry: u32, end: u32): void {
  writeAttachments(entry, end);
  const rows = <usize>(end - entry);
  for (let row = entry; row < end; row++, kindsTo++, consumedTo += 4) {
    store<u8>(kindsTo, load<u8>(kinds + row));
    store<u32>(consumedTo, load<u32>(consumed + ((<usize>row) << 2)));
  }
  if (timesTo != 0)
    for (let row = entry; row < end; row++, timesTo += 8) store<i64>(timesTo, load<i64>(times + ((<usize>row) << 3)));
  const first = firstOf(entry);
  const last = firstOf(end);
  if (countsTo != 0)
    for (let row = entry; row < end; row++, countsTo += 4) store<u32>(countsTo, stringsWritten + lastOf(row) - first);
  const start = startOf(first);
  const length = startOf(last) - start;
  const from = text + start;
  const to = textTo + textWritten;
  // Up to 15 bytes more are copied, over which the next text is written.
  if (length > LONG) memory.copy(to, from, length);
  else copied(from, from + length, to);
  for (let string = first; string < last; string++, endsTo += 4)
    store<u32>(endsTo, endOf(string) - start + textWritten);
  textWritten += length;
  if (unitEnds != 0) {
    const startUnits = unitsBefore(first);
    for (let string = first; string < last; string++, unitsTo += 4)
      store<u32>(unitsTo, load<u32>(unitEnds + ((<usize>string) << 2)) - startUnits + unitsWritten);
    unitsWritten += unitsBefore(last) - startUnits;
  }
  stringsWritten += last - first;
  entriesWritten += <u32>rows;
}

function writeAttachments(entry: u32, end: u32): void {
  passAttachments(entry);
  while (attachmentsLeft > 0) {
    const row = entryOf(attachment);
    if (row >= end) return;
    const next = openAttachment(attachment);
    const length = next - attachment;
    memory.copy(attachmentsTo, attachment, length);
    // The map begins with its entry.
    store<u32>(attachmentsTo + 8, bswap<u32>(entriesWritten + row - entry));
    attachmentsTo += length;
    attachment = next;
    attachmentsLeft--;
  }
}

function writeUnmarked(entry: u32, end: u32): void {
  while (entry < end) {
    const next = endOfPart(entry, end);
    const kind = load<u8>(kinds + entry);
    store<u8>(kindsTo++, kind == SKIPPED ? kind : <u8>FILTERED);
    store<u32>(consumedTo, <u32>usedBytes(entry, next));
    consumedTo += 4;
    if (countsTo != 0) {
      store<u32>(countsTo, stringsWritten);
      countsTo += 4;
    }
    if (timesTo != 0) {
      store<i64>(timesTo, kind == SKIPPED ? load<i64>(times + ((<usize>entry) << 3)) : NO_TIME);
      timesTo += 8;
    }
    entriesWritten++;
    entry = next;
  }
}

function unitsBefore(string: u32): u32 {
  return string == 0 ? 0 : load<u32>(unitEnds + ((<usize>(string - 1)) << 2));
}
