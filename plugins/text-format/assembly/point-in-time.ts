/**
 * Points in time as logs write them, in nanoseconds since 1970. The README has a table of the forms.
 *
 * Some have no year: it is that of the line before, or the next one when the months begin anew. Some have no zone: it is that of the
 * configuration.
 */
import { daysIn, daysSince1970, twoDigits, zoneSeconds } from '@chipmunk-host/sdk/assembly';

const NANOSECONDS: i64 = 1000000000;
const LEAST_YEAR: u32 = 1678;
const MOST_YEAR: u32 = 2261;
const LEAST_BYTES: usize = 9;
const CACHED_BYTES: usize = 32;
const DASH: u32 = 45;
const COLON: u32 = 58;
const SPACE: u32 = 32;
/** Months that are further apart than that are of two years. */
const HALF_A_YEAR: i32 = 6;
/** Not a year. */
const NO_YEAR: u32 = 0;

/** The text that was read last, and what comes behind it up to 32 bytes: many lines are of one second. */
const cached: usize = memory.data(32, 16);

export class PointInTime {
  /** Of the text that was read last. */
  nanoseconds: i64 = 0;
  /** Whether that text lacked only a year. */
  lacksYear: bool = false;
  /** Seconds that times without a zone are ahead of UTC. */
  zone: i32 = 0;
  /** The year of the first time without one; 0: it is not known. */
  year: u32 = NO_YEAR;
  private lastMonth: i32 = 0;
  private cachedLength: usize = 0;
  private seconds: i64 = 0;
  private fraction: i64 = 0;

  /** Whether the text is a point in time. Up to 16 bytes behind it are read. */
  // @ts-ignore: decorator
  @inline
  read(at: usize, length: usize): bool {
    if (length == this.cachedLength) {
      const first = v128.xor(v128.load(at), v128.load(cached));
      const last = v128.xor(v128.load(at + length - 16), v128.load(cached, 16));
      if (!v128.any_true(v128.or(first, last))) return true;
    }
    return this.readAnew(at, length);
  }

  private readAnew(at: usize, length: usize): bool {
    this.lacksYear = false;
    this.cachedLength = 0;
    if (length < LEAST_BYTES || !this.readForm(at, at + length)) return false;
    if (length >= 16 && length <= CACHED_BYTES) {
      v128.store(cached, v128.load(at));
      v128.store(cached, v128.load(at + length - 16), 16);
      this.cachedLength = length;
    }
    return true;
  }

  private readForm(at: usize, end: usize): bool {
    if (!isDigit(at)) return this.readNamedMonth(at, end);
    const third = load<u8>(at, 2);
    const fifth = load<u8>(at, 4);
    if (third == 47) return this.readAccess(at, end);
    if (third == DASH) return this.readMonthFirst(at, end, 5);
    if (fifth == SPACE) return this.readMonthFirst(at, end, 4);
    if (fifth == DASH || fifth == 47 || fifth == 46) return this.readDate(at, end, fifth);
    if (end - at > 8 && !isDigit(at + 8)) return this.readCompact(at, end);
    return this.readNumber(at, end);
  }

  /** `2024-03-18T06:00:00.013+01:00` */
  private readDate(at: usize, end: usize, separator: u32): bool {
    const between = load<u8>(at, 10);
    if (end - at < 16 || load<u8>(at, 7) != separator || (between != 84 && between != 116 && between != SPACE)) return false;
    return this.put(end, twoDigits(at) * 100 + twoDigits(at + 2), twoDigits(at + 5), twoDigits(at + 8), at + 11);
  }

  /** `20240318 06:00:00.013456` */
  private readCompact(at: usize, end: usize): bool {
    const year = twoDigits(at) * 100 + twoDigits(at + 2);
    return this.put(end, year, twoDigits(at + 4), twoDigits(at + 6), at + 9);
  }

  /** `18/Mar/2024:06:00:00 +0100` */
  private readAccess(at: usize, end: usize): bool {
    if (end - at < 17 || load<u8>(at, 6) != 47 || load<u8>(at, 11) != COLON) return false;
    return this.put(end, twoDigits(at + 7) * 100 + twoDigits(at + 9), monthAt(at + 3), twoDigits(at), at + 12);
  }

  /** `03-18 06:00:00.013`, `0318 06:00:00.013456` */
  private readMonthFirst(at: usize, end: usize, length: usize): bool {
    if (load<u8>(at + length) != SPACE) return false;
    return this.put(end, NO_YEAR, twoDigits(at), twoDigits(at + length - 2), at + length + 1);
  }

  /** `Mar 18 06:00:00`, also with the day of the week in front, and the year behind. */
  private readNamedMonth(at: usize, end: usize): bool {
    if (end - at > 19 && load<u8>(at, 3) == SPACE && !isDigit(at + 4) && load<u8>(at, 4) != SPACE) at += 4;
    if (end - at < 15 || load<u8>(at, 3) != SPACE || load<u8>(at, 6) != SPACE) return false;
    const day = load<u8>(at, 4) == SPACE ? <u32>load<u8>(at, 5) - 48 : twoDigits(at + 4);
    return this.put(end, NO_YEAR, monthAt(at), day, at + 7);
  }

