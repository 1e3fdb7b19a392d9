/**
 * Module `lift`, for engines that know more than one memory: `measure` finds what makes a batch in the plugin's memory, `place`
 * writes it into the host's. `placeAlike` does both in one pass, for the records that most plugins return.
 *
 * AssemblyScript knows one memory. scripts/two-memories.mjs says for each file which of the two its loads and stores mean; none
 * that means the plugin's has a store.
 */
import { byteLength } from '../frame-header';
import { frameStart, lay, settle, textLimit } from '../layout';
import {
  attachmentBytes,
  attachments,
  consumed,
  cost,
  ENTRY_COST,
  entries,
  items,
  STRING_COST,
  skippedBytes,
  someTimed,
  strings,
  stringsPerEntry,
  TIME_COST,
  taken,
  textBytes,
  timed,
  varying,
} from '../measure';
import { RECORD_BYTES } from '../parse-return';
import { alike, alikeConsumed, alikeTextBytes, alikeTimes, alikeUnits, isLine, stringsOf } from './alike';
import { DISAGREES, DONE, NOT_ASCII, transfer, transferred, unitsSoFar } from './transfer';

export { measure } from '../measure';
// Exported, they are variables, which Binaryen leaves as they are. V8 of Node 24 makes constant vectors anew in every turn of a loop, which
// takes it longer than all the rest of the check.
export {
  firstHigh,
  firstLow,
  highestBits,
  lastBytes,
  leadOf3,
  leadOf4,
  leads,
  leadsOf4,
  lowHalves,
  secondHigh,
} from '../utf8';

/** Whether the batch before this one was all ASCII: the next one most likely is, too. */
let triesAscii: bool = true;
/** Of the batch that `placeAlike` made last: bytes of rows, strings and text. */
let alikeCost: u32 = 0;

/**
 * Writes the batch that was measured last, of records at `list` and their times at `times`, into the `slotBytes` bytes at `frame`; 0 when
 * that is done. What is between the head and the tables is the host's to write.
 */
export function place(
  frame: usize,
  slotBytes: u32,
  prefix: u32,
  source: u32,
  offset: f64,
  list: usize,
  mostColumns: u32,
  times: usize,
): i32 {
  let status = attempt(frame, slotBytes, prefix, source, offset, list, mostColumns, times);
  const isOther = triesAscii ? status == NOT_ASCII : status == DONE && unitsSoFar == textBytes;
  if (isOther) {
    triesAscii = !triesAscii;
    status = attempt(frame, slotBytes, prefix, source, offset, list, mostColumns, times);
  }
  if (status == DONE) byteLength(frameStart, placedBytes());
  return status;
}

function attempt(
  frame: usize,
  slotBytes: u32,
  prefix: u32,
  source: u32,
  offset: f64,
  list: usize,
  mostColumns: u32,
  times: usize,
): i32 {
  const fits = lay(
    frame,
    slotBytes,
    prefix,
    source,
    triesAscii,
    entries,
    items,
    strings,
    textBytes,
    attachments,
    attachmentBytes,
    <u64>offset,
    consumed,
    skippedBytes,
    stringsPerEntry,
    varying != 0,
    timed != 0,
  );
  return fits ? transfer(list, taken, mostColumns, times) : DISAGREES;
}

/**
 * Writes a batch of all the `count` records at `list`, at least one, when they are alike (./alike) and fit; returns whether it did. What
 * `measure` has to be told is the same here.
 */
export function placeAlike(
  frame: usize,
  slotBytes: u32,
  prefix: u32,
  source: u32,
  offset: f64,
  list: usize,
  count: u32,
  budget: u32,
  mayConsume: u32,
  mostColumns: u32,
  times: usize,
): bool {
  const perEntry = stringsOf(list);
  if (perEntry == 0 || (mostColumns > 1 && isLine(list))) return false;
  const entryCost = times == 0 ? ENTRY_COST : ENTRY_COST + TIME_COST;
  const tablesCost = <u64>count * (entryCost + STRING_COST * <u64>perEntry);
  if (tablesCost > <u64>budget) return false;
  const mostText = budget - <u32>tablesCost;
  const someAre = times != 0 && someTimed(list, list + <usize>count * RECORD_BYTES, times);
  if (!layAlike(frame, slotBytes, prefix, source, offset, count, perEntry, mostText, someAre)) return false;
  let status = alike(list, count, perEntry, mayConsume);
  const isOther = triesAscii ? status == NOT_ASCII : status == DONE && alikeUnits == alikeTextBytes;
  if (isOther) {
    triesAscii = !triesAscii;
    layAlike(frame, slotBytes, prefix, source, offset, count, perEntry, mostText, someAre);
    status = alike(list, count, perEntry, mayConsume);
  }
  if (status != DONE) return false;
  if (someAre) alikeTimes(times, count);
  settle(alikeTextBytes, alikeConsumed);
  byteLength(frameStart, placedBytes());
  alikeCost = <u32>tablesCost + alikeTextBytes;
  return true;
}

/** With as much text as there may be, and no input so far. */
function layAlike(
  frame: usize,
  slotBytes: u32,
  prefix: u32,
  source: u32,
  offset: f64,
  count: u32,
  perEntry: u32,
  mostText: u32,
  timed: bool,
): bool {
  return lay(
    frame,
    slotBytes,
    prefix,
    source,
    triesAscii,
    count,
    count,
    count * perEntry,
    mostText,
    0,
    0,
    <u64>offset,
    0,
    0,
    perEntry,
    false,
    timed,
  );
}

// Of the batch: what functions return, JavaScript reads faster than globals.

/** Bytes of the batch that was placed last. */
export function placedBytes(): u32 {
  return <u32>(textLimit - frameStart);
}

/** How many of the records were placed, where not all could be. */
export function placedRecords(): u32 {
  return transferred;
}

export function measuredRecords(): u32 {
  return taken;
}

export function measuredEntries(): u32 {
  return entries;
}

export function measuredItems(): u32 {
  return items;
}

/** Of rows, strings, text and attachments. */
export function measuredBytes(): u32 {
  return cost;
}

export function measuredInput(): u32 {
  return consumed;
}

export function measuredSkipped(): u32 {
  return skippedBytes;
}

export function alikeBytes(): u32 {
  return alikeCost;
}

export function alikeInput(): u32 {
  return alikeConsumed;
}
