/** Times between which items are selected, as users write them. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';

/** Nanoseconds since 1970-01-01 UTC: the first and the last one that are selected. */
export interface TimeRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** What `since` and `until` may be, for messages. */
export const TIME_FORMS =
  'a date, or a date and time, as 2024-02-20T13:17:26.5+01:00 (UTC where there is no zone), seconds since 1970 as @1708435046.5, or nanoseconds since 1970 as a bigint';

const ISO =
  /^(?<day>\d{4}-\d\d-\d\d)(?:[Tt ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)? ?(?:[Zz]|(?<sign>[+-])(?<zoneHour>\d\d):?(?<zoneMinute>\d\d)?)?)?$/;
const EPOCH = /^@(?<sign>-?)(?<seconds>\d{1,12})(?:\.(?<fraction>\d{1,9}))?$/;

const NANOS_A_SECOND = 1_000_000_000n;
const MINUTES_AN_HOUR = 60;
const SECONDS_A_MINUTE = 60;
/** What a time can be: the least number of 64 bits stands for none. */
const LEAST = -(2n ** 63n) + 1n;
const MOST = 2n ** 63n - 1n;

/** @returns nanoseconds since 1970-01-01 UTC; undefined when the text is no time */
export function parseTime(text: string): bigint | undefined {
  const epoch = EPOCH.exec(text)?.groups;
  if (epoch === undefined) return parseIso(text);
  const time = BigInt(epoch.seconds as string) * NANOS_A_SECOND + nanoseconds(epoch.fraction);
  return epoch.sign === '-' ? -time : time;
}

function parseIso(text: string): bigint | undefined {
  const { day, hour, minute, second, fraction, sign, zoneHour, zoneMinute } = ISO.exec(text)?.groups ?? {};
  if (day === undefined) return undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  // JavaScript takes the 31st of a shorter month for a day of the next one.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined;
  const [hours, minutes, seconds] = [hour, minute, second].map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
  ];
  const zone = Number(zoneHour ?? 0) * MINUTES_AN_HOUR + Number(zoneMinute ?? 0);
  if (hours > 23 || minutes > 59 || seconds > 59 || Number(zoneHour ?? 0) > 23 || Number(zoneMinute ?? 0) > 59)
    return undefined;
  const east = sign === '-' ? -zone : zone;
  const inDay = (hours * MINUTES_AN_HOUR + minutes - east) * SECONDS_A_MINUTE + seconds;
  return BigInt(midnight.getTime() / 1000 + inDay) * NANOS_A_SECOND + nanoseconds(fraction);
}

function nanoseconds(fraction = ''): bigint {
  return BigInt(fraction.padEnd(9, '0'));
}

/**
 * @returns undefined when neither is given
 * @throws HostError `ERR_INVALID_OPTION`
 */
export function timeRange(
  since: string | bigint | undefined,
  until: string | bigint | undefined,
): TimeRange | undefined {
  if (since === undefined && until === undefined) return undefined;
  const first = since === undefined ? LEAST : clamped(timeOf('since', since));
  const last = until === undefined ? MOST : clamped(timeOf('until', until) - 1n);
  if (first > last)
    throw new HostError(
      'ERR_INVALID_OPTION',
      `The option select.until is ${until}; expected a time behind select.since, ${since}.`,
    );
  return { first, last };
}

function timeOf(option: string, value: string | bigint): bigint {
  const time = typeof value === 'bigint' ? value : parseTime(value);
  if (time !== undefined) return time;
  throw new HostError('ERR_INVALID_OPTION', `The option select.${option} is '${value}'; expected ${TIME_FORMS}.`);
}

function clamped(time: bigint): bigint {
  return time < LEAST ? LEAST : time > MOST ? MOST : time;
}
