/**
 * The second pass of module `lift`: puts the records that `measure` counted into the tables that were laid out for them. It reads the
 * plugin's memory; what it finds goes to the host's by ./cells and ./copy.
 *
 * Measured records are not trusted: what does not fit into the tables as they were laid out is refused (DISAGREES), never written.
 */
import { attachmentCost } from '../attachment-cost';
import {
  attachmentsEnd,
  attachmentsStart,
  consumedStart,
  countsStart,
  hasCounts,
  hasTimes,
  isAscii,
  kindsEnd,
  kindsStart,
  textEndsEnd,
  textEndsStart,
  textLimit,
  textStart,
  timesStart,
  unitEndsAway,
} from '../layout';
import {
  ATTACHMENT,
  COLUMN_BYTES,
  COLUMNS,
  CONSUMED,
  JOINED_COLUMNS,
  LINE,
  MESSAGE_CASE,
  MESSAGE_LENGTH,
  MESSAGE_POINTER,
  RECORD_BYTES,
  SKIPPED,
  VALUE_OPTION,
  WITH_ATTACHMENT,
  YIELD_ATTACHMENT,
  YIELD_CASE,
} from '../parse-return';
import { LOOK_BYTES, look } from '../separators';
import { NO_TIME, timeAt } from '../times';
import { units } from '../utf8';
import { put8, put32, put64, widen32 } from './cells';
import { copy } from './copy';
import { transferAttachment } from './transfer-attachment';

// What `transfer` returns.
export const DONE: i32 = 0;
export const NOT_ASCII: i32 = 1;
export const NOT_UTF8: i32 = 2;
export const DISAGREES: i32 = 3;
/** What `records` returns, too: the attachment of the record where it stopped is to be put, and then its row. */
const WITH_ITS_ATTACHMENT: i32 = 4;

/** How many records the last `transfer` put wholly into the tables. */
export let transferred: u32 = 0;
/** UTF-16 code units of all text so far, unless the batch is tried as ASCII. */
export let unitsSoFar: u32 = 0;

/** Where the first record and its time lie. */
let firstRecord: usize = 0;
let firstTime: usize = 0;
/** The record under way, and the kind of its row. */
let record: usize = 0;
let kindHere: u32 = 0;
let afterSkipped: bool = false;

/** How many rows there are. */
let entry: usize = 0;
// Where the next of each goes.
let text: usize = 0;
let textEnd: usize = 0;
let attachment: usize = 0;

/** Puts `count` records at `list`, whose times lie at `times`, into the tables, up to the first that cannot be. */
export function transfer(list: usize, count: u32, mostColumns: u32, times: usize): i32 {
  entry = 0;
  text = textStart;
  textEnd = textEndsStart;
  attachment = attachmentsStart;
  unitsSoFar = 0;
  afterSkipped = false;
  firstRecord = list;
  firstTime = times;
  record = list;
  const end = list + <usize>count * RECORD_BYTES;
  let status = records(end, mostColumns);
  while (status == WITH_ITS_ATTACHMENT) {
    status = attachmentAndRow();
    if (status == DONE) status = records(end, mostColumns);
  }
  transferred = <u32>((record - list) / RECORD_BYTES);
  if (status != DONE) return status;
  const isFull = kindsStart + entry == kindsEnd && textEnd == textEndsEnd && text == textLimit;
  return isFull && attachment == attachmentsEnd ? DONE : DISAGREES;
}

