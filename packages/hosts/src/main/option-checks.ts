/** Checks of options that are numbers. */

/** Without the members that are undefined, so that they do not stand in the way of defaults. */
export function defined<Options extends object>(options: Options | undefined): Partial<Options> {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<Options>;
}

/** @throws RangeError naming the option */
export function requireWhole(name: string, value: number, least: number, most = 0x7fff_ffff): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, got ${value}`);
}
