/**
 * Writes the rows of a batch as text, ndjson or csv. The batch and the output lie in one memory, which the host owns; strings are
 * never made, and whatever needs no escaping is copied sixteen bytes at a time.
 *
 * What a row becomes is said by a plan (encoding-program.ts), a short program: steps of four u32 each, which are carried out for each row.
 * `open` (rows.ts) is given a batch, and `fill` writes rows until the batch or the room ends. It stops between two rows where it can; a row
 * that could be too long for an empty piece of output is written in parts.
 *
 * The tables are not trusted: a batch may have been stored and damaged. What the host has not checked before (`readBatchLayout`) is
 * checked here, before it is followed.
 */
import {
  createdAt, createdBytes, dataAt, dataBytes, messageCount, messagesAt, modifiedAt, modifiedBytes, nameAt, nameBytes, size,
} from './attachment';
import { base64 } from './base64';
import { beginsFormula } from './csv-text';
import { digits } from './digits';
import { JSON_GROWTH, jsonText } from './json-text';
import { lines } from './line-run';
import { copied } from './plain-text';
import {
  ATTACHMENT_TEXT, COLUMN, CSV_GUARDED, CSV_INSIDE, DATA, JSON_TEXT, LENGTH, LITERAL, MEMBER, MESSAGES, OFFSET, PLAIN, plan, SIZE, SKIP_UNLESS,
  STEP_BYTES, STEPS, STRINGS, TIME,
} from './plan';
import {
  begin, countItem, entries, findString, first, holds, IS_DAMAGED, last, leave, LEAVE_OUT, leaveOut, NO_TIME, offset, rows, takeAttachment,
  timeOfRow, usedBytes,
} from './rows';
import { from, inString, LEAST_ROOM, put, setInString, setString, SLACK, to } from './string-output';
import { timeText } from './time-text';

export { usePlan } from './plan';
export { bytes, filtered, filteredBytes, items, rows, skippedBytes } from './rows';
import { open as openTables } from './rows';

// What `fill` stopped for.
const DONE: i32 = 0;
/** The next row may not fit what is left. */
const FULL: i32 = 1;
/** In the middle of a row. */
const IN_ROW: i32 = 2;
const DAMAGED: i32 = 3;

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const COLUMN_SEPARATOR: u8 = 4;
/** `null` */
const NULL: u32 = 0x6c6c756e;
/** A quote and an apostrophe. */
const QUOTE_AND_GUARD: u16 = 0x2722;

/** Why `fill` returned. */
export let status: i32 = 0;

// The row under way.
let inRow: bool = false;
let isDamaged: bool = false;
let step: usize = 0;
let isFirstMember: bool = false;
/** The next of its strings. */
let index: u32 = 0;
/** Whether string number `index` of a field of several is begun. */
let isInPart: bool = false;

/** See rows.ts. */
export function open(
  kindsAt: usize, consumedAt: usize, countsAt: usize, stringsPerEntry: u32, timesAt: usize, textEndsAt: usize, stringCount: u32,
  textAt: usize, textLength: u32, entryCount: u32, attachmentsAt: usize, attachmentCount: u32, start: f64, mask: usize,
): void {
  openTables(
    kindsAt, consumedAt, countsAt, stringsPerEntry, timesAt, textEndsAt, stringCount, textAt,
    textLength, entryCount, attachmentsAt, attachmentCount, start, mask,
  );
  inRow = false;
  setInString(false);
  isDamaged = false;
  status = DONE;
}

/** Writes from `out` up to `end`. @returns the bytes that were written */
export function fill(out: usize, end: usize): u32 {
  let at = out;
  const steps = plan + STEPS;
  for (;;) {
    if (!inRow) {
      at = lines(at, end);
      if (rows >= entries) {
        status = DONE;
        break;
      }
      const need = begin();
      if (need == LEAVE_OUT) {
        leaveOut();
        leave();
        continue;
      }
      if (need == IS_DAMAGED) {
        status = DAMAGED;
        break;
      }
      if (at > out && need > <u64>(end - at)) {
        status = FULL;
        break;
      }
      takeAttachment();
      inRow = true;
      setInString(false);
      isFirstMember = true;
      index = first;
      step = steps;
    }
    at = carryOut(at, end);
    if (inRow) {
      status = isDamaged ? DAMAGED : IN_ROW;
      break;
    }
    countItem();
    leave();
  }
  return <u32>(at - out);
}

