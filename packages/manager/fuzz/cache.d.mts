export interface FuzzOptions {
  /** For how long at most. */
  readonly seconds: number;
  readonly seed: number;
  /** How many mutants of each kind at most. Default: no limit. */
  readonly mutants?: number;
  /** Told of progress. */
  readonly log: (line: string) => void;
}

/** @throws Error for the first finding, with `seed`. */
export function fuzz(options: FuzzOptions): Promise<{ readonly executed: number; readonly summary: string }>;
