/** What the bench writes to a file: the figures of one Node, or with `--node` those of each. */
import { readFileSync } from 'node:fs';
import type { machine } from './machine.js';
import type { SuiteResult } from './suite.js';

/** The figures of one Node. */
export interface BenchRun {
  readonly machine: ReturnType<typeof machine>;
  /** When it began, as an ISO date and time in UTC. Older files do not say. */
  readonly measuredAt?: string;
  /** How many threads wanted a processor when it began, in the mean of a minute: beyond 1, others were at work. */
  readonly load?: number;
  readonly suites: readonly SuiteResult[];
}

/** Without `--node` one run, with it one for each Node, in the order in which they were named. */
export type BenchReport = BenchRun | { readonly runs: readonly BenchRun[] };

export function runsOf(report: BenchReport): readonly BenchRun[] {
  return 'runs' in report ? report.runs : [report];
}

/** @throws Error naming the file when it is not there or not a report */
export function readReport(path: string): BenchReport {
  let report: unknown;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`Cannot read '${path}'; expected a file that --json has written. ${(cause as Error).message}`);
  }
  const runs = isObject(report) && 'runs' in report ? report.runs : [report];
  if (!Array.isArray(runs) || runs.length === 0 || !runs.every(isRun))
    throw new Error(`'${path}' is not a report; expected a file that --json has written.`);
  return report as BenchReport;
}

function isRun(value: unknown): value is BenchRun {
  return isObject(value) && Array.isArray(value.suites) && isObject(value.machine);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
