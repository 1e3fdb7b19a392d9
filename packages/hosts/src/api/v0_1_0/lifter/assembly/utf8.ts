/**
 * UTF-8 of one string in the host's memory, checked sixteen bytes at a time: the lookup algorithm of John Keiser and Daniel Lemire,
 * "Validating UTF-8 In Less Than One Instruction Per Byte" (2020). Three tables, indexed by the two halves of a byte and by the upper
 * half of the next one, give the set of errors that the three could be part of; a bit that stands in all three is an error.
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

const SECOND_8: u8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4;
const SECOND_9: u8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | OVERLONG_3 | TOO_LARGE;
const SECOND_A: u8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | SURROGATE | TOO_LARGE;

// Constants, but for module `lift`, which exports them: see there.
export let firstHigh: v128 = i8x16(
  TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
  <i8>TWO_CONTINUATIONS, <i8>TWO_CONTINUATIONS, <i8>TWO_CONTINUATIONS, <i8>TWO_CONTINUATIONS,
  TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
  TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
);
export let firstLow: v128 = i8x16(
  <i8>(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4), <i8>(CARRY | OVERLONG_2), <i8>CARRY, <i8>CARRY,
  <i8>(CARRY | TOO_LARGE), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
  <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
  <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
  <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
  <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE),
  <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000), <i8>(CARRY | TOO_LARGE | TOO_LARGE_1000),
);
export let secondHigh: v128 = i8x16(
  TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
  <i8>SECOND_8, <i8>SECOND_9, <i8>SECOND_A, <i8>SECOND_A, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
);
export let lowHalves: v128 = i64x2(0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f);
export let highestBits: v128 = i64x2(0x8080808080808080, 0x8080808080808080);
/** What is taken from the byte two before, and three before, so that the highest bit stays only of leads of three, and of four. */
export let leadOf3: v128 = i64x2(0x6060606060606060, 0x6060606060606060);
export let leadOf4: v128 = i64x2(0x7070707070707070, 0x7070707070707070);
/** The largest bytes that may end a vector with nothing to come. */
export let lastBytes: v128 = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, <i8>0xef, <i8>0xdf, <i8>0xbf);
export let leads: v128 = i64x2(0xc0c0c0c0c0c0c0c0, 0xc0c0c0c0c0c0c0c0);
export let leadsOf4: v128 = i64x2(0xf0f0f0f0f0f0f0f0, 0xf0f0f0f0f0f0f0f0);

/** The sixteen bytes at `at` of which the first `bytes` count; the others read as zero. */
// @ts-ignore: decorator
@inline function head(at: usize, bytes: usize): v128 {
  const index = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(at), i8x16.lt_u(index, i8x16.splat(<i8>bytes)));
}

// @ts-ignore: decorator
@inline function upperHalves(bytes: v128): v128 {
  return v128.and(i16x8.shr_u(bytes, 4), lowHalves);
}

// @ts-ignore: decorator
@inline function errors(input: v128, before: v128): v128 {
  const one = i8x16.shuffle(before, input, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const two = i8x16.shuffle(before, input, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const three = i8x16.shuffle(before, input, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const special = v128.and(
    v128.and(i8x16.swizzle(firstHigh, upperHalves(one)), i8x16.swizzle(firstLow, v128.and(one, lowHalves))),
    i8x16.swizzle(secondHigh, upperHalves(input)),
  );
  // The third byte of three and the third and fourth of four must be continuations: only there are two in a row no error.
  const mustContinue = v128.or(i8x16.sub_sat_u(two, leadOf3), i8x16.sub_sat_u(three, leadOf4));
  return v128.xor(v128.and(mustContinue, highestBits), special);
}

// @ts-ignore: decorator
@inline function surplus(input: v128): i32 {
  // In UTF-16 a character is one unit, two when it took four bytes: bytes, less continuations, plus leads of four.
  const continuations = i8x16.bitmask(i8x16.lt_s(input, leads));
  const fours = i8x16.bitmask(i8x16.ge_u(input, leadsOf4));
  return popcnt(continuations) - popcnt(fours);
}

/** UTF-16 code units of the `bytes` bytes at `at`, or -1 when they are not UTF-8. May read 16 bytes more. */
export function units(at: usize, bytes: usize): i32 {
  let before = i64x2(0, 0);
  let wrong = i64x2(0, 0);
  let less: i32 = 0;
  const end = at + bytes;
  while (end - at >= 16) {
    const input = v128.load(at);
    if (i8x16.bitmask(input) == 0) {
      // No character may still be open.
      wrong = v128.or(wrong, i8x16.sub_sat_u(before, lastBytes));
    } else {
      wrong = v128.or(wrong, errors(input, before));
      less += surplus(input);
    }
    before = input;
    at += 16;
  }
  // The rest, possibly nothing, ends in zeros: so a character cut off at the end is found, too.
  const input = head(at, end - at);
  wrong = v128.or(wrong, errors(input, before));
  less += surplus(input);
  return v128.any_true(wrong) ? -1 : <i32>bytes - less;
}
