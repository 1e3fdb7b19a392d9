/** Whole numbers in decimal digits, eight digits at a time and without a table. */

const EIGHT_DIGITS: u64 = 100_000_000;
export const ZEROS: u64 = 0x3030303030303030;

/** The digits of a number below 10^8, the first one in the lowest byte, each from 0 to 9. */
// @ts-ignore: decorator
@inline export function eight(value: u32): u64 {
  const high = (<u64>value * 109_951_163) >> 40;
  const low = <u64>value - high * 10_000;
  const fours = high | (low << 32);
  const hundreds = ((fours * 10_486) >> 20) & 0x0000007f0000007f;
  const twos = hundreds | ((fours - hundreds * 100) << 16);
  const tens = ((twos * 103) >> 10) & 0x000f000f000f000f;
  return tens | ((twos - tens * 10) << 8);
}

/** Writes it without leading zeros, and up to 8 bytes more. @returns where it ends */
export function digits(value: u64, at: usize): usize {
  if (value >= EIGHT_DIGITS) {
    const high = value / EIGHT_DIGITS;
    at = digits(high, at);
    store<u64>(at, eight(<u32>(value - high * EIGHT_DIGITS)) + ZEROS);
    return at + 8;
  }
  const all = eight(<u32>value);
  // The last digit stays, also of 0.
  const leading = min<u64>(ctz(all) >> 3, 7);
  store<u64>(at, (all + ZEROS) >> (leading << 3));
  return at + 8 - <usize>leading;
}
