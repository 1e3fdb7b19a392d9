/**
 * Floating point numbers as decimal text: the shortest digits that give the same number again, without an exponent and without `.0`
 * (`0.1`, `-0`, `340282350000000000000000000000000000000`), and `inf`, `-inf`, `NaN`.
 *
 * The digits are found as in Raffaello Giulietti's "The Schubfach way to render doubles": the number and the middles to its two
 * neighbours are multiplied by a power of ten, and the shortest whole number between them is taken. The powers are needed to 128 bits;
 * each is worked out when it is first used.
 */
import { writeU64 } from './decimal';

/** Bytes of the longest text. */
export const MOST_FLOAT_BYTES: usize = 352;

const FIRST_POWER: i32 = -292;
const POWERS: i32 = 617;
/** For each power of ten its 128 most significant bits, rounded up: the low half and the high half. 0 where it was not used yet. */
// @ts-ignore: decorator
@lazy
const powers: usize = memory.data(9872);
/** A large number, 32 bits at a time from the lowest: enough for 2^1232. */
const LIMBS: i32 = 40;
// @ts-ignore: decorator
@lazy
const large: usize = memory.data(160);

let digits: u64 = 0;
let exponent: i32 = 0;
let powerLow: u64 = 0;
let powerHigh: u64 = 0;

export function writeF64(at: usize, value: f64): usize {
  const bits = reinterpret<u64>(value);
  const fraction = bits & 0xfffffffffffff;
  const biased = <i32>((bits >> 52) & 0x7ff);
  if (biased == 0x7ff) return writeSpecial(at, fraction != 0, (bits >> 63) != 0);
  if (bits >> 63 != 0) store<u8>(at++, 45);
  if (biased == 0) {
    if (fraction == 0) return writeZero(at);
    shortest(fraction, -1074, false, false);
  } else {
    shortest(fraction | 0x10000000000000, biased - 1075, fraction == 0 && biased > 1, false);
  }
  return writeDigits(at);
}

export function writeF32(at: usize, value: f32): usize {
  const bits = reinterpret<u32>(value);
  const fraction = bits & 0x7fffff;
  const biased = <i32>((bits >> 23) & 0xff);
  if (biased == 0xff) return writeSpecial(at, fraction != 0, (bits >> 31) != 0);
  if (bits >> 31 != 0) store<u8>(at++, 45);
  if (biased == 0) {
    if (fraction == 0) return writeZero(at);
    shortest(fraction, -149, false, true);
  } else {
    shortest(fraction | 0x800000, biased - 150, fraction == 0 && biased > 1, true);
  }
  return writeDigits(at);
}

function writeZero(at: usize): usize {
  store<u8>(at, 48);
  return at + 1;
}

function writeSpecial(at: usize, isNaN: bool, negative: bool): usize {
  if (isNaN) {
    store<u16>(at, 0x614e);
    store<u8>(at, 0x4e, 2);
    return at + 3;
  }
  if (negative) store<u8>(at++, 45);
  store<u16>(at, 0x6e69);
  store<u8>(at, 0x66, 2);
  return at + 3;
}

/** Finds `digits` and `exponent` of c * 2^q. `near`: the neighbour below is only half as far away as the one above. */
function shortest(c: u64, q: i32, near: bool, single: bool): void {
  const odd = c & 1;
  const k = (q * 1262611 - (near ? 524031 : 0)) >> 22;
  const h = <u64>(q + ((-k * 1741647) >> 19) + 1);
  findPower(-k);
  const middle = product((c << 2) << h, single);
  const lower = product(((c << 2) - 2 + <u64>near) << h, single) + odd;
  const upper = product(((c << 2) + 2) << h, single) - odd;

  const s = middle >> 2;
  if (s >= 10) {
    const tenth = s / 10;
    const below = lower <= 40 * tenth;
    const above = 40 * tenth + 40 <= upper;
    if (below != above) {
      digits = tenth + <u64>above;
      exponent = k + 1;
      return;
    }
  }
  const below = lower <= s << 2;
  const above = (s << 2) + 4 <= upper;
  exponent = k;
  if (below != above) {
    digits = s + <u64>above;
    return;
  }
  // As in Rust, what is just between two goes away from zero.
  digits = s + <u64>(middle >= (s << 2) + 2);
}

