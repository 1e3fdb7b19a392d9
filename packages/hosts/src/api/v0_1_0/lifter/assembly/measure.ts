/**
 * The first pass, over the plugin's memory: finds how many records make a batch.
 *
 * It checks everything that can be checked without reading text, and counts what the batch takes, so that its tables can be
 * laid out before the first string is written.
 */
import { attachmentCost, NO_COST } from './attachment-cost';
import {
  COLUMN_BYTES, CONSUMED, MESSAGE_CASE, MESSAGE_LENGTH, MESSAGE_POINTER, RECORD_BYTES, VALUE_OPTION, YIELD_ATTACHMENT,
  YIELD_BOTH, YIELD_CASE,
} from './parse-return';
import { cuts } from './separators';
import { NO_TIME, timeAt } from './times';

// What `measure` returns. The numbers above FAULT name the field that broke the contract.
const MEASURED: i32 = 0;
const BATCH_FULL: i32 = 1;
const FAULT_OPTION: i32 = 16;
const FAULT_YIELD: i32 = 17;
const FAULT_MESSAGE: i32 = 18;
const FAULT_COLUMNS_ALIGNMENT: i32 = 19;
const FAULT_COLUMNS: i32 = 20;
const FAULT_STRING: i32 = 21;
const FAULT_CONSUMED: i32 = 22;
const FAULT_ATTACHMENT: i32 = 23;

// Bytes that a row and a string take in the tables at most (kind, consumed, string count; text end, unit end).
export const ENTRY_COST: u64 = 9;
export const STRING_COST: u64 = 8;
/** What a row takes besides where items have times. */
export const TIME_COST: u64 = 8;

// Of the batch.
export let entries: u32 = 0;
export let items: u32 = 0;
export let strings: u32 = 0;
export let textBytes: u32 = 0;
export let attachments: u32 = 0;
export let attachmentBytes: u32 = 0;
export let consumed: u32 = 0;
export let skippedBytes: u32 = 0;
/** Strings of each entry; meaningless when `varying` is set. */
export let stringsPerEntry: u32 = 0;
export let varying: u32 = 0;
/** Whether some item has a time. */
export let timed: u32 = 0;

/** How many records make the batch, and what they take of the budget. */
export let taken: u32 = 0;
export let cost: u32 = 0;

/**
 * Measures up to `limit` records at `list` (bounds and alignment of the whole list are the caller's to check) for a batch that
 * may take `budget` bytes of rows, strings and text, and `mayConsume` bytes of input. Lines that hold separators become up to
 * `mostColumns` columns; 0 or 1: they stay lines. `times`: where the times of the records lie, whose bounds are the caller's to
 * check, too; 0: they have none.
 */
