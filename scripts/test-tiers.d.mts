export const TIERS: readonly ['unit', 'threads', 'slow'];

/** Paths of files below `test/`, without `.test.ts`. */
export interface Tiers {
  /** Neither threads nor other processes: an attempt to start one fails. */
  readonly unit?: readonly string[];
  /** Real workers, and processes that are done in seconds. */
  readonly threads?: readonly string[];
  /** What takes long: many processes or runs, builds of plugins, much memory. */
  readonly slow?: readonly string[];
}

export interface TierOptions {
  readonly testTimeout?: number;
  readonly hookTimeout?: number;
  /** Not for the tier `unit`, which is to be quick. */
  readonly globalSetup?: string[];
  /** The tier `unit` has its own instead. */
  readonly setupFiles?: string[];
}

/**
 * @param directory the package's
 * @returns what goes under `test` in the package's vitest.config.ts: one project for each tier
 * @throws {Error} when a file of tests is in no tier or in two, or one that is listed is not there
 */
export function testTiers(
  directory: string,
  tiers: Tiers,
  options?: TierOptions,
): { passWithNoTests: true; projects: { test: TierOptions & { name: string; root: string; include: string[] } }[] };