/** The whole part of the power times `c`; its lowest bit says also whether there is a rest. */
function product(c: u64, single: bool): u64 {
  if (single) {
    const power = powerHigh + <u64>(powerLow != 0);
    const low = power * c;
    const high = multiplyHigh(power, c);
    const result = (high & 0xffffffff);
    return result | <u64>(low >> 32 > 1);
  }
  const carried = multiplyHigh(powerLow, c);
  const low = powerHigh * c;
  const sum = low + carried;
  const high = multiplyHigh(powerHigh, c) + <u64>(sum < low);
  return high | <u64>(sum > 1);
}

/** The high half of the product of two numbers. */
function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const first = aHigh * bLow + (low >> 32);
  const second = aLow * bHigh + (first & 0xffffffff);
  return aHigh * bHigh + (first >> 32) + (second >> 32);
}

/** Writes `digits` times ten to the power of `exponent`. */
function writeDigits(at: usize): usize {
  while (digits % 10 == 0) {
    digits /= 10;
    exponent++;
  }
  const end = writeU64(at, digits);
  if (exponent >= 0) {
    memory.fill(end, 48, exponent);
    return end + exponent;
  }
  const count = <i32>(end - at);
  const whole = count + exponent;
  if (whole > 0) {
    const point = at + whole;
    memory.copy(point + 1, point, end - point);
    store<u8>(point, 46);
    return end + 1;
  }
  const zeros = <usize>(-whole);
  memory.copy(at + 2 + zeros, at, count);
  store<u16>(at, 0x2e30);
  memory.fill(at + 2, 48, zeros);
  return end + 2 + zeros;
}

/** Puts ten to the power of `power` into `powerLow` and `powerHigh`. */
function findPower(power: i32): void {
  const entry = powers + (<usize>(power - FIRST_POWER) << 4);
  if (load<u64>(entry, 8) == 0) {
    if (power >= 0) multiplyFives(power);
    else divideByFives(-power);
    store<u64>(entry, powerLow);
    store<u64>(entry, powerHigh, 8);
  }
  powerLow = load<u64>(entry);
  powerHigh = load<u64>(entry, 8);
}

function multiplyFives(count: i32): void {
  memory.fill(large, 0, LIMBS << 2);
  store<u32>(large, 1);
  for (let i = 0; i < count; i++) {
    let carry: u64 = 0;
    for (let limb = 0; limb < LIMBS; limb++) {
      const at = large + (<usize>limb << 2);
      const value = <u64>load<u32>(at) * 5 + carry;
      store<u32>(at, <u32>value);
      carry = value >> 32;
    }
  }
  takeTop(false);
}

function divideByFives(count: i32): void {
  memory.fill(large, 0, LIMBS << 2);
  store<u32>(large + (<usize>(LIMBS - 1) << 2), 0x80000000);
  for (let i = 0; i < count; i++) {
    let rest: u64 = 0;
    for (let limb = LIMBS - 1; limb >= 0; limb--) {
      const at = large + (<usize>limb << 2);
      const value = (rest << 32) | load<u32>(at);
      store<u32>(at, <u32>(value / 5));
      rest = value % 5;
    }
  }
  takeTop(true);
}

/** Takes the highest 128 bits of the large number, rounded up. */
function takeTop(inexact: bool): void {
  let top = LIMBS - 1;
  while (load<u32>(large + (<usize>top << 2)) == 0) top--;
  const shift = clz<u32>(limbAt(top));
  powerHigh = (<u64>shifted(top, shift) << 32) | shifted(top - 1, shift);
  powerLow = (<u64>shifted(top - 2, shift) << 32) | shifted(top - 3, shift);
  let rest = inexact || shift != 0 && (limbAt(top - 4) << shift) != 0;
  for (let limb = top - (shift == 0 ? 4 : 5); limb >= 0 && !rest; limb--) rest = limbAt(limb) != 0;
  if (!rest) return;
  powerLow++;
  if (powerLow == 0) powerHigh++;
}

function limbAt(limb: i32): u32 {
  return limb < 0 ? 0 : load<u32>(large + (<usize>limb << 2));
}

function shifted(limb: i32, shift: u32): u32 {
  const value = limbAt(limb) << shift;
  return shift == 0 ? value : value | (limbAt(limb - 1) >> (32 - shift));
}
