/**
 * Builds the columns of Arrow record batches from the tables of a batch, in the memory that holds both. JavaScript (arrow-rows.ts) says where
 * each buffer begins, and writes what stands around them. No string is made.
 *
 * Where a function returns an address, it is the end of what it has written; up to 15 bytes behind it may be overwritten, too.
 */
import {
  chosen, consumed, eachHas, endOf, first, isChosen, isWhole, lastOf, NO_TIME, offset, row, rowEnd, stringsOfEach, text, timeOf, usedBytes,
} from './chosen-rows';
import { copied } from './copied';

export {
  attachmentDatesMissing, attachmentDateValidity, attachmentMessageEnds, attachmentMessages, attachmentSizes, attachmentStrings,
  attachmentsEnds,
} from './attachment-columns';
export {
  advance, attachment, attachmentsLeft, bytes, choose, chosen, chosenAttachments, entries, filtered, filteredBytes, first, goTo, items, nextRowBytes, offset,
  open, row, rowEnd, skippedBytes,
} from './chosen-rows';
export { findValues, writeValues } from './dictionary';

const COLUMN_SEPARATOR: u8 = 4;

/** i64 a row: position in the input of its first byte. */
export function offsets(out: usize): void {
  let at = out;
  let position = offset;
  const end = rowEnd;
  const whole = isWhole;
  for (let entry = row; entry < end; entry++) {
    if (whole || isChosen(entry)) {
      store<u64>(at, position);
      at += 8;
    }
    position += usedBytes(entry);
  }
}

/** u32 a row: the bytes of the input that it used up. */
export function lengths(out: usize): void {
  if (isWhole) {
    memory.copy(out, consumed + (<usize>row << 2), <usize>chosen << 2);
    return;
  }
  let at = out;
  for (let entry = row; entry < rowEnd; entry++) {
    if (!isChosen(entry)) continue;
    store<u32>(at, usedBytes(entry));
    at += 4;
  }
}

/** i64 a row. @returns how many have no time */
export function rowTimes(out: usize): u32 {
  let at = out;
  let nulls: u32 = 0;
  for (let entry = row; entry < rowEnd; entry++) {
    if (!isChosen(entry)) continue;
    const time = timeOf(entry);
    nulls += <u32>(time == NO_TIME);
    store<i64>(at, time == NO_TIME ? 0 : time);
    at += 8;
  }
  return nulls;
}

/** A bit a row: whether it has a time. The memory is zero. */
export function timeValidity(out: usize): void {
  let bit: u32 = 0;
  for (let entry = row; entry < rowEnd; entry++) {
    if (!isChosen(entry)) continue;
    if (timeOf(entry) != NO_TIME) setBit(out, bit);
    bit++;
  }
}

/** How many rows do not have column `number`. */
export function columnsMissing(number: u32): u32 {
  const each = stringsOfEach();
  if (each != u32.MAX_VALUE) return each > number ? 0 : chosen;
  let missing: u32 = 0;
  let from = first;
  for (let entry = row; entry < rowEnd; entry++) {
    const last = lastOf(entry, from);
    if (last - from <= number && isChosen(entry)) missing++;
    from = last;
  }
  return missing;
}

/** A bit a row: whether it has column `number`. The memory is zero. */
export function columnValidity(number: u32, out: usize): void {
  let bit: u32 = 0;
  let from = first;
  for (let entry = row; entry < rowEnd; entry++) {
    const last = lastOf(entry, from);
    if (isChosen(entry)) {
      if (last - from > number) setBit(out, bit);
      bit++;
    }
    from = last;
  }
}

/**
 * Column `number` as offsets and text.
 * @param withRest together with all columns behind it, U+0004 between them
 */
export function columnTexts(number: u32, withRest: bool, endsAt: usize, out: usize): usize {
  store<i32>(endsAt, 0);
  if (number == 0 && eachHas(1)) return wholeTexts(endsAt, out);
  let ends = endsAt;
  let at = out;
  let from = first;
  const end = rowEnd;
  const whole = isWhole;
  for (let entry = row; entry < end; entry++) {
    const last = lastOf(entry, from);
    if (whole || isChosen(entry)) {
      if (last - from > number) {
        const string = from + number;
        at = copied(text + endOf(string), text + endOf(string + 1), at);
        if (withRest) {
          for (let further = string + 1; further < last; further++) {
            store<u8>(at, COLUMN_SEPARATOR);
            at = copied(text + endOf(further), text + endOf(further + 1), at + 1);
          }
        }
      }
      ends += 4;
      store<i32>(ends, <i32>(at - out));
    }
    from = last;
  }
  return at;
}

/** Where each row is one string, the texts follow each other as they do in the batch. */
function wholeTexts(endsAt: usize, out: usize): usize {
  const begin = endOf(first);
  let ends = endsAt;
  const end = first + chosen;
  for (let string = first; string < end; string++) {
    ends += 4;
    store<i32>(ends, <i32>(endOf(string + 1) - begin));
  }
  const size = <usize>(endOf(first + chosen) - begin);
  memory.copy(out, text + begin, size);
  return out + size;
}

/** The same text for all rows. */
export function sameTexts(from: usize, size: u32, endsAt: usize, out: usize): usize {
  let at = out;
  store<i32>(endsAt, 0);
  for (let number: u32 = 0; number < chosen; number++) {
    at = copied(from, from + size, at);
    store<i32>(endsAt + (<usize>(number + 1) << 2), <i32>(at - out));
  }
  return at;
}

export function zero(out: usize, end: usize): void {
  memory.fill(out, 0, end - out);
}

export function move(from: usize, out: usize, size: u32): void {
  memory.copy(out, from, size);
}

// @ts-ignore: decorator
@inline function setBit(out: usize, bit: u32): void {
  const at = out + (bit >> 3);
  store<u8>(at, load<u8>(at) | <u8>(<u32>1 << (bit & 7)));
}
