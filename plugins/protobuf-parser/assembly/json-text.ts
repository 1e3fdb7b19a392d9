/** Values as JSON. Each function writes at `to`, makes the room that it needs, and returns where what it wrote ends. */
import { isUtf8, MOST_TEXT_GROWTH, TextWriter, writeHexByte, writeMendedUtf8 } from '@chipmunk-host/sdk/assembly';

const QUOTE: u8 = 34;
const BACKSLASH: u8 = 92;
/** Room for what is written beyond the end of a text, and for an escape. */
const MARGIN: usize = 32;

const alphabet: usize = memory.data<u8>([
  65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 97, 98, 99, 100,
  101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 48, 49, 50,
  51, 52, 53, 54, 55, 56, 57, 43, 47,
]);

/** A text in quotes; what is not valid UTF-8 becomes U+FFFD. */
export function writeString(writer: TextWriter, to: usize, at: usize, end: usize): usize {
  to = writer.grow(to, end - at + MARGIN);
  store<u8>(to++, QUOTE);
  while (at < end) {
    const text = v128.load(at);
    const marks = v128.or(i8x16.eq(text, i8x16.splat(QUOTE)), i8x16.eq(text, i8x16.splat(BACKSLASH)));
    const high = <u32>i8x16.bitmask(text);
    const found = <u32>i8x16.bitmask(v128.or(marks, i8x16.lt_u(text, i8x16.splat(32)))) | high;
    const plain: usize = found == 0 ? 16 : <usize>ctz(found);
    v128.store(to, text);
    if (plain >= end - at) {
      to += end - at;
      break;
    }
    to += plain;
    at += plain;
    if (found == 0) continue;
    if (load<u8>(at) >= 0x80) return writeWideString(writer, to, at, end);
    to = writer.grow(writeEscape(to, load<u8>(at)), end - at + MARGIN);
    at++;
  }
  store<u8>(to, QUOTE);
  return to + 1;
}

/** The rest of a text, with characters beyond ASCII. */
function writeWideString(writer: TextWriter, to: usize, at: usize, end: usize): usize {
  if (!isUtf8(at, end)) {
    const length = end - at;
    const copy = heap.alloc(length * MOST_TEXT_GROWTH + MARGIN);
    const copyEnd = writeMendedUtf8(copy, at, end);
    to = writeWideString(writer, to, copy, copyEnd);
    heap.free(copy);
    return to;
  }
  to = writer.grow(to, end - at + MARGIN);
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte >= 32 && byte != QUOTE && byte != BACKSLASH) store<u8>(to++, byte);
    else to = writer.grow(writeEscape(to, byte), end - at + MARGIN);
  }
  store<u8>(to, QUOTE);
  return to + 1;
}

function writeEscape(to: usize, byte: u32): usize {
  if (byte == QUOTE || byte == BACKSLASH) {
    store<u8>(to, BACKSLASH);
    store<u8>(to, byte, 1);
    return to + 2;
  }
  const letter: u32 = byte == 10 ? 110 : byte == 13 ? 114 : byte == 9 ? 116 : 0;
  if (letter != 0) {
    store<u8>(to, BACKSLASH);
    store<u8>(to, letter, 1);
    return to + 2;
  }
  store<u32>(to, 0x3030755c);
  return writeHexByte(to + 4, byte);
}

/** Bytes as base64, in quotes. */
export function writeBase64(writer: TextWriter, to: usize, at: usize, end: usize): usize {
  to = writer.grow(to, ((end - at + 2) / 3) * 4 + 2);
  store<u8>(to++, QUOTE);
  for (; end - at >= 3; at += 3) {
    const bits = (<u32>load<u8>(at) << 16) | (<u32>load<u8>(at, 1) << 8) | load<u8>(at, 2);
    store<u8>(to, digit(bits >> 18));
    store<u8>(to, digit(bits >> 12), 1);
    store<u8>(to, digit(bits >> 6), 2);
    store<u8>(to, digit(bits), 3);
    to += 4;
  }
  if (at < end) {
    const isOne = end - at == 1;
    const bits = (<u32>load<u8>(at) << 16) | (isOne ? 0 : <u32>load<u8>(at, 1) << 8);
    store<u8>(to, digit(bits >> 18));
    store<u8>(to, digit(bits >> 12), 1);
    store<u8>(to, isOne ? 61 : digit(bits >> 6), 2);
    store<u8>(to, 61, 3);
    to += 4;
  }
  store<u8>(to, QUOTE);
  return to + 1;
}

// @ts-ignore: decorator
@inline
function digit(bits: u32): u8 {
  return load<u8>(alphabet + (bits & 63));
}
