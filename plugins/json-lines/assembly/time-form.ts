/**
 * Recognises points in time by their form, and tells them in nanoseconds since 1970:
 *
 * - ISO 8601 with a zone: `2024-03-18T06:00:00.013+01:00`, also with a space instead of `T` and before the zone, a comma instead of the dot, `Z`,
 *   `+0100` and `+01`. Seconds may be left out. Beyond nine digits of a fraction the rest is dropped. The 60th second is the first one of the
 *   next minute. Years are 1678 to 2261, the whole ones that have all nanoseconds in 64 bits.
 * - Whole or decimal numbers: of 9 or 10 digits before the dot seconds since 1970, of 12 or 13 milliseconds, of 15 or 16 microseconds, of 18 or 19
 *   nanoseconds. So they are of 1973 to 2262, and a small number is no point in time.
 */
import { daysIn, daysSince1970, twoDigits, zoneSeconds } from '@chipmunk-host/sdk/assembly';

const DASH: u32 = 45;
const NANOSECONDS: i64 = 1000000000;
const LEAST_YEAR: u32 = 1678;
const MOST_YEAR: u32 = 2261;
const LEAST_DIGITS: usize = 9;
const MOST_DIGITS: usize = 19;
/** `2024-03-18T06:00` */
const MINUTE_BYTES: usize = 16;

/** The minute that was read last: many lines are of one. */
const cachedMinute: usize = memory.data(16, 16);

export class TimeForm {
  /** Of the text that was read last: nanoseconds since 1970. */
  nanoseconds: i64 = 0;
  private cachedSeconds: i64 = 0;

  /** Whether the text is a point in time. Up to 16 bytes behind it are read. */
  read(at: usize, length: usize): bool {
    if (length < LEAST_DIGITS) return false;
    return load<u8>(at, 4) == DASH ? this.readDate(at, at + length) : this.readNumber(at, at + length);
  }

  private readDate(at: usize, end: usize): bool {
    if (end - at < MINUTE_BYTES + 1) return false;
    let seconds = this.cachedSeconds;
    if (seconds == 0 || v128.any_true(v128.xor(v128.load(at), v128.load(cachedMinute)))) {
      if (!this.readMinute(at)) return false;
      seconds = this.cachedSeconds;
    }
    at += MINUTE_BYTES;
    let fraction: i64 = 0;
    if (load<u8>(at) == 58) {
      const second = twoDigits(at + 1);
      if (end - at < 3 || second > 60) return false;
      seconds += second;
      at += 3;
      const mark = load<u8>(at);
      if (at < end && (mark == 46 || mark == 44)) {
        at++;
        const digits = at;
        let unit = NANOSECONDS;
        while (at < end && isDigit(at)) {
          unit /= 10;
          fraction += unit * (load<u8>(at) - 48);
          at++;
        }
        if (at == digits) return false;
      }
    }
    if (at < end && load<u8>(at) == 32) at++;
    const offset = zoneSeconds(at, end);
    if (offset == i32.MIN_VALUE) return false;
    this.nanoseconds = (seconds - offset) * NANOSECONDS + fraction;
    return true;
  }

  /** Reads `2024-03-18T06:00` into the cache. */
  private readMinute(at: usize): bool {
    const year = twoDigits(at) * 100 + twoDigits(at + 2);
    const month = twoDigits(at + 5);
    const day = twoDigits(at + 8);
    const hour = twoDigits(at + 11);
    const minute = twoDigits(at + 14);
    const separator = load<u8>(at, 10);
    if (load<u8>(at, 7) != DASH || load<u8>(at, 13) != 58) return false;
    if (separator != 84 && separator != 116 && separator != 32) return false;
    if (year < LEAST_YEAR || year > MOST_YEAR || month - 1 > 11 || hour > 23 || minute > 59) return false;
    if (day - 1 >= daysIn(month, year)) return false;
    const seconds = <i64>daysSince1970(year, month, day) * 86400 + hour * 3600 + minute * 60;
    v128.store(cachedMinute, v128.load(at));
    this.cachedSeconds = seconds;
    return true;
  }

  private readNumber(at: usize, end: usize): bool {
    const start = at;
    let number: u64 = 0;
    while (at < end && isDigit(at)) number = number * 10 + (load<u8>(at++) - 48);
    const digits = at - start;
    if (digits < LEAST_DIGITS || digits > MOST_DIGITS || load<u8>(start) == 48) return false;
    let unit: i64 = digits < 12 ? NANOSECONDS : digits < 15 ? 1000000 : digits < 18 ? 1000 : 1;
    if (number > <u64>(i64.MAX_VALUE / unit - 1)) return false;
    let nanoseconds = <i64>number * unit;
    if (at < end) {
      if (load<u8>(at) != 46 || at + 1 == end) return false;
      for (at++; at < end; at++) {
        if (!isDigit(at)) return false;
        unit /= 10;
        nanoseconds += unit * (load<u8>(at) - 48);
      }
    }
    this.nanoseconds = nanoseconds;
    return true;
  }
}

// @ts-ignore: decorator
@inline
function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 48 < 10;
}