/** Puts the records before `end`, up to one with an attachment. A call in this loop, taken or not, would cost it a fifth of its speed. */
function records(end: usize, mostColumns: u32): i32 {
  for (; record != end; record += RECORD_BYTES) {
    const used = <u32>load<u64>(record, CONSUMED);
    if (load<u8>(record, VALUE_OPTION) == 0) {
      if (used == 0) continue;
      if (afterSkipped) {
        widen32(consumedStart + ((entry - 1) << 2), used);
        continue;
      }
      afterSkipped = true;
      kindHere = SKIPPED;
    } else {
      afterSkipped = false;
      const yieldCase = load<u8>(record, YIELD_CASE);
      if (yieldCase == YIELD_ATTACHMENT) {
        kindHere = ATTACHMENT;
        return WITH_ITS_ATTACHMENT;
      }
      const status = message(mostColumns);
      if (status != DONE) return status;
      if (yieldCase != 0) {
        kindHere += WITH_ATTACHMENT;
        return WITH_ITS_ATTACHMENT;
      }
    }
    if (!row(used)) return DISAGREES;
  }
  return DONE;
}

/** Adds a row for the record under way; returns whether there was one left. */
function row(used: u32): bool {
  const kind = kindsStart + entry;
  if (kind == kindsEnd) return false;
  put8(kind, kindHere);
  put32(consumedStart + (entry << 2), used);
  if (hasCounts) put32(countsStart + (entry << 2), <u32>(textEnd - textEndsStart) >> 2);
  if (hasTimes) {
    const time = kindHere == SKIPPED ? NO_TIME : load<i64>(timeAt(record, firstRecord, firstTime));
    put64(timesStart + (entry << 3), <u64>time);
  }
  entry++;
  return true;
}

function attachmentAndRow(): i32 {
  const memoryBytes: u64 = (<u64>memory.size()) << 16;
  if (attachmentCost(record, memoryBytes) > <u64>(attachmentsEnd - attachment)) return DISAGREES;
  attachment = transferAttachment(record, <u32>entry, attachment);
  if (attachment == 0) return NOT_UTF8;
  if (!row(<u32>load<u64>(record, CONSUMED))) return DISAGREES;
  record += RECORD_BYTES;
  return DONE;
}

/** Puts the strings of the record under way. */
function message(mostColumns: u32): i32 {
  // A line is a list of one, as in `measure`.
  let at = record + MESSAGE_POINTER;
  let stop = at + COLUMN_BYTES;
  kindHere = LINE;
  if (load<u8>(record, MESSAGE_CASE) != 0) {
    kindHere = COLUMNS;
    at = load<u32>(record, MESSAGE_POINTER);
    stop = at + <usize>load<u32>(record, MESSAGE_LENGTH) * COLUMN_BYTES;
  } else if (mostColumns > 1) {
    return joined(load<u32>(at), load<u32>(at, 4), mostColumns);
  }
  for (; at != stop; at += COLUMN_BYTES) {
    const status = string(load<u32>(at), load<u32>(at, 4));
    if (status != DONE) return status;
  }
  return DONE;
}

/** Puts one string behind those before it. */
function string(from: usize, bytes: usize): i32 {
  if (bytes > textLimit - text || textEnd == textEndsEnd) return DISAGREES;
  const seen = copy(text, from, bytes);
  const isAsciiHere = i8x16.bitmask(seen) == 0;
  if (isAscii) {
    if (!isAsciiHere) return NOT_ASCII;
  } else {
    const more = isAsciiHere ? <i32>bytes : units(text, bytes);
    if (more < 0) return NOT_UTF8;
    unitsSoFar += <u32>more;
    put32(textEnd + unitEndsAway, unitsSoFar);
  }
  text += bytes;
  put32(textEnd, <u32>(text - textStart));
  textEnd += 4;
  return DONE;
}

/** Puts a line, as columns where it holds separators. */
function joined(line: usize, bytes: usize, mostColumns: u32): i32 {
  const stop = line + bytes;
  let begin = line;
  let separators = mostColumns - 1;
  for (let at = line; at < stop && separators != 0; at += LOOK_BYTES) {
    let found = look(at, <u32>(stop - at));
    while (found != 0) {
      const cut = at + <usize>ctz(found);
      const status = string(begin, cut - begin);
      if (status != DONE) return status;
      kindHere = JOINED_COLUMNS;
      begin = cut + 1;
      if (--separators == 0) break;
      found &= found - 1;
    }
  }
  return string(begin, stop - begin);
}
