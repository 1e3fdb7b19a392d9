/** Small checks of values that came out of a file. All but `isObject` give the value with its type, or throw what was expected instead. */

/** Whether it is an object of JSON or a table of TOML. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : fail('an object', value);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : fail('a list', value);
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : fail('a text', value);
}

/** A whole number. */
export function numberIn(value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  return fail(`a whole number from ${least} to ${most}`, value);
}

export function oneOf<Known extends string>(value: unknown, known: readonly Known[]): Known {
  return known.find((candidate) => candidate === value) ?? fail(`one of ${known.join(', ')}`, value);
}

export function fail(expected: string, value: unknown): never {
  const shown = JSON.stringify(value) ?? String(value);
  throw new TypeError(`expected ${expected}, got ${shown.length > 100 ? `${shown.slice(0, 100)}…` : shown}`);
}
