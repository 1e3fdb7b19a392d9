/**
 * What a suite is, and how a case is measured: both sides in turn, several times in one run, so that a machine whose speed
 * drifts slows both. The figures are medians; what counts is their ratio.
 */
import { Bench } from 'tinybench';
import { median } from './median.js';

/** What one run of a side came to. */
export interface Outcome {
  /** Of what it produced, to be compared with that of the other side. */
  readonly digest: string;
  /** The side's figure, in the case's unit, where it is not made of the time that the run took. */
  readonly value?: number;
  /** More about the run, in units that the names say: their medians stand beside the figure. */
  readonly details?: Readonly<Record<string, number>>;
}

/** One way of doing the work. */
export interface Side {
  readonly name: string;
  /** Before and after each run; not measured. */
  before?(): Promise<void>;
  run(): Promise<Outcome | string> | Outcome | string;
  after?(): Promise<void>;
}

export type Unit = 'MB/s' | 'ms' | 'ns/byte' | 'ns/item' | 'ns/call' | 'MB';

export interface Case {
  readonly name: string;
  readonly unit: Unit;
  /** The figure of a run, from the time that it took. Left out when each run gives its own. */
  figure?(durationMs: number): number;
  readonly ours: Side;
  readonly baseline: Side;
  /** Further ways of doing the same work, for comparison. */
  readonly others?: readonly Side[];
  /** Whether the sides do different amounts of work, so that their digests cannot be equal: each side's must still be in every round. */
  readonly differ?: boolean;
  /** Counted rounds, where all that the command line says would take too long. */
  readonly maxRounds?: number;
}

export interface Suite {
  readonly name: string;
  readonly description: string;
  /**
   * Prepares the cases; `close` is called when they have been measured. A suite that cannot run here says why instead.
   * @param full whether to measure with all that is promised, which takes minutes and gigabytes, where a suite usually measures with less
   */
  open(full?: boolean): Promise<OpenedSuite | { readonly skipped: string }>;
}

export interface OpenedSuite {
  readonly cases: readonly Case[];
  /** Cases that cannot be measured here. */
  readonly skippedCases?: readonly SkippedCase[];
  close(): Promise<void>;
}

export interface SkippedCase {
  readonly name: string;
  readonly reason: string;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
}

/** As it stands in the JSON report, whose shape stays. */
export interface CaseResult {
  readonly name: string;
  /** Median over the rounds. */
  readonly value: number;
  readonly unit: Unit;
  /** Whether a larger figure is the better one. */
  readonly better: 'higher' | 'lower';
  readonly baseline: Figure;
  /** `value` over the baseline's. */
  readonly ratio: number;
  /** Other ways of doing the same; each ratio is ours over theirs. */
  readonly others: readonly (Figure & { readonly ratio: number })[];
  /** Medians of what else our side was asked about. */
  readonly details: Readonly<Record<string, number>>;
  readonly rounds: { readonly ours: readonly number[]; readonly baseline: readonly number[] };
  /** Whether all sides produced the same items in every round. */
  readonly verified: boolean;
}

export interface SuiteResult {
  readonly name: string;
  readonly cases: readonly CaseResult[];
  /** Why nothing was measured. */
  readonly skipped?: string;
  /** Only where there are any. */
  readonly skippedCases?: readonly SkippedCase[];
}

/** Throughput of sides that all work through `bytes` bytes. */
export function throughput(bytes: number): Required<Pick<Case, 'unit' | 'figure'>> {
  return { unit: 'MB/s', figure: (durationMs) => bytes / 1000 / durationMs };
}

/** The time itself. */
export const duration: Required<Pick<Case, 'unit' | 'figure'>> = { unit: 'ms', figure: (durationMs) => durationMs };

export async function measureSuite(suite: Suite, rounds: number, full = false): Promise<SuiteResult> {
  const opened = await suite.open(full);
  if ('skipped' in opened) return { name: suite.name, cases: [], skipped: opened.skipped };
  try {
    const results: CaseResult[] = [];
    for (const one of opened.cases) results.push(await measureCase(one, Math.min(rounds, one.maxRounds ?? rounds)));
    const { skippedCases = [] } = opened;
    return { name: suite.name, cases: results, ...(skippedCases.length === 0 ? {} : { skippedCases }) };
  } finally {
    await opened.close();
  }
}

async function measureCase(one: Case, rounds: number): Promise<CaseResult> {
  const sides = [one.ours, one.baseline, ...(one.others ?? [])].map((side) => new MeasuredSide(one, side));
  const [ours, baseline, ...others] = sides as [MeasuredSide, MeasuredSide, ...MeasuredSide[]];
  // The others come afterwards: some leave a heap behind that the next side would pay for.
  // The first round warms all sides up and is not counted.
  for (const turn of [[ours, baseline], others])
    for (let round = 0; round <= rounds; round++) for (const side of turn) await side.measure(round > 0);
  const value = median(ours.figures);
  return {
    name: one.name,
    value,
    unit: one.unit,
    better: one.unit === 'MB/s' ? 'higher' : 'lower',
    baseline: { name: one.baseline.name, value: median(baseline.figures) },
    ratio: value / median(baseline.figures),
    others: others.map(({ side, figures }) => ({
      name: side.name,
      value: median(figures),
      ratio: value / median(figures),
    })),
    details: ours.details(),
    rounds: { ours: ours.figures, baseline: baseline.figures },
    verified: one.differ
      ? sides.every(({ digests }) => digests.size === 1)
      : new Set(sides.flatMap(({ digests }) => [...digests])).size === 1,
  };
}

class MeasuredSide {
  readonly side: Side;
  readonly figures: number[] = [];
  readonly digests = new Set<string>();
  readonly #case: Case;
  readonly #details = new Map<string, number[]>();

  constructor(one: Case, side: Side) {
    this.#case = one;
    this.side = side;
  }

  async measure(counted: boolean): Promise<void> {
    const { side } = this;
    const bench = new Bench({ time: 0, iterations: 1, warmup: false, throws: true });
    let outcome: Outcome | string | undefined;
    await side.before?.();
    try {
      bench.add(side.name, async () => {
        outcome = await side.run();
      });
      await bench.run();
    } finally {
      await side.after?.();
    }
    if (outcome === undefined) throw new Error(`the side '${side.name}' was not run`);
    const { digest, value, details = {} } = typeof outcome === 'string' ? { digest: outcome } : outcome;
    this.digests.add(digest);
    if (!counted) return;
    const figure = value ?? this.#case.figure?.(milliseconds(bench, side.name));
    if (figure === undefined) throw new Error(`the side '${side.name}' came to no figure`);
    this.figures.push(figure);
    for (const [name, detail] of Object.entries(details))
      this.#details.set(name, [...(this.#details.get(name) ?? []), detail]);
  }

  details(): Record<string, number> {
    return Object.fromEntries([...this.#details].map(([name, values]) => [name, median(values)]));
  }
}

function milliseconds(bench: Bench, side: string): number {
  const result = bench.getTask(side)?.result;
  if (result === undefined || !('latency' in result)) throw new Error(`the side '${side}' was not measured`);
  return result.latency.mean;
}
