/**
 * The only pass of module `lift`, for records that are alike: messages of one case, with the same number of strings, and no attachments.
 * All that such a batch takes, but for its text, follows from the number of its records. So its tables are laid out before a record is
 * read, and each record is checked and goes to its place at once.
 *
 * It takes all records or none: which of them does not fit, or breaks the contract, is for `measure` to find.
 */
import {
  consumedStart,
  isAscii,
  kindsStart,
  textEndsStart,
  textLimit,
  textStart,
  timesStart,
  unitEndsAway,
} from '../layout';
import {
  COLUMN_BYTES,
  COLUMNS,
  CONSUMED,
  LINE,
  MESSAGE_CASE,
  MESSAGE_LENGTH,
  MESSAGE_POINTER,
  RECORD_BYTES,
  VALUE_OPTION,
  YIELD_CASE,
} from '../parse-return';
import { units } from '../utf8';
import { fill8, put32 } from './cells';
import { copy } from './copy';
import { DONE, NOT_ASCII, NOT_UTF8 } from './transfer';

/** What `alike` returns, too: some record is another one than the first, breaks the contract, or does not fit. */
export const UNLIKE: i32 = 5;

// Cases of a message.
const LINE_CASE: u8 = 0;
const COLUMNS_CASE: u8 = 1;

// Of the records that `alike` took last.
export let alikeConsumed: u32 = 0;
export let alikeTextBytes: u32 = 0;
/** UTF-16 code units of the text, unless the batch is tried as ASCII. */
export let alikeUnits: u32 = 0;

export function isLine(record: usize): bool {
  return load<u8>(record, MESSAGE_CASE) == LINE_CASE;
}

/** Strings of the message of a record, if it has one. */
export function stringsOf(record: usize): u32 {
  return isLine(record) ? 1 : load<u32>(record, MESSAGE_LENGTH);
}

/** Puts the times of `count` records, which lie at `times`, into their table: each record has a row. */
export function alikeTimes(times: usize, count: u32): void {
  memory.copy(timesStart, times, (<usize>count) << 3);
}

/** Puts the `count` records at `list`, of `strings` strings each, at least one, into tables that were laid out for just these. */
export function alike(list: usize, count: u32, strings: u32, mayConsume: u32): i32 {
  const end = list + <usize>count * RECORD_BYTES;
  // Constants among the arguments make a loop for each case of them, in which nothing is asked for each record.
  if (isLine(list)) {
    fill8(kindsStart, LINE, count);
    if (isAscii) return pass(list, end, LINE_CASE, 1, mayConsume, true);
    return pass(list, end, LINE_CASE, 1, mayConsume, false);
  }
  fill8(kindsStart, COLUMNS, count);
  if (isAscii) return pass(list, end, COLUMNS_CASE, strings, mayConsume, true);
  return pass(list, end, COLUMNS_CASE, strings, mayConsume, false);
}

function pass(list: usize, end: usize, messageCase: u8, strings: u32, mayConsume: u32, asAscii: bool): i32 {
  const memoryBytes: u64 = (<u64>memory.size()) << 16;
  let inputLeft: u64 = mayConsume;
  let unitsSoFar: u32 = 0;
  let seen = i64x2(0, 0);
  // Where the next of each goes.
  let consumed = consumedStart;
  let textEnd = textEndsStart;
  let text = textStart;
  for (let record = list; record != end; record += RECORD_BYTES) {
    const used = load<u64>(record, CONSUMED);
    if (load<u8>(record, VALUE_OPTION) != 1 || load<u8>(record, YIELD_CASE) != 0) return UNLIKE;
    if (load<u8>(record, MESSAGE_CASE) != messageCase || used > inputLeft) return UNLIKE;
    inputLeft -= used;
    put32(consumed, <u32>used);
    consumed += 4;
    // A line is a list of one, as in `measure`.
    let at = record + MESSAGE_POINTER;
    let stop = at + COLUMN_BYTES;
    if (messageCase == COLUMNS_CASE) {
      at = load<u32>(record, MESSAGE_POINTER);
      const columnsEnd = <u64>at + <u64>strings * COLUMN_BYTES;
      if (load<u32>(record, MESSAGE_LENGTH) != strings || (at & 3) != 0 || columnsEnd > memoryBytes) return UNLIKE;
      stop = <usize>columnsEnd;
    }
    do {
      const from: u64 = load<u32>(at);
      const bytes: u64 = load<u32>(at, 4);
      if (from + bytes > memoryBytes || bytes > <u64>(textLimit - text)) return UNLIKE;
      const seenHere = copy(text, <usize>from, <usize>bytes);
      if (asAscii) {
        seen = v128.or(seen, seenHere);
      } else {
        const more = i8x16.bitmask(seenHere) == 0 ? <i32>bytes : units(text, <usize>bytes);
        if (more < 0) return NOT_UTF8;
        unitsSoFar += <u32>more;
        put32(textEnd + unitEndsAway, unitsSoFar);
      }
      text += <usize>bytes;
      put32(textEnd, <u32>(text - textStart));
      textEnd += 4;
      at += COLUMN_BYTES;
    } while (messageCase == COLUMNS_CASE && at != stop);
  }
  alikeConsumed = mayConsume - <u32>inputLeft;
  alikeTextBytes = <u32>(text - textStart);
  alikeUnits = unitsSoFar;
  return i8x16.bitmask(seen) == 0 ? DONE : NOT_ASCII;
}
