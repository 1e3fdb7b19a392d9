/** Text of arguments: up to the first NUL, without line breaks, as valid UTF-8. */
import { MOST_TEXT_GROWTH, utf8Sequence, validUtf8End, writeLatin1, writeMendedUtf8 } from '@chipmunk-host/sdk/assembly';

/** What is written may go beyond its end by so much. */
const SLACK: usize = 16;

const LF: u32 = 10;
const CR: u32 = 13;

/** What is done with text that is not valid UTF-8. */
export const enum Invalid {
  /** It is ISO 8859-1. */
  Latin1,
  /** Its invalid parts become U+FFFD. */
  Replace,
  /** It ends before its first invalid part. */
  Cut,
}

/** Memory that the text of `bytes` bytes needs while it is written. */
// @ts-ignore: decorator
@inline
export function stringRoom(bytes: usize): usize {
  return bytes * MOST_TEXT_GROWTH + SLACK;
}

/** Writes the text from `at` up to `end` at `target`; returns where what it wrote ends. A line break is left out; a single CR is not one. */
export function writeString(target: usize, at: usize, end: usize, invalid: Invalid): usize {
  const start = at;
  const targetStart = target;
  const lowest = i8x16.splat(0x20);
  while (at < end) {
    const text = v128.load(at);
    v128.store(target, text);
    // Bytes from 0x80 on are negative.
    const special = i8x16.bitmask(i8x16.lt_s(text, lowest));
    const plain: usize = special == 0 ? 16 : ctz(special);
    at += plain;
    target += plain;
    if (at >= end) return target - (at - end);
    if (special == 0) continue;
    const byte = <u32>load<u8>(at);
    if (byte == 0) return target;
    if (byte < 0x80) {
      if (byte == LF) {
        at++;
      } else if (byte == CR && at + 1 < end && load<u8>(at, 1) == LF) {
        at += 2;
      } else {
        at++;
        target++;
      }
      continue;
    }
    const length = utf8Sequence(at, end);
    if (length > 0) {
      // Its bytes may lie beyond those that were copied.
      store<u32>(target, load<u32>(at));
      at += length;
      target += length;
    } else {
      return invalid == Invalid.Cut ? target : writeInvalid(targetStart, start, end, invalid);
    }
  }
  return target;
}

/** Writes a name or a unit: up to the first NUL, line breaks included. */
export function writeName(target: usize, at: usize, end: usize, invalid: Invalid): usize {
  end = terminatedEnd(at, end);
  const valid = validUtf8End(at, end);
  if (valid < end && invalid == Invalid.Latin1) return writeLatin1(target, at, end);
  if (valid < end && invalid == Invalid.Replace) return writeMendedUtf8(target, at, end);
  for (; at < valid; at++) store<u8>(target++, load<u8>(at));
  return target;
}

/** Where the first NUL from `at` on lies, or `end`. */
// @ts-ignore: decorator
@inline
export function terminatedEnd(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != 0) at++;
  return at;
}

function writeInvalid(target: usize, at: usize, end: usize, invalid: Invalid): usize {
  end = terminatedEnd(at, end);
  while (at < end) {
    let lineEnd = at;
    while (lineEnd < end && load<u8>(lineEnd) != LF) lineEnd++;
    const textEnd = lineEnd < end && lineEnd > at && load<u8>(lineEnd - 1) == CR ? lineEnd - 1 : lineEnd;
    target =
      invalid == Invalid.Latin1 ? writeLatin1(target, at, textEnd) : writeMendedUtf8(target, at, textEnd);
    at = lineEnd + 1;
  }
  return target;
}
