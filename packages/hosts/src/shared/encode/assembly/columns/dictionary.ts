/** Different values of a column, found with a hash table of the numbers of the strings that have them. */
import { endOf, first, isChosen, isWhole, lastOf, row, rowEnd, text } from './chosen-rows';
import { copied } from './copied';

const PRIME: u64 = 0x9e3779b97f4a7c15;
/** Texts of up to so many bytes are remembered as numbers, the last ones in so many places. */
const SHORT: usize = 8;
const PLACE_BITS: u64 = 6;
const PLACE_BYTES: usize = 16;
const RECENT_BYTES: usize = 1024;

/**
 * Finds the different values of column `number`, in the order in which they come.
 * @param indexesAt gets an i32 a row: the number of its value, 0 for one that does not have the column
 * @param valuesAt gets a u32 a value: the string that has it first
 * @param tableAt memory for the table, of `slots` u32: a power of two, more than there are rows
 * @param recentAt 1 KiB of memory for short values that came last; 0: there is none
 * @returns how many values there are
 */
export function findValues(number: u32, indexesAt: usize, valuesAt: usize, tableAt: usize, slots: u32, recentAt: usize): u32 {
  memory.fill(tableAt, 0, <usize>slots << 2);
  if (recentAt != 0) memory.fill(recentAt, 0, RECENT_BYTES);
  const mask = slots - 1;
  const end = rowEnd;
  const whole = isWhole;
  let at = indexesAt;
  let count: u32 = 0;
  let from = first;
  // A long value often comes several times in a row.
  let before: u32 = 0;
  let beforeAt: usize = 0;
  let beforeSize: usize = usize.MAX_VALUE;
  for (let entry = row; entry < end; entry++) {
    const last = lastOf(entry, from);
    if (whole || isChosen(entry)) {
      if (last - from <= number) store<u32>(at, 0);
      else {
        const string = from + number;
        const start = endOf(string);
        const size = <usize>(endOf(string + 1) - start);
        const begin = text + start;
        if (recentAt != 0 && size <= SHORT && size != 0) {
          const key = load<u64>(begin) << ((SHORT - size) << 3);
          const place = recentAt + <usize>((key * PRIME) >> (64 - PLACE_BITS)) * PLACE_BYTES;
          if (load<u64>(place) != key || load<u32>(place, 8) != <u32>size) {
            store<u64>(place, key);
            store<u32>(place, <u32>size, 8);
            const known = find(begin, size, valuesAt, count, tableAt, mask);
            store<u32>(place, known, 12);
            count = add(known, string, valuesAt, count);
          }
          store<u32>(at, load<u32>(place, 12));
          at += 4;
          from = last;
          continue;
        }
        if (size != beforeSize || !isSame(begin, beforeAt, size)) {
          before = find(begin, size, valuesAt, count, tableAt, mask);
          count = add(before, string, valuesAt, count);
          beforeAt = begin;
          beforeSize = size;
        }
        store<u32>(at, before);
      }
      at += 4;
    }
    from = last;
  }
  return count;
}

/** Notes the value of a string that is new, whose number is that of all values so far. @returns how many there are */
// @ts-ignore: decorator
@inline function add(value: u32, string: u32, valuesAt: usize, count: u32): u32 {
  if (value < count) return count;
  store<u32>(valuesAt + (<usize>count << 2), string);
  return count + 1;
}

/** @returns the number of the value; of a new one, which is put into the table, `count` */
function find(begin: usize, size: usize, valuesAt: usize, count: u32, tableAt: usize, mask: u32): u32 {
  let slot = hash(begin, size) & mask;
  let value = load<u32>(tableAt + (<usize>slot << 2));
  while (value != 0) {
    const known = load<u32>(valuesAt + (<usize>(value - 1) << 2));
    const start = endOf(known);
    if (endOf(known + 1) - start == <u32>size && isSame(begin, text + start, size)) return value - 1;
    slot = (slot + 1) & mask;
    value = load<u32>(tableAt + (<usize>slot << 2));
  }
  store<u32>(tableAt + (<usize>slot << 2), count + 1);
  return count;
}

/** The values that were found, as offsets and text. @returns where the text ends */
export function writeValues(valuesAt: usize, count: u32, endsAt: usize, out: usize): usize {
  let at = out;
  store<i32>(endsAt, 0);
  for (let value: u32 = 0; value < count; value++) {
    const string = load<u32>(valuesAt + (<usize>value << 2));
    at = copied(text + endOf(string), text + endOf(string + 1), at);
    store<i32>(endsAt + (<usize>(value + 1) << 2), <i32>(at - out));
  }
  return at;
}

/** Reads up to 7 bytes behind each. */
// @ts-ignore: decorator
@inline function isSame(a: usize, b: usize, size: usize): bool {
  const end = a + (size & ~7);
  while (a < end) {
    if (load<u64>(a) != load<u64>(b)) return false;
    a += 8;
    b += 8;
  }
  const rest = size & 7;
  return rest == 0 || (load<u64>(a) ^ load<u64>(b)) << ((8 - rest) << 3) == 0;
}

// @ts-ignore: decorator
@inline function hash(at: usize, size: usize): u32 {
  let mixed = <u64>size * PRIME;
  const end = at + (size & ~7);
  for (; at < end; at += 8) mixed = (rotl<u64>(mixed, 29) ^ load<u64>(at)) * PRIME;
  const rest = size & 7;
  if (rest != 0) mixed = (rotl<u64>(mixed, 29) ^ (load<u64>(at) << ((8 - rest) << 3))) * PRIME;
  // What differs in the last bytes alone has to differ in the lowest bits, which choose the place.
  mixed = (mixed ^ (mixed >> 32)) * PRIME;
  return <u32>(mixed >> 32);
}
