/** Times as text: ISO 8601 in UTC. */
import { eight, ZEROS } from './digits';

const NANOS_A_SECOND: i64 = 1_000_000_000;
const SECONDS_A_DAY: i64 = 86_400;
const EIGHT_DIGITS: u32 = 100_000_000;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_BEFORE_1970: i64 = 719_468;
/** In 400 years the calendar repeats. */
const DAYS_IN_400_YEARS: u32 = 146_097;

/** Writes `2024-02-20T13:17:26.713537000Z` for any number of nanoseconds since 1970, whose year has four digits. @returns where it ends */
export function timeText(value: i64, at: usize): usize {
  let seconds = value / NANOS_A_SECOND;
  let nanos = value - seconds * NANOS_A_SECOND;
  if (nanos < 0) {
    seconds--;
    nanos += NANOS_A_SECOND;
  }
  let days = seconds / SECONDS_A_DAY;
  let time = <i32>(seconds - days * SECONDS_A_DAY);
  if (time < 0) {
    days--;
    time += <i32>SECONDS_A_DAY;
  }
  // Years that begin in March have the leap day at their end.
  const shifted = <u32>(days + DAYS_BEFORE_1970);
  const era = shifted / DAYS_IN_400_YEARS;
  const day = shifted - era * DAYS_IN_400_YEARS;
  const year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
  const dayOfYear = day - (365 * year + year / 4 - year / 100);
  const march = (5 * dayOfYear + 2) / 153;
  const month = march < 10 ? march + 3 : march - 9;
  const calendarYear = era * 400 + year + <u32>(month <= 2);

  two(calendarYear / 100, at);
  two(calendarYear % 100, at + 2);
  separated(0x2d, month, at + 4);
  separated(0x2d, dayOfYear - (153 * march + 2) / 5 + 1, at + 7);
  separated(0x54, time / 3600, at + 10);
  separated(0x3a, (time / 60) % 60, at + 13);
  separated(0x3a, time % 60, at + 16);
  const high = <u32>nanos / EIGHT_DIGITS;
  store<u8>(at, 0x2e, 19);
  store<u8>(at, 0x30 + high, 20);
  store<u64>(at, eight(<u32>nanos - high * EIGHT_DIGITS) + ZEROS, 21);
  store<u8>(at, 0x5a, 29);
  return at + 30;
}

function separated(separator: u8, value: u32, at: usize): void {
  store<u8>(at, separator);
  two(value, at + 1);
}

function two(value: u32, at: usize): void {
  const tens = value / 10;
  store<u16>(at, <u16>(0x3030 | tens | ((value - tens * 10) << 8)));
}