  /** Puts a date and the time of day together that begins at `clock`. */
  private put(end: usize, year: u32, month: u32, day: u32, clock: usize): bool {
    const hour = twoDigits(clock);
    const minute = twoDigits(clock + 3);
    if (end < clock + 5 || load<u8>(clock, 2) != COLON || hour > 23 || minute > 59) return false;
    this.seconds = hour * 3600 + minute * 60;
    this.fraction = 0;
    let next = clock + 5;
    if (next < end && load<u8>(next) == COLON) next = this.readSeconds(next + 1, end);
    if (next == 0) return false;
    if (year == NO_YEAR && end - next >= 5 && load<u8>(next) == SPACE && isDigit(next + 1)) {
      year = twoDigits(next + 1) * 100 + twoDigits(next + 3);
      next += 5;
    }
    let ahead = this.zone;
    if (next < end) {
      if (load<u8>(next) == SPACE) next++;
      ahead = end - next == 3 && (isWord(next, 85, 84, 67) || isWord(next, 71, 77, 84)) ? 0 : zoneSeconds(next, end);
    }
    if (ahead == i32.MIN_VALUE || month - 1 > 11) return false;
    if (year == NO_YEAR) {
      // A year with a 29th of February.
      if (day - 1 >= daysIn(month, 2000)) return false;
      year = this.yearOf(<i32>month);
      if (year == NO_YEAR) {
        this.lacksYear = true;
        return false;
      }
    }
    if (year < LEAST_YEAR || year > MOST_YEAR || day - 1 >= daysIn(month, year)) return false;
    this.nanoseconds = (<i64>daysSince1970(year, month, day) * 86400 + this.seconds - ahead) * NANOSECONDS + this.fraction;
    return true;
  }

  /** Reads the seconds at `at`, and their fraction; returns the place behind them. 0: they are none. */
  private readSeconds(at: usize, end: usize): usize {
    const second = twoDigits(at);
    if (end < at + 2 || second > 60) return 0;
    this.seconds += second;
    at += 2;
    if (at >= end || (load<u8>(at) != 46 && load<u8>(at) != 44)) return at;
    const digits = ++at;
    let unit = NANOSECONDS;
    for (; at < end && isDigit(at); at++) {
      unit /= 10;
      this.fraction += unit * (load<u8>(at) - 48);
    }
    return at == digits ? 0 : at;
  }

  /** The year of a time that has none. */
  private yearOf(month: i32): u32 {
    if (this.year == NO_YEAR) return NO_YEAR;
    const ahead = month - this.lastMonth;
    // A line of last December may come behind the first ones of January.
    if (this.lastMonth != 0 && ahead > HALF_A_YEAR) return this.year - 1;
    if (this.lastMonth != 0 && ahead < -HALF_A_YEAR) this.year++;
    this.lastMonth = month;
    return this.year;
  }

  /** Seconds, milliseconds, microseconds or nanoseconds since 1970. */
  private readNumber(at: usize, end: usize): bool {
    const start = at;
    let number: u64 = 0;
    while (at < end && isDigit(at)) number = number * 10 + (load<u8>(at++) - 48);
    const digits = at - start;
    if (digits < 9 || digits > 19 || digits == 11 || digits == 14 || digits == 17 || load<u8>(start) == 48) return false;
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

/** What a text of the configuration is ahead of UTC, in seconds; `i32.MIN_VALUE`: it is no zone. */
export function zoneOf(text: string): i32 {
  const plain = text.trim().toUpperCase();
  if (plain == '' || plain == 'UTC' || plain == 'GMT') return 0;
  const bytes = String.UTF8.encode(plain);
  const at = changetype<usize>(bytes);
  return zoneSeconds(at, at + bytes.byteLength);
}

// @ts-ignore: decorator
@inline
function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 48 < 10;
}

function isWord(at: usize, first: u32, second: u32, third: u32): bool {
  return load<u8>(at) == first && load<u8>(at, 1) == second && load<u8>(at, 2) == third;
}

/** The month whose English name begins with the three letters at `at`, from 1; 0: there is none. */
function monthAt(at: usize): u32 {
  const letters = (load<u32>(at) & 0xffffff) | 0x202000;
  switch (letters) {
    case name(74, 97, 110):
      return 1;
    case name(70, 101, 98):
      return 2;
    case name(77, 97, 114):
      return 3;
    case name(65, 112, 114):
      return 4;
    case name(77, 97, 121):
      return 5;
    case name(74, 117, 110):
      return 6;
    case name(74, 117, 108):
      return 7;
    case name(65, 117, 103):
      return 8;
    case name(83, 101, 112):
      return 9;
    case name(79, 99, 116):
      return 10;
    case name(78, 111, 118):
      return 11;
    case name(68, 101, 99):
      return 12;
    default:
      return 0;
  }
}

// @ts-ignore: decorator
@inline
function name(first: u32, second: u32, third: u32): u32 {
  return first | (second << 8) | (third << 16);
}
