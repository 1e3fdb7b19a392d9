/** Marks entries in a table of bits, the lowest bit of a byte first: those of which something holds. */

import { find, isSame } from './search';
import { endOf, entries, isItem, lastOf, mark, startOf, text, textBytes, times, unmark } from './tables';

// How a string is compared.
const CONTAINS: u32 = 0;
const PREFIX: u32 = 1;

/** All items. */
export function markItems(bits: usize): void {
  for (let entry: u32 = 0; entry < entries; entry++) if (isItem(entry)) mark(bits, entry);
}

/** Items that have a string in which the bytes stand: the text of all is searched at once. @param length 1 or more */
export function markContaining(needle: usize, length: u32, bits: usize): void {
  const end = text + textBytes;
  let at = text;
  let entry: u32 = 0;
  let string: u32 = 0;
  while (at < end) {
    const place = find(at, end, needle, length);
    if (place == 0) return;
    const position = <u32>(place - text);
    while (endOf(string) <= position) string++;
    if (position + length > endOf(string)) {
      // It goes on in the next string.
      at = place + 1;
      continue;
    }
    while (lastOf(entry) <= string) entry++;
    if (isItem(entry)) mark(bits, entry);
    string = lastOf(entry);
    at = text + startOf(string);
  }
}

/** Items whose string number `column`, from 0, contains the bytes (0), begins with them (1), or is the same (2). */
export function markColumn(column: u32, how: u32, needle: usize, length: u32, bits: usize): void {
  let first: u32 = 0;
  for (let entry: u32 = 0; entry < entries; entry++) {
    const last = lastOf(entry);
    if (column < last - first && isItem(entry)) {
      const start = startOf(first + column);
      const bytes = endOf(first + column) - start;
      const from = text + start;
      let holds: bool;
      if (how == CONTAINS) holds = length == 0 || find(from, from + bytes, needle, length) != 0;
      else holds = (how == PREFIX ? bytes >= length : bytes == length) && isSame(from, needle, length);
      if (holds) mark(bits, entry);
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
