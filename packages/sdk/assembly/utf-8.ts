/**
 * Bytes that should be text, as UTF-8. Each function reads from `at` up to `end`, writes at `target`, and returns where what it wrote
 * ends.
 */

/** How many times longer than the input what is written here can be. */
export const MOST_TEXT_GROWTH: usize = 3;

/** The length of the valid sequence that begins at `at`, or the negative length of the part of it that cannot go on. */
export function utf8Sequence(at: usize, end: usize): i32 {
  const lead = <u32>load<u8>(at);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4 || at + 1 >= end) return -1;
  // What may follow the lead byte keeps out overlong forms, surrogates, and what is beyond U+10FFFF.
  const least: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const most: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  const second = <u32>load<u8>(at, 1);
  if (second < least || second > most) return -1;
  if (lead < 0xe0) return 2;
  if (at + 2 >= end || (load<u8>(at, 2) & 0xc0) != 0x80) return -2;
  if (lead < 0xf0) return 3;
  if (at + 3 >= end || (load<u8>(at, 3) & 0xc0) != 0x80) return -3;
  return 4;
}

/** Where the valid text that begins at `at` ends. */
export function validUtf8End(at: usize, end: usize): usize {
  while (at < end) {
    if (load<u8>(at) < 0x80) {
      at++;
      continue;
    }
    const length = utf8Sequence(at, end);
    if (length < 0) return at;
    at += length;
  }
  return at;
}

/** Writes text with U+FFFD for each part that is not valid UTF-8. */
export function writeMendedUtf8(target: usize, at: usize, end: usize): usize {
  while (at < end) {
    const length = utf8Sequence(at, end);
    if (length > 0) {
      for (let i = 0; i < length; i++) store<u8>(target + i, load<u8>(at + i));
      target += length;
      at += length;
    } else {
      store<u16>(target, 0xbfef);
      store<u8>(target, 0xbd, 2);
      target += 3;
      at -= length;
    }
  }
  return target;
}

/** Writes ISO 8859-1, where every byte is the character of that number. */
export function writeLatin1(target: usize, at: usize, end: usize): usize {
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte < 0x80) {
      store<u8>(target++, byte);
    } else {
      store<u8>(target, 0xc0 | (byte >> 6));
      store<u8>(target, 0x80 | (byte & 0x3f), 1);
      target += 2;
    }
  }
  return target;
}

/** Writes the code point `code`, which is no surrogate: up to four bytes. */
export function writeCodePoint(target: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(target, code);
    return target + 1;
  }
  if (code < 0x800) {
    store<u8>(target, 0xc0 | (code >> 6));
    store<u8>(target, 0x80 | (code & 0x3f), 1);
    return target + 2;
  }
  if (code < 0x10000) {
    store<u8>(target, 0xe0 | (code >> 12));
    store<u8>(target, 0x80 | ((code >> 6) & 0x3f), 1);
    store<u8>(target, 0x80 | (code & 0x3f), 2);
    return target + 3;
  }
  store<u8>(target, 0xf0 | (code >> 18));
  store<u8>(target, 0x80 | ((code >> 12) & 0x3f), 1);
  store<u8>(target, 0x80 | ((code >> 6) & 0x3f), 2);
  store<u8>(target, 0x80 | (code & 0x3f), 3);
  return target + 4;
}
