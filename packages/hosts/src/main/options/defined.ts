import type { Given } from '../../shared/given.js';

/** Without the members that are undefined, so that they do not hide defaults. */
export function defined<Options extends object>(options: Given<Options> | undefined): Partial<Options> {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<Options>;
}
