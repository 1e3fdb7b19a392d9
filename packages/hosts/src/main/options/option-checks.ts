/** Options without what is undefined, and checks of those that are numbers. */
import { option, requireOption } from '@chipmunk-host/runtime/options';

/** Without the members that are undefined, so that they do not stand in the way of defaults. */
export function defined<Options extends object>(options: Options | undefined): Partial<Options> {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<Options>;
}

/** @throws HostError `ERR_INVALID_OPTION` naming the option */
export function requireWhole(name: string, value: number, least: number, most?: number): void {
  requireOption(option.whole(least, most), value, name);
}
