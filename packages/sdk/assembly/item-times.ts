/**
 * The times of a call's items. The host asks for them when `parse` has returned, and the items may be gone by then: so they lie in a
 * block of their own, which every call uses anew. Nothing of this is in a component whose parser gives no times.
 */
import { allocateBlock, blockSize, resizeBlock } from './blocks';

/** Stands for the time of an item that has none. */
export const NO_TIME: i64 = i64.MIN_VALUE;

const SMALLEST_TABLE: usize = 512;

let table: usize = 0;
/** Behind the last time of this call. */
let filled: usize = 0;
let limit: usize = 0;

/** Sets the time of item number `item`, from 0. Those before it that were given none have none. */
// @ts-ignore: decorator
@inline
export function setTime(item: i32, time: i64): void {
  let at = table + ((<usize>item) << 3);
  if (at != filled || at == limit) at = placeOf(item);
  store<i64>(at, time);
  filled = at + 8;
}

/** At the beginning of a call. */
// @ts-ignore: decorator
@inline
export function forgetTimes(): void {
  filled = table;
}

/** Writes the list at `target`. @param items how many items the call has returned */
export function storeTimes(target: usize, items: i32): void {
  const isEmpty = filled == table || items == 0;
  if (!isEmpty) fillUpTo(items);
  store<usize>(target, isEmpty ? 0 : table);
  store<i32>(target, isEmpty ? 0 : items, 4);
}

/**
 * Where the time of an item goes that is not simply the next one. The build looks for this function: a component without it gives no
 * times.
 */
function placeOf(item: i32): usize {
  return fillUpTo(item);
}

/** Returns where the time of an item goes; there is room for it, and those before it have none if they were given none. */
function fillUpTo(item: i32): usize {
  const bytes = (<usize>item) << 3;
  if (table + bytes >= limit) {
    const used = filled - table;
    const wanted = max(bytes << 1, SMALLEST_TABLE);
    table = table == 0 ? allocateBlock(wanted) : resizeBlock(table, wanted);
    filled = table + used;
    limit = table + (blockSize(table) & ~7);
  }
  const at = table + bytes;
  for (; filled < at; filled += 8) store<i64>(filled, NO_TIME);
  return at;
}
