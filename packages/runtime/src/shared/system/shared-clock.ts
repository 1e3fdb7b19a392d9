/** Milliseconds since 1970 by a clock that all threads share; with fractions of microseconds. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
