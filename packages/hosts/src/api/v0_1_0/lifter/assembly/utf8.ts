/**
 * UTF-8 of one string in the host's memory, checked sixteen bytes at a time: the lookup algorithm of John Keiser and Daniel Lemire, "Validating UTF-8
 * In Less Than One Instruction Per Byte" (2020). Three tables, indexed by the two halves of a byte and by the upper half of
 * the next one, give the set of errors that the three could be part of; a bit that stands in all three is an error.
 */

const TOO_SHORT: u8 = 1; // a lead byte without a continuation
const TOO_LONG: u8 = 2; // a continuation after ASCII
const OVERLONG_3: u8 = 4;
const TOO_LARGE: u8 = 8; // above U+10FFFF
const SURROGATE: u8 = 16;
const OVERLONG_2: u8 = 32;
const TOO_LARGE_1000: u8 = 64;
const OVERLONG_4: u8 = 64;
const TWO_CONTINUATIONS: u8 = 128;
const CARRY: u8 = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS;

/** The sixteen bytes at `at` of which the first `bytes` count; the others read as zero. */
// @ts-ignore: decorator
@inline export function head(at: usize, bytes: usize): v128 {
  const index = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(at), i8x16.lt_u(index, i8x16.splat(<i8>bytes)));
}

// @ts-ignore: decorator
@inline function errors(input: v128, before: v128): v128 {
  const firstHigh = i8x16(
    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
    <i8>TWO_CONTINUATIONS, <i8>TWO_CONTINUATIONS, <i8>TWO_CONTINUATIONS, <i8>TWO_CONTINUATIONS,
    TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
  );
  const firstLow = i8x16(
    <i8>(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4), <i8>(CARRY | OVERLONG_2), <i8>CARRY, <i8>CARRY,
    <i8>(CARRY | TOO_LARGE), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
    <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
    <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
    <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
    <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE),
    <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
  );
  const second8: u8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4;
  const second9: u8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | OVERLONG_3 | TOO_LARGE;
  const secondAB: u8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | SURROGATE | TOO_LARGE;
  const secondHigh = i8x16(
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    <i8>second8, <i8>second9, <i8>secondAB, <i8>secondAB, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
  );
  const one = i8x16.shuffle(before, input, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const two = i8x16.shuffle(before, input, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const three = i8x16.shuffle(before, input, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const special = v128.and(
    v128.and(
      i8x16.swizzle(firstHigh, i8x16.shr_u(one, 4)),
      i8x16.swizzle(firstLow, v128.and(one, i8x16.splat(0x0f))),
    ),
    i8x16.swizzle(secondHigh, i8x16.shr_u(input, 4)),
  );
  // The third byte of three and the third and fourth of four must be continuations: only there are two in a row no error.
  const mustContinue = v128.or(
    i8x16.sub_sat_u(two, i8x16.splat(<i8>(0xe0 - 0x80))),
    i8x16.sub_sat_u(three, i8x16.splat(<i8>(0xf0 - 0x80))),
  );
  return v128.xor(v128.and(mustContinue, i8x16.splat(<i8>0x80)), special);
}

// @ts-ignore: decorator
@inline function surplus(input: v128): i32 {
  // In UTF-16 a character is one unit, two when it took four bytes: bytes, less continuations, plus leads of four.
  const continuations = i8x16.bitmask(i8x16.lt_s(input, i8x16.splat(-64)));
  const fours = i8x16.bitmask(i8x16.ge_u(input, i8x16.splat(<i8>0xf0)));
  return popcnt(continuations) - popcnt(fours);
}

/** UTF-16 code units of the `bytes` bytes at `at`, or -1 when they are not UTF-8. May read 16 bytes more. */
export function units(at: usize, bytes: usize): i32 {
  let before = i8x16.splat(0);
  let wrong = i8x16.splat(0);
  let less: i32 = 0;
  const end = at + bytes;
  while (end - at >= 16) {
    const input = v128.load(at);
    wrong = v128.or(wrong, errors(input, before));
    less += surplus(input);
    before = input;
    at += 16;
  }
  // The rest, possibly nothing, ends in zeros: so a character cut off at the end is found, too.
  const input = head(at, end - at);
  wrong = v128.or(wrong, errors(input, before));
  less += surplus(input);
  return v128.any_true(wrong) ? -1 : <i32>bytes - less;
}
