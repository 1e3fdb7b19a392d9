/**
 * Whole numbers as decimal and hexadecimal digits. Each function writes at `at` and returns where the digits end. The memory must have
 * room for the longest number of the type (`MOST_DIGITS`).
 */

/** Digits of the longest number of 128 bits, with its sign. */
export const MOST_DIGITS: usize = 40;

/** The two characters of each number from 0 to 99. */
// @ts-ignore: decorator
@lazy
const DIGITS: usize = memory.data<u16>([
  0x3030, 0x3130, 0x3230, 0x3330, 0x3430, 0x3530, 0x3630, 0x3730, 0x3830, 0x3930,
  0x3031, 0x3131, 0x3231, 0x3331, 0x3431, 0x3531, 0x3631, 0x3731, 0x3831, 0x3931,
  0x3032, 0x3132, 0x3232, 0x3332, 0x3432, 0x3532, 0x3632, 0x3732, 0x3832, 0x3932,
  0x3033, 0x3133, 0x3233, 0x3333, 0x3433, 0x3533, 0x3633, 0x3733, 0x3833, 0x3933,
  0x3034, 0x3134, 0x3234, 0x3334, 0x3434, 0x3534, 0x3634, 0x3734, 0x3834, 0x3934,
  0x3035, 0x3135, 0x3235, 0x3335, 0x3435, 0x3535, 0x3635, 0x3735, 0x3835, 0x3935,
  0x3036, 0x3136, 0x3236, 0x3336, 0x3436, 0x3536, 0x3636, 0x3736, 0x3836, 0x3936,
  0x3037, 0x3137, 0x3237, 0x3337, 0x3437, 0x3537, 0x3637, 0x3737, 0x3837, 0x3937,
  0x3038, 0x3138, 0x3238, 0x3338, 0x3438, 0x3538, 0x3638, 0x3738, 0x3838, 0x3938,
  0x3039, 0x3139, 0x3239, 0x3339, 0x3439, 0x3539, 0x3639, 0x3739, 0x3839, 0x3939,
]);
/** 0 to 9 and A to F. */
// @ts-ignore: decorator
@lazy
const HEX: usize = memory.data<u8>([48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 65, 66, 67, 68, 69, 70]);

// @ts-ignore: decorator
@inline
function pair(value: u32): u16 {
  return load<u16>(DIGITS + (value << 1));
}

export function writeU32(at: usize, value: u32): usize {
  if (value < 10) {
    store<u8>(at, 48 + value);
    return at + 1;
  }
  if (value < 100) {
    store<u16>(at, pair(value));
    return at + 2;
  }
  const digits = digitsOf(value);
  let end = at + digits;
  while (value >= 100) {
    const rest = value / 100;
    end -= 2;
    store<u16>(end, pair(value - rest * 100));
    value = rest;
  }
  if (value >= 10) store<u16>(at, pair(value));
  else store<u8>(at, 48 + value);
  return at + digits;
}

export function writeI32(at: usize, value: i32): usize {
  if (value >= 0) return writeU32(at, value);
  store<u8>(at, 45);
  return writeU32(at + 1, 0 - <u32>value);
}

export function writeU64(at: usize, value: u64): usize {
  if (value <= u32.MAX_VALUE) return writeU32(at, <u32>value);
  const rest = value / 100000000;
  at = writeU64(at, rest);
  return writePadded(at, <u32>(value - rest * 100000000), 8);
}

export function writeI64(at: usize, value: i64): usize {
  if (value >= 0) return writeU64(at, value);
  store<u8>(at, 45);
  return writeU64(at + 1, 0 - <u64>value);
}

/** A number of 128 bits, in two halves. */
export function writeU128(at: usize, low: u64, high: u64): usize {
  if (high == 0) return writeU64(at, low);
  // Long division by 10^9, a quarter of the number at a time.
  let rest = high / 1000000000;
  let remainder = high - rest * 1000000000;
  let quotient = (remainder << 32) | (low >> 32);
  const upper = quotient / 1000000000;
  remainder = quotient - upper * 1000000000;
  quotient = (remainder << 32) | (low & 0xffffffff);
  const lower = quotient / 1000000000;
  remainder = quotient - lower * 1000000000;
  at = writeU128(at, (upper << 32) | lower, rest);
  return writePadded(at, <u32>remainder, 9);
}

export function writeI128(at: usize, low: u64, high: u64): usize {
  if (<i64>high >= 0) return writeU128(at, low, high);
  store<u8>(at, 45);
  return writeU128(at + 1, 0 - low, ~high + <u64>(low == 0));
}

/** Exactly `digits` digits, with zeros in front. */
export function writePadded(at: usize, value: u32, digits: usize): usize {
  const end = at + digits;
  let to = end;
  while (to - at >= 2) {
    const rest = value / 100;
    to -= 2;
    store<u16>(to, pair(value - rest * 100));
    value = rest;
  }
  if (to > at) store<u8>(at, 48 + (value % 10));
  return end;
}

/** Two hexadecimal digits, upper case. */
// @ts-ignore: decorator
@inline
export function writeHexByte(at: usize, byte: u32): usize {
  store<u8>(at, load<u8>(HEX + (byte >> 4)));
  store<u8>(at, load<u8>(HEX + (byte & 15)), 1);
  return at + 2;
}

function digitsOf(value: u32): usize {
  if (value < 10000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1000000) return value < 100000 ? 5 : 6;
  if (value < 100000000) return value < 10000000 ? 7 : 8;
  return value < 1000000000 ? 9 : 10;
}
