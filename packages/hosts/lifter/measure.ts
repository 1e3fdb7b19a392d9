// Module `measure`: runs over the plugin's memory, which it never writes.
//
// It walks the records that `parse` returned, checks everything that can be checked without reading text, counts what a batch
// of them takes, and finds which stretches of memory they use. The host calls `reset` for a batch and then `measure` for one
// run of records after the other until a batch is full; each run is staged and lifted by itself, small enough for the cache.

import {
  COLUMN_BYTES, CONSUMED, MESSAGE_CASE, MESSAGE_LENGTH, MESSAGE_POINTER, RECORD_BYTES, VALUE_OPTION, YIELD_CASE,
} from './parse-return';

// What `measure` returns. The numbers above FAULT name the field that broke the contract.
const RUN_DONE: i32 = 0;
const BATCH_FULL: i32 = 1;
const ATTACHMENT: i32 = 2;
const FAULT_OPTION: i32 = 16;
const FAULT_YIELD: i32 = 17;
const FAULT_MESSAGE: i32 = 18;
const FAULT_LINE: i32 = 19;
const FAULT_COLUMNS_ALIGNMENT: i32 = 20;
const FAULT_COLUMNS: i32 = 21;
const FAULT_COLUMN: i32 = 22;
const FAULT_CONSUMED: i32 = 23;

// Bytes that a row and a string take in the tables at most (kind, consumed, string count; text end, unit end).
const ENTRY_COST: u64 = 9;
const STRING_COST: u64 = 8;

// A string this near to the first stretch widens it; any other belongs to the second. Two stretches are enough for the usual
// heaps: what the plugin made in this call, and what it keeps elsewhere (constants, or one column in another arena).
const NEAR: u64 = 128 * 1024;

// Of the batch so far.
export let entries: u32 = 0;
export let items: u32 = 0;
export let strings: u32 = 0;
export let textBytes: u32 = 0;
export let consumed: u32 = 0;
export let skippedBytes: u32 = 0;
/** Strings of each entry; meaningless when `varying` is set. */
export let stringsPerEntry: u32 = 0;
export let varying: u32 = 0;

// Of the last run.
export let taken: u32 = 0;
export let firstLow: u32 = 0;
export let firstBytes: u32 = 0;
export let secondLow: u32 = 0;
export let secondBytes: u32 = 0;

let left: u64 = 0;
let allowed: u64 = 0;
let afterSkipped: bool = false;

let low: u64 = 0;
let high: u64 = 0;
let otherLow: u64 = 0;
let otherHigh: u64 = 0;

/** Begins a batch that may take `budget` bytes of rows, strings and text, and `mayConsume` bytes of input. */
export function reset(budget: u32, mayConsume: u32): void {
  entries = 0;
  items = 0;
  strings = 0;
  textBytes = 0;
  consumed = 0;
  skippedBytes = 0;
  stringsPerEntry = 0;
  varying = 0;
  afterSkipped = false;
  left = budget;
  allowed = mayConsume;
}

// @ts-ignore: decorator
@inline function use(start: u64, end: u64): void {
  if (start + NEAR >= low && end <= high + NEAR) {
    if (start < low) low = start;
    if (end > high) high = end;
  } else if (high == 0) {
    low = start;
    high = end;
  } else {
    if (otherHigh == 0 || start < otherLow) otherLow = start;
    if (end > otherHigh) otherHigh = end;
  }
}

// @ts-ignore: decorator
@inline function count(stringsHere: u32): void {
  if (entries == 0) stringsPerEntry = stringsHere;
  else if (stringsPerEntry != stringsHere) varying = 1;
  entries++;
}

/** Measures up to `limit` records at `list` (bounds and alignment of the whole list are the caller's to check). */
export function measure(list: usize, limit: u32): i32 {
  const memoryBytes: u64 = <u64>memory.size() << 16;
  low = 0;
  high = 0;
  otherLow = 0;
  otherHigh = 0;
  taken = 0;
  let status = RUN_DONE;
  let record = list;
  for (let i: u32 = 0; i < limit; i++) {
    status = measureRecord(record, memoryBytes);
    if (status != RUN_DONE) break;
    record += RECORD_BYTES;
    taken++;
  }
  firstLow = <u32>low;
  firstBytes = <u32>min<u64>(high - low, 0xffffffff);
  secondLow = <u32>otherLow;
  secondBytes = <u32>min<u64>(otherHigh - otherLow, 0xffffffff);
  return status;
}

// @ts-ignore: decorator
@inline function measureRecord(record: usize, memoryBytes: u64): i32 {
  const used = load<u64>(record, CONSUMED);
  if (used > allowed) return FAULT_CONSUMED;

  const option = load<u8>(record, VALUE_OPTION);
  if (option != 1) {
    if (option != 0) return FAULT_OPTION;
    if (used == 0) return RUN_DONE;
    if (!afterSkipped) {
      if (left < ENTRY_COST) return BATCH_FULL;
      left -= ENTRY_COST;
      count(0);
      afterSkipped = true;
    }
    skippedBytes += <u32>used;
    consumed += <u32>used;
    allowed -= used;
    return RUN_DONE;
  }

  const yieldCase = load<u8>(record, YIELD_CASE);
  if (yieldCase != 0) return yieldCase > 2 ? FAULT_YIELD : ATTACHMENT;
  const messageCase = load<u8>(record, MESSAGE_CASE);
  const pointer: u64 = load<u32>(record, MESSAGE_POINTER);
  const length: u64 = load<u32>(record, MESSAGE_LENGTH);
  if (messageCase == 0) {
    if (pointer + length > memoryBytes) return FAULT_LINE;
    const cost = ENTRY_COST + STRING_COST + length;
    if (cost > left) return BATCH_FULL;
    left -= cost;
    if (length != 0) use(pointer, pointer + length);
    textBytes += <u32>length;
    strings++;
    count(1);
  } else {
    if (messageCase != 1) return FAULT_MESSAGE;
    const status = measureColumns(pointer, length, memoryBytes);
    if (status != RUN_DONE) return status;
    count(<u32>length);
  }
  items++;
  afterSkipped = false;
  consumed += <u32>used;
  allowed -= used;
  return RUN_DONE;
}

// @ts-ignore: decorator
@inline function measureColumns(pointer: u64, length: u64, memoryBytes: u64): i32 {
  if (pointer & 3) return FAULT_COLUMNS_ALIGNMENT;
  const end = pointer + length * COLUMN_BYTES;
  if (end > memoryBytes) return FAULT_COLUMNS;
  let cost = ENTRY_COST + STRING_COST * length;
  if (cost > left) return BATCH_FULL;
  if (length != 0) use(pointer, end);
  let text: u64 = 0;
  for (let at = <usize>pointer, stop = <usize>end; at != stop; at += COLUMN_BYTES) {
    const start: u64 = load<u32>(at);
    const bytes: u64 = load<u32>(at, 4);
    if (start + bytes > memoryBytes) return FAULT_COLUMN;
    text += bytes;
    if (cost + text > left) return BATCH_FULL;
    if (bytes != 0) use(start, start + bytes);
  }
  left -= cost + text;
  textBytes += <u32>text;
  strings += <u32>length;
  return RUN_DONE;
}
