/** The time of day in milliseconds, with parts of them: the same in all processes of the machine. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