/** Carries out the plan for the row under way, which is over when `inRow` is false. @returns where the output ends */
function carryOut(start: usize, end: usize): usize {
  let at = start;
  while (end - at >= LEAST_ROOM) {
    const a = load<u32>(step, 4);
    const b = load<u32>(step, 8);
    switch (load<u32>(step)) {
      case LITERAL: {
        if (b <= 16) {
          v128.store(at, v128.load(plan + a));
          at += b;
          break;
        }
        if (!inString) {
          setString(plan + a, plan + a + b);
        }
        at = put(PLAIN, at, end);
        if (inString) return at;
        break;
      }
      case MEMBER: {
        if (!inString) {
          // The first one has no comma in front.
          const start: u32 = isFirstMember ? 1 : 0;
          isFirstMember = false;
          if (b - start <= 16) {
            v128.store(at, v128.load(plan + a + start));
            at += b - start;
            break;
          }
          setString(plan + a + start, plan + a + b);
        }
        at = put(PLAIN, at, end);
        if (inString) return at;
        break;
      }
      case OFFSET:
        at = digits(offset, at);
        break;
      case LENGTH:
        at = digits(usedBytes(), at);
        break;
      case TIME:
        at = time(timeOfRow(), at);
        break;
      case SKIP_UNLESS:
        if (!holds(a)) {
          step += (<usize>b + 1) * STEP_BYTES;
          continue;
        }
        break;
      case STRINGS: {
        at = allStrings(a, b, load<u32>(step, 12), at, end);
        if (index < last) return at;
        index = first;
        break;
      }
      case COLUMN: {
        at = column(a, b, load<u32>(step, 12) != 0, at, end);
        if (inString) return at;
        index = first;
        break;
      }
      case ATTACHMENT_TEXT: {
        at = attachmentText(a, at, end);
        if (inString) return at;
        break;
      }
      case SIZE:
        at = digits(size, at);
        break;
      case MESSAGES: {
        at = messages(at, end);
        if (inString) return at;
        break;
      }
      case DATA: {
        at = data(at, end);
        if (inString) return at;
        break;
      }
      default:
        inRow = false;
        return at;
    }
    step += STEP_BYTES;
  }
  return at;
}

/** Nothing for an entry that has no time. */
function time(value: i64, at: usize): usize {
  return value == NO_TIME ? at : timeText(value, at);
}

/** All strings of the row, from `index` on: when it is still below `last`, there was no room for more. */
function allStrings(separator: u32, separatorBytes: u32, mode: u32, start: usize, end: usize): usize {
  let at = start;
  while (index < last) {
    if (!inString) {
      if (end - at < LEAST_ROOM + separatorBytes) {
        return at;
      }
      if (index > first) at = copied(plan + separator, plan + separator + separatorBytes, at);
      if (!findString(index)) {
        isDamaged = true;
        return at;
      }
      // Nearly all strings: there is room for the whole of it, whatever has to be escaped.
      if (<u64>(to - from) * JSON_GROWTH + LEAST_ROOM <= <u64>(end - at)) {
        if (mode == PLAIN) {
          at = copied(from, to, at);
          index++;
          continue;
        }
        if (mode == JSON_TEXT) {
          store<u8>(at, QUOTE);
          at = jsonText(from, to, at + 1);
          store<u8>(at, QUOTE);
          at++;
          index++;
          continue;
        }
      }
    }
    at = put(mode, at, end);
    if (inString) return at;
    index++;
  }
  return at;
}

/**
 * Column number `number` of the row.
 * @param withRest together with all columns behind it, U+0004 between them
 */
function column(number: u32, mode: u32, withRest: bool, start: usize, end: usize): usize {
  let at = start;
  const own = first + number;
  if (number >= last - first) {
    if (mode == JSON_TEXT) {
      store<u32>(at, NULL);
      at += 4;
    }
    return at;
  }
  if (!withRest || last - own == 1) {
    if (!inString && !findString(own)) {
      setInString(true);
      isDamaged = true;
      return at;
    }
    return put(mode, at, end);
  }
  // `index` counts the strings of the field that are written.
  if (!inString && index == first) {
    index = own;
    const isGuarded = mode == CSV_GUARDED && findString(own) && from < to && beginsFormula(load<u8>(from));
    store<u16>(at, QUOTE_AND_GUARD);
    at += isGuarded ? 2 : 1;
    isInPart = false;
  }
  for (; index < last; index++) {
    if (!isInPart) {
      if (end - at < LEAST_ROOM + 1) {
        setInString(true);
        return at;
      }
      if (index > own) {
        store<u8>(at, COLUMN_SEPARATOR);
        at++;
      }
      if (!findString(index)) {
        setInString(true);
        isDamaged = true;
        return at;
      }
      isInPart = true;
      setInString(false);
    }
    at = put(CSV_INSIDE, at, end);
    if (inString) return at;
    isInPart = false;
  }
  store<u8>(at, QUOTE);
  return at + 1;
}

/** @param which 0 the name, 1 the date of creation, 2 that of the last change */
function attachmentText(which: u32, at: usize, end: usize): usize {
  if (!inString) {
    const start = which == 0 ? nameAt : which == 1 ? createdAt : modifiedAt;
    setString(start, start + (which == 0 ? nameBytes : which == 1 ? createdBytes : modifiedBytes));
    if (start == 0) {
      store<u32>(at, NULL);
      return at + 4;
    }
  }
  return put(JSON_TEXT, at, end);
}

/** Numbers with commas between them. */
function messages(start: usize, end: usize): usize {
  let at = start;
  if (!inString) setString(0, messageCount);
  for (; from < to; setString(from + 1, to)) {
    if (end - at < LEAST_ROOM) {
      setInString(true);
      return at;
    }
    if (from > 0) {
      store<u8>(at, COMMA);
      at++;
    }
    at = digits(bswap<u64>(load<u64>(messagesAt + from * 9 + 1)), at);
  }
  setInString(false);
  return at;
}

function data(start: usize, end: usize): usize {
  if (!inString) setString(dataAt, dataAt + dataBytes);
  const room = end - start - SLACK;
  let stop = to;
  if ((<u64>(to - from) + 2) / 3 * 4 > <u64>room) stop = from + (room >> 4) * 12;
  const at = base64(from, stop, start);
  setString(stop, to);
  setInString(stop < to);
  return at;
}
