/** What all fuzz targets have in common: rounds, each with the next seed, until the time is over. */

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Told how it goes, every ten seconds. */
  readonly log: (line: string) => void;
  /** Rounds to play at most. Default: no limit. */
  readonly rounds?: number;
}

export interface FuzzResult {
  readonly executed: number;
  readonly summary: string;
}

const PROGRESS_MS = 10_000;

/**
 * @param play one round; resolves with how many cases it tried, rejects with what it found
 * @throws Error of the first finding, with the seed that finds it again in the first round
 */
export async function rounds(
  target: string,
  { seconds, seed, log, rounds = Number.POSITIVE_INFINITY }: FuzzOptions,
  play: (seed: number) => Promise<number>,
): Promise<FuzzResult> {
  const until = performance.now() + seconds * 1000;
  let reported = performance.now();
  let executed = 0;
  for (let round = 0; round < rounds && performance.now() < until; round++) {
    const roundSeed = (seed + round) % 0x8000_0000;
    try {
      executed += await play(roundSeed);
    } catch (cause) {
      throw Object.assign(new Error(`${target} fails with seed ${roundSeed}: ${(cause as Error).message}`, { cause }), {
        seed: roundSeed,
      });
    }
    if (performance.now() - reported > PROGRESS_MS) {
      reported = performance.now();
      log(`${target}: ${executed} cases so far`);
    }
  }
  return { executed, summary: `${executed} cases` };
}
