/** Floats of 32 bits, and the ones among them that JSON has no numbers for. */

/** The largest finite float of 32 bits; anything larger would come to the plugin as infinity. */
export const MAX_FLOAT = 3.4028234663852886e38;

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
