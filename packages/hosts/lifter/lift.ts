// Module `lift`: runs in the worker's shared memory, where the host has staged copies of a plugin's records and strings and
// where the ring lies. It writes a batch in place (docs/batch-format.md).
//
// `begin` lays the batch out from what `measure` counted, `lift` adds one run of records, `end` says how many bytes it took.
// A batch is first tried as ASCII, which has no table of unit ends; the first character beyond that gives up (NOT_ASCII) and
// the host begins it again with `ascii` 0.
//
// Nothing that was staged is trusted: a read outside of the staged stretches, or a write outside of the tables, is refused.

import {
  COLUMN_BYTES, COLUMNS, CONSUMED, LINE, MESSAGE_CASE, MESSAGE_LENGTH, MESSAGE_POINTER, RECORD_BYTES, SKIPPED, VALUE_OPTION,
} from './parse-return';
import {
  CONSUMED_0, ENDS_1, header, HEADER_BYTES, KINDS_0, noAttachments, STRING_COUNTS_0, STRING_COUNTS_1, table, TEXT_0,
  TEXT_ENDS_0, UNIT_ENDS_0,
} from './frame-header';
import { head, units } from './utf8';

const SPACES: u64 = 0x2020202020202020;

// What `lift` returns.
const DONE: i32 = 0;
const NOT_ASCII: i32 = 1;
const NOT_UTF8: i32 = 2;
const DISAGREES: i32 = 3;

// Written past the last byte of a batch at most, while labels and strings are stored in whole words.
const SLACK: u64 = 32;

/** The record of this run whose text is NOT_UTF8. */
export let failedRecord: u32 = 0;
/** UTF-16 code units of all text so far, unless the batch is tried as ASCII. */
export let unitsSoFar: u32 = 0;

let frameStart: usize = 0;
let isAscii: bool = false;
let hasCounts: bool = false;
let afterSkipped: bool = false;

// Cursors and ends of the tables.
let kind: usize = 0;
let kindEnd: usize = 0;
let consumed: usize = 0;
let counts: usize = 0;
let textEnd: usize = 0;
let textEndsEnd: usize = 0;
let unitEnd: usize = 0;
let textStart: usize = 0;
let text: usize = 0;
let textLimit: usize = 0;
let stringsSoFar: u32 = 0;

// The staged stretches: where they were in the plugin's memory, how long they are, where they are now.
let firstLow: u32 = 0;
let firstBytes: u32 = 0;
let firstAt: usize = 0;
let secondLow: u32 = 0;
let secondBytes: u32 = 0;
let secondAt: usize = 0;

/** Returns 0 when the batch does not fit into `slotBytes` bytes. */
export function begin(
  frame: usize, slotBytes: u32, ascii: u32, entries: u32, items: u32, strings: u32, textBytes: u32,
  offset: f64, bytes: u32, skippedBytes: u32, stringsPerEntry: u32, varying: u32,
): i32 {
  const most: u64 = 192 + SLACK + <u64>entries * 9 + <u64>strings * 8 + <u64>textBytes;
  if (most > <u64>slotBytes) return 0;
  frameStart = frame;
  isAscii = ascii != 0;
  hasCounts = varying != 0;
  header(frame, isAscii, entries, items, <u64>offset, bytes, skippedBytes, hasCounts ? 0xffffffff : stringsPerEntry);
  kind = table(frame, frame + HEADER_BYTES, KINDS_0, SPACES, 5, entries);
  kindEnd = kind + entries;
  consumed = table(frame, kindEnd, CONSUMED_0, SPACES, 8, entries * 4);
  const countsBytes = hasCounts ? entries * 4 : 0;
  counts = table(frame, consumed + entries * 4, STRING_COUNTS_0, STRING_COUNTS_1, 13, countsBytes);
  textEnd = table(frame, counts + countsBytes, TEXT_ENDS_0, ENDS_1, 9, strings * 4);
  textEndsEnd = textEnd + strings * 4;
  const unitEndsBytes = isAscii ? 0 : strings * 4;
  unitEnd = table(frame, textEndsEnd, UNIT_ENDS_0, ENDS_1, 9, unitEndsBytes);
  const attachmentsEnd = noAttachments(unitEnd + unitEndsBytes);
  textStart = table(frame, attachmentsEnd, TEXT_0, SPACES, 4, textBytes);
  text = textStart;
  textLimit = text + textBytes;
  stringsSoFar = 0;
  unitsSoFar = 0;
  afterSkipped = false;
  return 1;
}

/** Bytes of the whole batch, or 0 when its tables are not all full. */
export function end(): u32 {
  if (kind != kindEnd || textEnd != textEndsEnd || text != textLimit) return 0;
  return <u32>(text - frameStart);
}

