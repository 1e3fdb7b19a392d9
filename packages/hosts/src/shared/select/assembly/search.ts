/** Finds bytes in bytes, sixty-four places at a time: those where two bytes of what is looked for stand are compared as a whole. */

/** Read behind the end of what is searched at most. */
const STEP: usize = 16;
const BLOCK: usize = 4 * STEP;

/**
 * @param length of what is looked for, 1 or more
 * @param first number of the byte that is looked at first: one that is rare in the text
 * @param second the same of another one
 * @returns the first place in [at, end) where it stands; 0 when there is none
 */
export function find(at: usize, end: usize, needle: usize, length: usize, first: usize, second: usize): usize {
  if (end < at || end - at < length) return 0;
  const last = end - length;
  const one = i8x16.splat(load<i8>(needle + first));
  const other = i8x16.splat(load<i8>(needle + second));
  for (; at + BLOCK <= last + 1; at += BLOCK) {
    const a = candidates(at, first, second, one, other);
    const b = candidates(at + STEP, first, second, one, other);
    const c = candidates(at + 2 * STEP, first, second, one, other);
    const d = candidates(at + 3 * STEP, first, second, one, other);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    for (let places = bitsOf(a, b, c, d); places != 0; places &= places - 1) {
      const place = at + <usize>ctz(places);
      if (isSame(place, needle, length)) return place;
    }
  }
  for (; at <= last; at += STEP) {
    let places = <u32>i8x16.bitmask(candidates(at, first, second, one, other));
    for (; places != 0; places &= places - 1) {
      const place = at + <usize>ctz(places);
      if (place > last) return 0;
      if (isSame(place, needle, length)) return place;
    }
  }
  return 0;
}

/**
 * The same where each byte may be one of two: those at `needle`, or those at `needle + length`. They differ where letters of both cases
 * are looked for.
 */
export function findEither(at: usize, end: usize, needle: usize, length: usize, first: usize, second: usize): usize {
  if (end < at || end - at < length) return 0;
  const last = end - length;
  const one = i8x16.splat(load<i8>(needle + first));
  const orOne = i8x16.splat(load<i8>(needle + length + first));
  const other = i8x16.splat(load<i8>(needle + second));
  const orOther = i8x16.splat(load<i8>(needle + length + second));
  for (; at + BLOCK <= last + 1; at += BLOCK) {
    const a = eitherCandidates(at, first, second, one, orOne, other, orOther);
    const b = eitherCandidates(at + STEP, first, second, one, orOne, other, orOther);
    const c = eitherCandidates(at + 2 * STEP, first, second, one, orOne, other, orOther);
    const d = eitherCandidates(at + 3 * STEP, first, second, one, orOne, other, orOther);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    for (let places = bitsOf(a, b, c, d); places != 0; places &= places - 1) {
      const place = at + <usize>ctz(places);
      if (isEither(place, needle, length)) return place;
    }
  }
  for (; at <= last; at += STEP) {
    let places = <u32>i8x16.bitmask(eitherCandidates(at, first, second, one, orOne, other, orOther));
    for (; places != 0; places &= places - 1) {
      const place = at + <usize>ctz(places);
      if (place > last) return 0;
      if (isEither(place, needle, length)) return place;
    }
  }
  return 0;
}

// @ts-ignore: decorator
@inline function candidates(at: usize, first: usize, second: usize, one: v128, other: v128): v128 {
  return v128.and(i8x16.eq(v128.load(at + first), one), i8x16.eq(v128.load(at + second), other));
}

// @ts-ignore: decorator
@inline function eitherCandidates(
  at: usize, first: usize, second: usize, one: v128, orOne: v128, other: v128, orOther: v128,
): v128 {
  const firsts = v128.load(at + first);
  const seconds = v128.load(at + second);
  return v128.and(
    v128.or(i8x16.eq(firsts, one), i8x16.eq(firsts, orOne)),
    v128.or(i8x16.eq(seconds, other), i8x16.eq(seconds, orOther)),
  );
}

// @ts-ignore: decorator
@inline function bitsOf(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16)) |
    (<u64>(<u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16)) << 32)
  );
}

/** Whether the same bytes stand at both places. */
// @ts-ignore: decorator
@inline export function isSame(one: usize, other: usize, length: usize): bool {
  const end = one + length;
  for (; one + 8 <= end; one += 8, other += 8) if (load<u64>(one) != load<u64>(other)) return false;
  for (; one < end; one++, other++) if (load<u8>(one) != load<u8>(other)) return false;
  return true;
}

// @ts-ignore: decorator
@inline function isEither(place: usize, needle: usize, length: usize): bool {
  for (let index: usize = 0; index < length; index++) {
    const byte = load<u8>(place + index);
    if (byte != load<u8>(needle + index) && byte != load<u8>(needle + length + index)) return false;
  }
  return true;
}
