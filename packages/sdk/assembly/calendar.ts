/** Parts of points in time, read from text, and days. */

const DASH: u32 = 45;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_BEFORE_1970: i32 = 719468;

/** A number of two digits; more than 99 where they are none. */
// @ts-ignore: decorator
@inline
export function twoDigits(at: usize): u32 {
  const tens = <u32>load<u8>(at) - 48;
  const ones = <u32>load<u8>(at, 1) - 48;
  return tens < 10 && ones < 10 ? tens * 10 + ones : 100000;
}

/** What a zone (`Z`, `+01`, `+0100`, `+01:00`) is ahead of UTC, in seconds; `i32.MIN_VALUE`: it is no zone. */
export function zoneSeconds(at: usize, end: usize): i32 {
  const sign = load<u8>(at);
  const length = end - at;
  if (length == 1 && (sign == 90 || sign == 122)) return 0;
  if (length < 3 || (sign != 43 && sign != DASH)) return i32.MIN_VALUE;
  const hours = twoDigits(at + 1);
  let minutes: u32 = 0;
  if (length == 6 && load<u8>(at, 3) == 58) minutes = twoDigits(at + 4);
  else if (length == 5) minutes = twoDigits(at + 3);
  else if (length != 3) return i32.MIN_VALUE;
  if (hours > 23 || minutes > 59) return i32.MIN_VALUE;
  const seconds = <i32>(hours * 3600 + minutes * 60);
  return sign == DASH ? -seconds : seconds;
}

/** Days of a month, from 1. */
export function daysIn(month: u32, year: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Days from 1970-01-01 to a day of a year from 1 on; months and days count from 1. */
export function daysSince1970(year: u32, month: u32, day: u32): i32 {
  // Years that begin in March have the leap day at their end.
  const march = month > 2 ? month - 3 : month + 9;
  const shifted = month > 2 ? year : year - 1;
  const days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * march + 2) / 5 + day - 1;
  return <i32>days - DAYS_BEFORE_1970;
}
