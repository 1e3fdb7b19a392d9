/**
 * Sets of characters. A character below U+0080 is looked up in a table by its byte; of the others all are in the set, none, or those of some
 * ranges. The table is made for sixteen bytes at a time, too: the method of Langdale and Lemire, by the two halves of a byte.
 *
 * In memory a set is a block that is never freed, because patterns live as long as the plugin:
 *
 * | at  | bytes |                                                                                                        |
 * | --- | ----- | ------------------------------------------------------------------------------------------------------ |
 * | 0   | 256   | for each byte that begins a character: 0 no, 1 yes, 2 look at the ranges                               |
 * | 256 | 16    | for the lower half of a byte: a bit for each upper half from 0 to 7 with which it is not in the set     |
 * | 272 | 4     | bits of the mask of bytes beyond ASCII that are not in the set: all or none                            |
 * | 276 | 4     | whether characters may have several bytes                                                              |
 * | 280 | 4     | how many ranges                                                                                        |
 * | 284 | 8 each| the first and the last code point of a range                                                           |
 */
import { allocateBlock } from '../blocks';

export const STOPS: usize = 256;
export const BEYOND_STOPS: usize = 272;
export const IS_WIDE: usize = 276;
const RANGE_COUNT: usize = 280;
const RANGES: usize = 284;
const MOST_CODE: u32 = 0x10ffff;

/** A bit for each upper half of a byte from 0 to 7. */
export const upperBits: usize = memory.data<u8>([1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]);

export class CharSet {
  /** Pairs of first and last code points, in any order; they may overlap. */
  readonly ranges: u32[] = [];
  private isNegated: bool = false;
  private known: u32[] | null = null;

  add(first: u32, last: u32): CharSet {
    this.ranges.push(first);
    this.ranges.push(last);
    this.known = null;
    return this;
  }

  addAll(other: CharSet): void {
    const ranges = other.resolved();
    for (let i = 0; i < ranges.length; i++) this.ranges.push(ranges[i]);
    this.known = null;
  }

  negate(): CharSet {
    this.isNegated = !this.isNegated;
    this.known = null;
    return this;
  }

  /** The only character of the set; -1: it has none, or several. */
  get single(): i32 {
    return !this.isNegated && this.ranges.length == 2 && this.ranges[0] == this.ranges[1] ? <i32>this.ranges[0] : -1;
  }

  /** Ranges in their order, without the negation. */
  resolved(): u32[] {
    let known = this.known;
    if (known === null) {
      known = this.resolve();
      this.known = known;
    }
    return known;
  }

  private resolve(): u32[] {
    const sorted = merged(this.ranges);
    if (!this.isNegated) return sorted;
    const others: u32[] = [];
    let next: u32 = 0;
    for (let i = 0; i < sorted.length; i += 2) {
      if (sorted[i] > next) {
        others.push(next);
        others.push(sorted[i] - 1);
      }
      next = sorted[i + 1] + 1;
    }
    if (next <= MOST_CODE) {
      others.push(next);
      others.push(MOST_CODE);
    }
    return others;
  }

  /** Writes the set into memory; returns where it lies. */
  write(): usize {
    const all = this.resolved();
    const beyond: u32[] = [];
    for (let i = 0; i < all.length; i += 2) {
      if (all[i + 1] < 0x80) continue;
      beyond.push(max<u32>(all[i], 0x80));
      beyond.push(all[i + 1]);
    }
    const hasAll = beyond.length == 2 && beyond[0] == 0x80 && beyond[1] == MOST_CODE;
    const at = allocateBlock(RANGES + <usize>beyond.length * 4);
    memory.fill(at, 0, RANGES);
    const others: u8 = hasAll ? 1 : beyond.length > 0 ? 2 : 0;
    memory.fill(at + 0x80, others, 0x80);
    for (let i = 0; i < all.length; i += 2) {
      for (let code = all[i]; code <= all[i + 1] && code < 0x80; code++) store<u8>(at + code, 1);
    }
    for (let byte: u32 = 0; byte < 0x80; byte++) {
      if (load<u8>(at + byte) != 0) continue;
      const half = at + STOPS + (byte & 15);
      store<u8>(half, <u32>load<u8>(half) | (1 << (byte >> 4)));
    }
    store<u32>(at, hasAll ? 0 : 0xffff, BEYOND_STOPS);
    store<u32>(at, others, IS_WIDE);
    store<u32>(at, beyond.length >> 1, RANGE_COUNT);
    for (let i = 0; i < beyond.length; i++) store<u32>(at + RANGES + <usize>i * 4, beyond[i]);
    return at;
  }
}

/** Behind the character at `at` if the set has it; 0: it has not. The text must be valid UTF-8, and must not end at `at`. */
// @ts-ignore: decorator
@inline
export function step(set: usize, at: usize): usize {
  const byte = <u32>load<u8>(at);
  if (byte < 0x80) return load<u8>(set + byte) != 0 ? at + 1 : 0;
  return stepWide(set, at, byte);
}

function stepWide(set: usize, at: usize, byte: u32): usize {
  const kind = load<u8>(set + byte);
  if (kind == 0) return 0;
  const length: usize = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  if (kind == 1) return at + length;
  let code = byte & (0xff >> (<u32>length + 1));
  for (let i: usize = 1; i < length; i++) code = (code << 6) | (load<u8>(at + i) & 0x3f);
  const ranges = set + RANGES;
  const end = ranges + <usize>load<u32>(set, RANGE_COUNT) * 8;
  for (let range = ranges; range < end; range += 8) {
    if (code >= load<u32>(range) && code <= load<u32>(range, 4)) return at + length;
  }
  return 0;
}

function merged(ranges: u32[]): u32[] {
  const order = new Array<u64>(ranges.length >> 1);
  for (let i = 0; i < order.length; i++) order[i] = ((<u64>ranges[i << 1]) << 32) | ranges[(i << 1) + 1];
  order.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const result: u32[] = [];
  for (let i = 0; i < order.length; i++) {
    const first = <u32>(order[i] >> 32);
    const last = <u32>order[i];
    const top = result.length - 1;
    if (top > 0 && first <= result[top] + 1) result[top] = max(result[top], last);
    else {
      result.push(first);
      result.push(last);
    }
  }
  return result;
}
