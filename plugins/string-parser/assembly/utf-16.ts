/**
 * Lines of UTF-16: where they end, and their text as UTF-8. A code unit is two bytes; the first one is the lower half, or the upper
 * one where the text is big-endian.
 */
import { writeCodePoint } from '@chipmunk-host/sdk/assembly';
import { REPLACEMENT_BYTES, storeReplacement } from './utf-8';

const LF: u16 = 10;

/** The code unit at `at`. */
// @ts-ignore: decorator
@inline
export function unitAt(at: usize, bigEndian: bool): u32 {
  const unit = <u32>load<u16>(at);
  return bigEndian ? (unit >> 8) | ((unit & 0xff) << 8) : unit;
}

/** Where the first LF from `at` on lies, which is a whole number of code units before `end`; `end` where there is none. */
export function findLineBreak(at: usize, end: usize, bigEndian: bool): usize {
  const stored: u16 = bigEndian ? LF << 8 : LF;
  for (; at + 16 <= end; at += 16) {
    const found = i16x8.bitmask(i16x8.eq(v128.load(at), i16x8.splat(stored)));
    if (found != 0) return at + (<usize>ctz(found) << 1);
  }
  while (at < end && load<u16>(at) != stored) at += 2;
  return at;
}

/** Whether every surrogate from `at` up to `end` has its partner. */
export function isPaired(at: usize, end: usize, bigEndian: bool): bool {
  while (true) {
    at = skipAscii(at, end, bigEndian);
    if (at == end) return true;
    const code = codePoint(at, end, bigEndian);
    if (code < 0) return false;
    at += code > 0xffff ? 4 : 2;
  }
}

/** Whether the text ends in the first half of a pair of surrogates. */
export function endsInHalf(at: usize, end: usize, bigEndian: bool): bool {
  return at < end && (unitAt(end - 2, bigEndian) & 0xfc00) == 0xd800;
}

/** Bytes of the text as UTF-8, with U+FFFD for each surrogate that is alone. */
export function utf8Length(at: usize, end: usize, bigEndian: bool): usize {
  let bytes: usize = 0;
  while (true) {
    const next = skipAscii(at, end, bigEndian);
    bytes += (next - at) >> 1;
    at = next;
    if (at == end) return bytes;
    const code = codePoint(at, end, bigEndian);
    bytes += code < 0 ? REPLACEMENT_BYTES : code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    at += code > 0xffff ? 4 : 2;
  }
}

/** Writes the text as UTF-8 to memory that has room for `utf8Length` bytes. */
export function writeUtf8(at: usize, end: usize, bigEndian: bool, target: usize): void {
  while (at < end) {
    while (at + 16 <= end) {
      const units = ordered(v128.load(at), bigEndian);
      if (!isAscii(units)) break;
      v128.store64_lane(target, i8x16.narrow_i16x8_u(units, units), 0);
      at += 16;
      target += 8;
    }
    if (at == end) return;
    const code = codePoint(at, end, bigEndian);
    at += code > 0xffff ? 4 : 2;
    if (code < 0) {
      storeReplacement(target);
      target += REPLACEMENT_BYTES;
    } else {
      target = writeCodePoint(target, code);
    }
  }
}

/** The code point that begins at `at`, which takes four bytes from U+10000 on, else two; -1: a surrogate without its partner. */
// @ts-ignore: decorator
@inline
function codePoint(at: usize, end: usize, bigEndian: bool): i32 {
  const unit = unitAt(at, bigEndian);
  if ((unit & 0xf800) != 0xd800) return unit;
  if (unit >= 0xdc00 || at + 4 > end) return -1;
  const second = unitAt(at + 2, bigEndian);
  if ((second & 0xfc00) != 0xdc00) return -1;
  return 0x10000 + (((unit & 0x3ff) << 10) | (second & 0x3ff));
}

// @ts-ignore: decorator
@inline
function skipAscii(at: usize, end: usize, bigEndian: bool): usize {
  while (at + 16 <= end && isAscii(ordered(v128.load(at), bigEndian))) at += 16;
  while (at < end && unitAt(at, bigEndian) < 0x80) at += 2;
  return at;
}

// @ts-ignore: decorator
@inline
function ordered(units: v128, bigEndian: bool): v128 {
  return bigEndian ? i8x16.shuffle(units, units, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14) : units;
}

// @ts-ignore: decorator
@inline
function isAscii(units: v128): bool {
  return !v128.any_true(v128.and(units, i16x8.splat(<i16>0xff80)));
}
