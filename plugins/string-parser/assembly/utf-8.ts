/**
 * Repairs UTF-8 by the rules of the WHATWG Encoding Standard, which are also those of Rust's `from_utf8_lossy`:
 * each maximal part of a sequence that cannot go on becomes one U+FFFD.
 */

/** Bytes of U+FFFD. */
export const REPLACEMENT_BYTES: usize = 3;

/** Bytes of the text after its invalid parts were replaced. */
export function mendedLength(at: usize, end: usize): usize {
  let bytes: usize = 0;
  while (true) {
    const next = skipAscii(at, end);
    bytes += next - at;
    at = next;
    if (at == end) return bytes;
    const length = sequence(at, end);
    bytes += length > 0 ? <usize>length : REPLACEMENT_BYTES;
    at += abs(length);
  }
}

/** Writes the text with its invalid parts replaced to memory that has room for `mendedLength` bytes. */
export function writeMended(at: usize, end: usize, target: usize): void {
  while (true) {
    const next = skipAscii(at, end);
    memory.copy(target, at, next - at);
    target += next - at;
    at = next;
    if (at == end) return;
    const length = sequence(at, end);
    if (length > 0) {
      for (let i = 0; i < length; i++) store<u8>(target + i, load<u8>(at + i));
      target += length;
    } else {
      storeReplacement(target);
      target += REPLACEMENT_BYTES;
    }
    at += abs(length);
  }
}

/** Writes U+FFFD. */
// @ts-ignore: decorator
@inline
export function storeReplacement(target: usize): void {
  store<u16>(target, 0xbfef);
  store<u8>(target, 0xbd, 2);
}

// @ts-ignore: decorator
@inline
function skipAscii(at: usize, end: usize): usize {
  while (at + 16 <= end) {
    const high = i8x16.bitmask(v128.load(at));
    if (high != 0) return at + ctz(high);
    at += 16;
  }
  while (at < end && load<u8>(at) < 0x80) at++;
  return at;
}

/** The length of the sequence that starts here, or the negative length of the part of it that cannot go on. */
function sequence(at: usize, end: usize): i32 {
  const lead = <u32>load<u8>(at);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  // What may follow the lead byte keeps out overlong forms, surrogates, and what is beyond U+10FFFF.
  let least: u32 = 0x80;
  let most: u32 = 0xbf;
  if (lead == 0xe0) least = 0xa0;
  else if (lead == 0xed) most = 0x9f;
  else if (lead == 0xf0) least = 0x90;
  else if (lead == 0xf4) most = 0x8f;
  if (at + 1 >= end) return -1;
  const second = <u32>load<u8>(at, 1);
  if (second < least || second > most) return -1;
  if (lead < 0xe0) return 2;
  if (at + 2 >= end || !continues(at + 2)) return -2;
  if (lead < 0xf0) return 3;
  if (at + 3 >= end || !continues(at + 3)) return -3;
  return 4;
}

// @ts-ignore: decorator
@inline
function continues(at: usize): bool {
  return (load<u8>(at) & 0xc0) == 0x80;
}
