/** Marks entries in a table of bits, the lowest bit of a byte first: those of which something holds. */

import { find, findEither, isSame } from './search';
import {
  endOf,
  entries,
  entryWith,
  firstOf,
  isItem,
  lastOf,
  mark,
  startOf,
  stringAt,
  strings,
  text,
  textBytes,
  times,
  unmark,
} from './tables';

// How a string is compared.
const PREFIX: u32 = 1;

// How a text is looked for.
const EITHER: u32 = 1;
const WHOLE_WORD: u32 = 2;
const ANY_COLUMN: u32 = 0xffffffff;

/** All items. */
export function markItems(bits: usize): void {
  for (let entry: u32 = 0; entry < entries; entry++) if (isItem(entry)) mark(bits, entry);
}

/**
 * Items that have a string in which the bytes stand: the text of all is searched at once.
 * @param length 1 or more
 * @param first and `second`: see `find`
 * @param how EITHER: see `findEither`; WHOLE_WORD: no ASCII letter, digit or underscore stands beside the bytes in their string
 * @param column number of the string, from 0, in which they must stand, or ANY_COLUMN
 */
export function markContaining(
  needle: usize,
  length: u32,
  first: u32,
  second: u32,
  how: u32,
  column: u32,
  bits: usize,
): void {
  const end = text + textBytes;
  let at = text;
  let entry: u32 = 0;
  let string: u32 = 0;
  while (at < end) {
    const place =
      (how & EITHER) != 0
        ? findEither(at, end, needle, length, first, second)
        : find(at, end, needle, length, first, second);
    if (place == 0) return;
    const position = <u32>(place - text);
    string = stringAt(position, string);
    if (string >= strings) return;
    entry = entryWith(string, entry);
    if (entry >= entries) return;
    const columnAt = firstOf(entry) + column;
    if (column != ANY_COLUMN && string != columnAt)
      string = string < columnAt && columnAt < lastOf(entry) ? columnAt : lastOf(entry);
    else if (position + length > endOf(string) || ((how & WHOLE_WORD) != 0 && !isAlone(place, length, string))) {
      // It goes on in the next string, or is a part of a word.
      at = place + 1;
      continue;
    } else {
      if (isItem(entry)) mark(bits, entry);
      string = lastOf(entry);
    }
    const next = text + startOf(string);
    at = next > place ? next : place + 1;
  }
}

/** Whether what stands beside the bytes is no part of a word, as far as ASCII goes: characters beyond it are taken for none. */
function isAlone(place: usize, length: u32, string: u32): bool {
  if (place > text + startOf(string) && isOfWord(load<u8>(place - 1))) return false;
  return place + length >= text + endOf(string) || !isOfWord(load<u8>(place + length));
}

function isOfWord(byte: u8): bool {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5f;
}

/** Items whose string number `column`, from 0, begins with the bytes (1), or is the same (2). */
export function markColumn(column: u32, how: u32, needle: usize, length: u32, bits: usize): void {
  let first: u32 = 0;
  for (let entry: u32 = 0; entry < entries; entry++) {
    const last = lastOf(entry);
    if (column < last - first && isItem(entry)) {
      const start = startOf(first + column);
      const bytes = endOf(first + column) - start;
      const from = text + start;
      if ((how == PREFIX ? bytes >= length : bytes == length) && isSame(from, needle, length)) mark(bits, entry);
    }
    first = last;
  }
}

/** Takes the marks of entries away whose time is not from `first` to `last`. That of an entry without one, the least i64, is before all. */
export function unmarkOutside(first: i64, last: i64, bits: usize): void {
  for (let entry: u32 = 0; entry < entries; entry++) {
    const time = times == 0 ? i64.MIN_VALUE : load<i64>(times + ((<usize>entry) << 3));
    if (time < first || time > last) unmark(bits, entry);
  }
}