/** Names the stretches that the next run's pointers lie in. */
export function stage(low0: u32, bytes0: u32, at0: usize, low1: u32, bytes1: u32, at1: usize): void {
  firstLow = low0;
  firstBytes = bytes0;
  firstAt = at0;
  secondLow = low1;
  secondBytes = bytes1;
  secondAt = at1;
}

/** Adds the `count` records at `records`. */
export function lift(records: usize, count: u32): i32 {
  return isAscii ? liftRun(records, count, true) : liftRun(records, count, false);
}

/** Where `bytes` bytes at `pointer` of the plugin's memory are staged; 0 when they are not. */
// @ts-ignore: decorator
@inline function staged(pointer: u32, bytes: u32): usize {
  const inFirst = pointer - firstLow;
  if (inFirst <= firstBytes && bytes <= firstBytes - inFirst) return firstAt + inFirst;
  const inSecond = pointer - secondLow;
  if (inSecond <= secondBytes && bytes <= secondBytes - inSecond) return secondAt + inSecond;
  return 0;
}

/** Copies a string; returns all of its bytes OR-ed together. */
// @ts-ignore: decorator
@inline function copy(to: usize, from: usize, bytes: usize): v128 {
  if (bytes < 16) {
    v128.store(to, v128.load(from));
    return head(from, bytes);
  }
  const last = v128.load(from + bytes - 16);
  v128.store(to + bytes - 16, last);
  let seen = last;
  const stop = from + bytes - 16;
  for (; from < stop; from += 16, to += 16) {
    const block = v128.load(from);
    v128.store(to, block);
    seen = v128.or(seen, block);
  }
  return seen;
}

// @ts-ignore: decorator
@inline function addString(pointer: u32, bytes: u32, ascii: bool): i32 {
  if (textEnd >= textEndsEnd || <usize>bytes > textLimit - text) return DISAGREES;
  let more: i32 = bytes;
  if (bytes != 0) {
    const from = staged(pointer, bytes);
    if (from == 0) return DISAGREES;
    const seen = copy(text, from, bytes);
    if (i8x16.bitmask(seen) != 0) {
      if (ascii) return NOT_ASCII;
      more = units(text, bytes);
      if (more < 0) return NOT_UTF8;
    }
    text += bytes;
  }
  store<u32>(textEnd, <u32>(text - textStart));
  textEnd += 4;
  if (!ascii) {
    unitsSoFar += more;
    store<u32>(unitEnd, unitsSoFar);
    unitEnd += 4;
  }
  return DONE;
}

// @ts-ignore: decorator
@inline function addRow(kindHere: u8, used: u32, stringsHere: u32): void {
  store<u8>(kind, kindHere);
  kind++;
  store<u32>(consumed, used);
  consumed += 4;
  if (hasCounts) {
    stringsSoFar += stringsHere;
    store<u32>(counts, stringsSoFar);
    counts += 4;
  }
}

// @ts-ignore: decorator
@inline function liftRun(records: usize, count: u32, ascii: bool): i32 {
  let record = records;
  for (let i: u32 = 0; i < count; i++, record += RECORD_BYTES) {
    const used = <u32>load<u64>(record, CONSUMED);
    if (load<u8>(record, VALUE_OPTION) == 0) {
      if (used == 0) continue;
      if (afterSkipped) {
        store<u32>(consumed - 4, load<u32>(consumed - 4) + used);
        continue;
      }
      if (kind >= kindEnd) return DISAGREES;
      addRow(SKIPPED, used, 0);
      afterSkipped = true;
      continue;
    }
    if (kind >= kindEnd) return DISAGREES;
    const pointer = load<u32>(record, MESSAGE_POINTER);
    const length = load<u32>(record, MESSAGE_LENGTH);
    if (load<u8>(record, MESSAGE_CASE) == 0) {
      const status = addString(pointer, length, ascii);
      if (status != DONE) {
        failedRecord = i;
        return status;
      }
      addRow(LINE, used, 1);
    } else {
      if (<usize>length > (textEndsEnd - textEnd) >> 2) return DISAGREES;
      let columns: usize = 0;
      if (length != 0) {
        columns = staged(pointer, length * <u32>COLUMN_BYTES);
        if (columns == 0) return DISAGREES;
      }
      for (let c: u32 = 0; c < length; c++) {
        const column = columns + <usize>c * COLUMN_BYTES;
        const status = addString(load<u32>(column), load<u32>(column, 4), ascii);
        if (status != DONE) {
          failedRecord = i;
          return status;
        }
      }
      addRow(COLUMNS, used, length);
    }
    afterSkipped = false;
  }
  return DONE;
}
