/** Points in time as text: RFC 3339 in UTC. */
import { writePadded, writeU64 } from './decimal';

/** Bytes of the longest text; years beyond 9999 have more digits. */
export const MOST_TIME_BYTES: usize = 48;

const SECONDS_A_DAY: u64 = 86400;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_BEFORE_1970: u64 = 719468;
/** In 400 years the calendar repeats. */
const DAYS_IN_400_YEARS: u64 = 146097;

/** Writes `2024-02-20T13:17:26` for seconds since 1970; returns where it ends. */
export function writeDateTime(at: usize, seconds: u64): usize {
  const days = seconds / SECONDS_A_DAY;
  const time = <u32>(seconds - days * SECONDS_A_DAY);
  // Years that begin in March have the leap day at their end.
  const shifted = days + DAYS_BEFORE_1970;
  const era = shifted / DAYS_IN_400_YEARS;
  const day = <u32>(shifted - era * DAYS_IN_400_YEARS);
  const year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  const dayOfYear = day - (365 * year + year / 4 - year / 100);
  const march = (5 * dayOfYear + 2) / 153;
  const month = march < 10 ? march + 3 : march - 9;
  const calendarYear = era * 400 + year + <u64>(month <= 2);

  at = calendarYear < 10000 ? writePadded(at, <u32>calendarYear, 4) : writeU64(at, calendarYear);
  store<u8>(at, 45);
  at = writePadded(at + 1, month, 2);
  store<u8>(at, 45);
  at = writePadded(at + 1, dayOfYear - (153 * march + 2) / 5 + 1, 2);
  store<u8>(at, 84);
  at = writePadded(at + 1, time / 3600, 2);
  store<u8>(at, 58);
  at = writePadded(at + 1, (time / 60) % 60, 2);
  store<u8>(at, 58);
  return writePadded(at + 1, time % 60, 2);
}

/** Writes `.713537000Z`; returns where it ends. */
// @ts-ignore: decorator
@inline
export function writeNanoseconds(at: usize, nanoseconds: u32): usize {
  store<u8>(at, 46);
  at = writePadded(at + 1, nanoseconds, 9);
  store<u8>(at, 90);
  return at + 1;
}
