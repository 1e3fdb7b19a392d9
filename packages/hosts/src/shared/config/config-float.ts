/** Floats of 32 bits, and the ones among them that JSON has no numbers for. */

/** The largest finite float of 32 bits; the plugin would get anything larger as infinity. */
export const MAX_FLOAT = 3.4028234663852886e38;

/** Digits that tell all floats of 32 bits apart. */
const MOST_DIGITS = 9;

/** The shortest decimal that is read as the same float of 32 bits: 1.55 and not 1.5499999523162842, which is what 64 bits hold of it. */
export function shortestFloat(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  for (let digits = 1; digits < MOST_DIGITS; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(MOST_DIGITS));
}

/** How JSON says what it has no number for: the names that JavaScript has for them. */
export const NON_FINITE_TEXTS = ['NaN', 'Infinity', '-Infinity'] as const;

/** The float that a value stands for; undefined when it is none. */
export function floatOf(given: unknown): number | undefined {
  if (typeof given === 'number') return Number.isFinite(given) && Math.abs(given) > MAX_FLOAT ? undefined : given;
  return (NON_FINITE_TEXTS as readonly unknown[]).includes(given) ? Number(given) : undefined;
}

/** A float as JSON takes it. */
export function floatToJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
