/**
 * Tells whether bytes are valid UTF-8, 16 at a time, by the method of Keiser and Lemire ("Validating UTF-8 in less than one instruction
 * per byte", 2021).
 *
 * Each byte is looked at together with the one before it. Three tables say which faults are possible: one by the upper half of the first
 * byte, one by its lower half, one by the upper half of the second byte. A fault that all three name is there. What a pair cannot
 * show is whether the third and the fourth byte of a sequence are missing: that is compared with the bytes two and three before.
 */

/** A byte that begins a sequence, and one after it that does not continue it. */
const TOO_SHORT: u8 = 1;
/** ASCII, and a byte after it that continues a sequence. */
const TOO_LONG: u8 = 2;
/** E0 80 to E0 9F. */
const OVERLONG_3: u8 = 4;
/** F4 90 and beyond. */
const TOO_LARGE: u8 = 8;
/** ED A0 to ED BF. */
const SURROGATE: u8 = 16;
/** C0 and C1. */
const OVERLONG_2: u8 = 32;
/** F0 80 to F0 8F, and F5 80 and beyond. */
const OVERLONG_4: u8 = 64;
/** Two bytes that continue a sequence, which is right where the sequence has three or four bytes. */
const TWO_CONTINUE: u8 = 128;

const ANY_LOWER: u8 = TOO_SHORT | TOO_LONG | TWO_CONTINUE;
const FROM_F5: u8 = ANY_LOWER | TOO_LARGE | OVERLONG_4;
const CONTINUES: u8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUE;

// prettier-ignore
const firstUpper = memory.data<u8>([
  TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
  TWO_CONTINUE, TWO_CONTINUE, TWO_CONTINUE, TWO_CONTINUE,
  TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | OVERLONG_4,
]);
// prettier-ignore
const firstLower = memory.data<u8>([
  ANY_LOWER | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, ANY_LOWER | OVERLONG_2, ANY_LOWER, ANY_LOWER,
  ANY_LOWER | TOO_LARGE, FROM_F5, FROM_F5, FROM_F5,
  FROM_F5, FROM_F5, FROM_F5, FROM_F5,
  FROM_F5, FROM_F5 | SURROGATE, FROM_F5, FROM_F5,
]);
// prettier-ignore
const secondUpper = memory.data<u8>([
  TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
  CONTINUES | OVERLONG_3 | OVERLONG_4, CONTINUES | OVERLONG_3 | TOO_LARGE,
  CONTINUES | SURROGATE | TOO_LARGE, CONTINUES | SURROGATE | TOO_LARGE,
  TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
]);
/** Four bytes that are loaded and not written as constants, which engines would make anew for each vector. */
const bytes = memory.data<u8>([0x0f, 0xe0 - 0x80, 0xf0 - 0x80, 0x80]);
/** The last bytes of a text, behind which zeros show that a sequence is not complete. */
const last = memory.data(16, 16);

const STEP: usize = 64;

/** Whether all bytes from `at` up to `end` are valid UTF-8: neither overlong forms, nor surrogates, nor beyond U+10FFFF. */
export function isUtf8(at: usize, end: usize): bool {
  const upper1 = v128.load(firstUpper);
  const lower1 = v128.load(firstLower);
  const upper2 = v128.load(secondUpper);
  const half = v128.load8_splat(bytes);
  const three = v128.load8_splat(bytes, 1);
  const four = v128.load8_splat(bytes, 2);
  const top = v128.load8_splat(bytes, 3);
  let before = i64x2.splat(0);
  let faults = i64x2.splat(0);
  for (; at + STEP <= end; at += STEP) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    if (i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d))) == 0 && i8x16.bitmask(before) == 0) {
      before = d;
      continue;
    }
    faults = v128.or(faults, faultsOf(before, a, upper1, lower1, upper2, half, three, four, top));
    faults = v128.or(faults, faultsOf(a, b, upper1, lower1, upper2, half, three, four, top));
    faults = v128.or(faults, faultsOf(b, c, upper1, lower1, upper2, half, three, four, top));
    faults = v128.or(faults, faultsOf(c, d, upper1, lower1, upper2, half, three, four, top));
    before = d;
  }
  for (; at + 16 <= end; at += 16) {
    const a = v128.load(at);
    faults = v128.or(faults, faultsOf(before, a, upper1, lower1, upper2, half, three, four, top));
    before = a;
  }
  v128.store(last, i64x2.splat(0));
  for (let i: usize = 0; at < end; i++, at++) store<u8>(last + i, load<u8>(at));
  faults = v128.or(faults, faultsOf(before, v128.load(last), upper1, lower1, upper2, half, three, four, top));
  return !v128.any_true(faults);
}

/** For each byte of `now` what is wrong with it and those before it; zero: nothing. */
// @ts-ignore: decorator
@inline
function faultsOf(
  before: v128,
  now: v128,
  upper1: v128,
  lower1: v128,
  upper2: v128,
  half: v128,
  three: v128,
  four: v128,
  top: v128,
): v128 {
  const back1 = i8x16.shuffle(before, now, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const back2 = i8x16.shuffle(before, now, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const back3 = i8x16.shuffle(before, now, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const byUpper1 = i8x16.swizzle(upper1, v128.and(i16x8.shr_u(back1, 4), half));
  const byLower1 = i8x16.swizzle(lower1, v128.and(back1, half));
  const byUpper2 = i8x16.swizzle(upper2, v128.and(i16x8.shr_u(now, 4), half));
  // The highest bit is set where the byte is the third or the fourth of a sequence.
  const continues = v128.and(v128.or(i8x16.sub_sat_u(back2, three), i8x16.sub_sat_u(back3, four)), top);
  return v128.xor(continues, v128.and(v128.and(byUpper1, byLower1), byUpper2));
}
