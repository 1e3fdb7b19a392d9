/** Times of items as text. */

const NANOS_A_MILLISECOND = 1_000_000n;

/**
 * The time as ISO 8601 (RFC 3339) in UTC, with all nine digits of nanoseconds: `2024-02-20T13:17:26.713537000Z`.
 * @param time nanoseconds since 1970-01-01 UTC that 64 bits with a sign can hold: from the years 1677 to 2262
 */
export function timeText(time: bigint): string {
  const below = ((time % NANOS_A_MILLISECOND) + NANOS_A_MILLISECOND) % NANOS_A_MILLISECOND;
  const milliseconds = new Date(Number((time - below) / NANOS_A_MILLISECOND)).toISOString();
  return `${milliseconds.slice(0, -1)}${String(below).padStart(6, '0')}Z`;
}
