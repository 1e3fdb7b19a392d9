/**
 * What a suite is, and how a case is measured: both sides in turn, several times in one run, so that a machine whose speed
 * drifts slows both. The figures are medians; what counts is their ratio.
 */
import { Bench } from 'tinybench';

/** One of the two ways of doing the same work. It returns a digest of what it produced, to be held against the other's. */
export interface Side {
  readonly name: string;
  run(): Promise<string> | string;
}

export interface Case {
  readonly name: string;
  /** Bytes of input that one run of either side works through. */
  readonly bytes: number;
  readonly ours: Side;
  readonly baseline: Side;
}

export interface Suite {
  readonly name: string;
  readonly description: string;
  /** Prepares the cases; `close` is called when they have been measured. */
  open(): Promise<{ readonly cases: readonly Case[]; close(): Promise<void> }>;
}

/** As it stands in the JSON report, whose shape stays. */
export interface CaseResult {
  readonly name: string;
  readonly value: number;
  readonly unit: 'MB/s';
  readonly baseline: { readonly name: string; readonly value: number };
  /** Ours over the baseline. */
  readonly ratio: number;
  /** Whether both sides produced the same items in every round. */
  readonly verified: boolean;
}

export interface SuiteResult {
  readonly name: string;
  readonly cases: readonly CaseResult[];
}

export async function measureSuite(suite: Suite, rounds: number): Promise<SuiteResult> {
  const { cases, close } = await suite.open();
  try {
    const results: CaseResult[] = [];
    for (const one of cases) results.push(await measureCase(one, rounds));
    return { name: suite.name, cases: results };
  } finally {
    await close();
  }
}

async function measureCase({ name, bytes, ours, baseline }: Case, rounds: number): Promise<CaseResult> {
  const durations = { ours: [] as number[], baseline: [] as number[] };
  const digests = new Set<string>();
  // The first round warms both sides up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const bench = new Bench({ time: 0, iterations: 1, warmup: false, throws: true });
    bench.add('ours', async () => void digests.add(await ours.run()));
    bench.add('baseline', async () => void digests.add(await baseline.run()));
    await bench.run();
    if (round === 0) continue;
    for (const side of ['ours', 'baseline'] as const) durations[side].push(milliseconds(bench, side));
  }
  const value = megabytesPerSecond(bytes, median(durations.ours));
  const baselineValue = megabytesPerSecond(bytes, median(durations.baseline));
  return {
    name,
    value,
    unit: 'MB/s',
    baseline: { name: baseline.name, value: baselineValue },
    ratio: value / baselineValue,
    verified: digests.size === 1,
  };
}

function milliseconds(bench: Bench, side: string): number {
  const result = bench.getTask(side)?.result;
  if (result === undefined || !('latency' in result)) throw new Error(`the side '${side}' was not measured`);
  return result.latency.mean;
}

function megabytesPerSecond(bytes: number, durationMs: number): number {
  return bytes / 1000 / durationMs;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
