/** ISO 8859-1 as UTF-8: each byte is the code point of that number. None is invalid. */

/** Bytes of the text as UTF-8. */
export function utf8Length(at: usize, end: usize): usize {
  let bytes = end - at;
  for (; at + 16 <= end; at += 16) bytes += popcnt(i8x16.bitmask(v128.load(at)));
  for (; at < end; at++) bytes += load<u8>(at) >> 7;
  return bytes;
}

/** Writes the text as UTF-8 to memory that has room for `utf8Length` bytes. */
export function writeUtf8(at: usize, end: usize, target: usize): void {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte < 0x80) {
      store<u8>(target++, byte);
    } else {
      store<u8>(target, 0xc0 | (byte >> 6));
      store<u8>(target, 0x80 | (byte & 0x3f), 1);
      target += 2;
    }
  }
}
