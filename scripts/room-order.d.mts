import type { PackageRules } from './import-rules.mjs';

/** By name of a folder in `packages`. */
export const ROOMS: Readonly<Record<string, PackageRules>>;

/** Keys of faults that are known. */
export const NOT_YET: ReadonlySet<string>;
