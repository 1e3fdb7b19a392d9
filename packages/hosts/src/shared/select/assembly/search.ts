/** Finds bytes in bytes, sixteen places at a time. */

/** Read behind the end of what is searched at most, besides the bytes that are looked for. */
const STEP: usize = 16;

/** @param length of what is looked for, 1 or more. @returns the first place in [at, end) where it stands; 0 when there is none */
export function find(at: usize, end: usize, needle: usize, length: usize): usize {
  if (end - at < length || end < at) return 0;
  const last = end - length;
  const firstByte = i8x16.splat(load<i8>(needle));
  const lastByte = i8x16.splat(load<i8>(needle + length - 1));
  for (; at <= last; at += STEP) {
    const begins = i8x16.eq(v128.load(at), firstByte);
    const ends = i8x16.eq(v128.load(at + length - 1), lastByte);
    let places = <u32>i8x16.bitmask(v128.and(begins, ends));
    for (; places != 0; places &= places - 1) {
      const place = at + ctz(places);
      if (place > last) return 0;
      if (isSame(place, needle, length)) return place;
    }
  }
  return 0;
}

/** Whether the same bytes stand at both places. */
// @ts-ignore: decorator
@inline export function isSame(one: usize, other: usize, length: usize): bool {
  const end = one + length;
  for (; one + 8 <= end; one += 8, other += 8) if (load<u64>(one) != load<u64>(other)) return false;
  for (; one < end; one++, other++) if (load<u8>(one) != load<u8>(other)) return false;
  return true;
}