export function measure(
  list: usize,
  limit: u32,
  budget: u32,
  mayConsume: u32,
  mostColumns: u32,
  times: usize,
): i32 {
  const entryCost = times == 0 ? ENTRY_COST : ENTRY_COST + TIME_COST;
  attachments = 0;
  attachmentBytes = 0;
  skippedBytes = 0;
  const memoryBytes: u64 = <u64>memory.size() << 16;
  const end = list + <usize>limit * RECORD_BYTES;
  let room: u64 = budget;
  let inputLeft: u64 = mayConsume;
  let rows: u32 = 0;
  let skippedRows: u32 = 0;
  let stringsHere: u32 = 0;
  // Of the first row, and whether another row has another number.
  let perRow: u32 = 0;
  let differ = false;
  let afterSkipped = false;
  let status = MEASURED;
  let record = list;

  for (; record != end; record += RECORD_BYTES) {
    const used = load<u64>(record, CONSUMED);
    if (used > inputLeft) {
      status = FAULT_CONSUMED;
      break;
    }
    const option = load<u8>(record, VALUE_OPTION);
    if (option != 1) {
      if (option != 0) {
        status = FAULT_OPTION;
        break;
      }
      if (used == 0) continue;
      if (!afterSkipped) {
        if (room < entryCost) {
          status = BATCH_FULL;
          break;
        }
        room -= entryCost;
        if (rows == 0) perRow = 0;
        else if (perRow != 0) differ = true;
        rows++;
        skippedRows++;
        afterSkipped = true;
      }
      skippedBytes += <u32>used;
      inputLeft -= used;
      continue;
    }
    const yieldCase = load<u8>(record, YIELD_CASE);
    if (yieldCase > YIELD_BOTH) {
      status = FAULT_YIELD;
      break;
    }

    // A line's pointer and length stand in the record as a column's do in its list: a line is a list of one.
    const messageCase = load<u8>(record, MESSAGE_CASE);
    let at = record + MESSAGE_POINTER;
    let stop = at + COLUMN_BYTES;
    let length: u64 = 1;
    if (yieldCase == YIELD_ATTACHMENT) {
      stop = at;
      length = 0;
    } else if (messageCase != 0) {
      const pointer: u64 = load<u32>(record, MESSAGE_POINTER);
      length = load<u32>(record, MESSAGE_LENGTH);
      const columnsEnd = pointer + length * COLUMN_BYTES;
      if (messageCase != 1) status = FAULT_MESSAGE;
      else if (pointer & 3) status = FAULT_COLUMNS_ALIGNMENT;
      else if (columnsEnd > memoryBytes) status = FAULT_COLUMNS;
      else if (entryCost + STRING_COST * length > room) status = BATCH_FULL;
      if (status != MEASURED) break;
      at = <usize>pointer;
      stop = <usize>columnsEnd;
    }

    let costHere = entryCost + STRING_COST * length;
    for (; at != stop; at += COLUMN_BYTES) {
      const pointer: u64 = load<u32>(at);
      const bytes: u64 = load<u32>(at, 4);
      if (pointer + bytes > memoryBytes) {
        status = FAULT_STRING;
        break;
      }
      costHere += bytes;
      if (costHere > room) {
        status = BATCH_FULL;
        break;
      }
    }
    if (status != MEASURED) break;
    if (mostColumns > 1 && messageCase == 0 && yieldCase != YIELD_ATTACHMENT) {
      // Each separator makes a string more, and is itself in none.
      const separators = cuts(load<u32>(record, MESSAGE_POINTER), load<u32>(record, MESSAGE_LENGTH), mostColumns - 1);
      length += separators;
      costHere += (STRING_COST - 1) * separators;
      if (costHere > room) {
        status = BATCH_FULL;
        break;
      }
    }
    if (yieldCase != 0) {
      const bytes = costHere <= room ? attachmentCost(record, memoryBytes) : 0;
      if (bytes == NO_COST) {
        status = FAULT_ATTACHMENT;
        break;
      }
      costHere += bytes;
      if (costHere > room) {
        status = BATCH_FULL;
        break;
      }
      attachments++;
      attachmentBytes += <u32>bytes;
    }

    room -= costHere;
    stringsHere += <u32>length;
    if (rows == 0) perRow = <u32>length;
    else if (perRow != <u32>length) differ = true;
    rows++;
    afterSkipped = false;
    inputLeft -= used;
  }

  consumed = mayConsume - <u32>inputLeft;
  entries = rows;
  items = rows - skippedRows;
  strings = stringsHere;
  stringsPerEntry = perRow;
  varying = differ ? 1 : 0;
  taken = <u32>((record - list) / RECORD_BYTES);
  cost = budget - <u32>room;
  timed = times != 0 && someTimed(list, record, times) ? 1 : 0;
  textBytes = cost - <u32>entryCost * rows - <u32>STRING_COST * stringsHere - attachmentBytes;
  return status;
}

/** Whether an item of the records up to `end` has a time. Nearly always the first one has. */
export function someTimed(list: usize, end: usize, times: usize): bool {
  for (let record = list; record != end; record += RECORD_BYTES) {
    if (load<u8>(record, VALUE_OPTION) == 1 && load<i64>(timeAt(record, list, times)) != NO_TIME) return true;
  }
  return false;
}
