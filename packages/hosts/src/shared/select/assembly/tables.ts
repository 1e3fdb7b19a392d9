/** The tables of the batch whose rows are selected. A thread has made it itself: what is in them is right. */

// Kinds of entries (docs/batch-format.md).
export const SKIPPED: u32 = 0;
export const FILTERED: u32 = 6;

export let kinds: usize = 0;
export let consumed: usize = 0;
/** 0: all entries have `perEntry` strings. */
export let counts: usize = 0;
export let perEntry: u32 = 0;
/** 0: no entry has a time. */
export let times: usize = 0;
export let textEnds: usize = 0;
export let strings: u32 = 0;
/** 0: the text is ASCII. */
export let unitEnds: usize = 0;
export let text: usize = 0;
export let textBytes: u32 = 0;
export let entries: u32 = 0;
export let attachments: usize = 0;
export let attachmentCount: u32 = 0;
/** Whether some entry is no item. */
export let hasSkipped: bool = false;

/** All places are addresses. */
export function open(
  kindsAt: usize, consumedAt: usize, countsAt: usize, stringsPerEntry: u32, timesAt: usize, textEndsAt: usize, stringCount: u32,
  unitEndsAt: usize, textAt: usize, textLength: u32, entryCount: u32, itemCount: u32, attachmentsAt: usize, attachmentTotal: u32,
): void {
  kinds = kindsAt;
  consumed = consumedAt;
  counts = countsAt;
  perEntry = stringsPerEntry;
  times = timesAt;
  textEnds = textEndsAt;
  strings = stringCount;
  unitEnds = unitEndsAt;
  text = textAt;
  textBytes = textLength;
  entries = entryCount;
  attachments = attachmentsAt;
  attachmentCount = attachmentTotal;
  hasSkipped = itemCount < entryCount;
}

/** The number of the first string of entry number `entry`. */
// @ts-ignore: decorator
@inline export function firstOf(entry: u32): u32 {
  return counts == 0 ? entry * perEntry : entry == 0 ? 0 : load<u32>(counts + (<usize>(entry - 1) << 2));
}

/** The number of the string behind those of entry number `entry`. */
// @ts-ignore: decorator
@inline export function lastOf(entry: u32): u32 {
  return counts == 0 ? (entry + 1) * perEntry : load<u32>(counts + (<usize>entry << 2));
}

/** Where string number `number` ends in the text. */
// @ts-ignore: decorator
@inline export function endOf(number: u32): u32 {
  return load<u32>(textEnds + (<usize>number << 2));
}

/** Where the string behind those up to number `number`, without it, begins in the text. */
// @ts-ignore: decorator
@inline export function startOf(number: u32): u32 {
  return number == 0 ? 0 : endOf(number - 1);
}

/** The first string from number `from` on that ends behind this position of the text; `strings` when there is none. */
export function stringAt(position: u32, from: u32): u32 {
  let low = from;
  let high = from;
  for (let step: u32 = 1; high < strings && endOf(high) <= position; step <<= 1) {
    low = high + 1;
    high += step;
  }
  if (high > strings) high = strings;
  while (low < high) {
    const middle = low + ((high - low) >> 1);
    if (endOf(middle) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first entry from number `from` on whose strings go beyond string number `string`; `entries` when there is none. */
export function entryWith(string: u32, from: u32): u32 {
  if (counts == 0) return string / perEntry;
  let low = from;
  let high = from;
  for (let step: u32 = 1; high < entries && lastOf(high) <= string; step <<= 1) {
    low = high + 1;
    high += step;
  }
  if (high > entries) high = entries;
  while (low < high) {
    const middle = low + ((high - low) >> 1);
    if (lastOf(middle) <= string) low = middle + 1;
    else high = middle;
  }
  return low;
}

// @ts-ignore: decorator
@inline export function isItem(entry: u32): bool {
  const kind = load<u8>(kinds + entry);
  return kind != SKIPPED && kind != FILTERED;
}

// @ts-ignore: decorator
@inline export function isMarked(bits: usize, entry: u32): bool {
  return (load<u8>(bits + (entry >> 3)) & (1 << (entry & 7))) != 0;
}

// @ts-ignore: decorator
@inline export function mark(bits: usize, entry: u32): void {
  const at = bits + (entry >> 3);
  store<u8>(at, load<u8>(at) | (<u8>1 << <u8>(entry & 7)));
}

// @ts-ignore: decorator
@inline export function unmark(bits: usize, entry: u32): void {
  const at = bits + (entry >> 3);
  store<u8>(at, load<u8>(at) & ~(<u8>1 << <u8>(entry & 7)));
}
