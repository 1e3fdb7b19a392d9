/**
 * What changed between two runs, by the ratios to the baselines of each run: those stand still when the machine is slower.
 * What is called slower differs by more than the rounds of the two runs did among themselves.
 */
import { type BenchReport, type BenchRun, runsOf } from './report.js';
import type { CaseResult } from './suite.js';

/** Changes smaller than this are never reported. */
const LEAST_CHANGE = 0.05;

/**
 * One run each is compared whatever Node it was on. Otherwise each Node's run is compared with that of the same major version.
 */
export function compared(old: BenchReport, now: BenchReport): string {
  const [before, after] = [runsOf(old), runsOf(now)];
  const [onlyBefore, onlyAfter] = [before[0], after[0]];
  if (before.length === 1 && after.length === 1 && onlyBefore !== undefined && onlyAfter !== undefined)
    return comparedRuns(onlyBefore, onlyAfter);
  return after
    .map((run) => {
      const { node } = run.machine;
      const other = before.find(({ machine }) => major(machine.node) === major(node));
      if (other === undefined) return `Node ${node}: the older file has no run of this major version.`;
      return `Node ${other.machine.node} -> ${node}\n${comparedRuns(other, run)}`;
    })
    .join('\n');
}

function major(node: string): string | undefined {
  return /^v?(\d+)/.exec(node)?.[1];
}

function comparedRuns(old: BenchRun, now: BenchRun): string {
  const lines: string[] = [];
  for (const { name, cases } of now.suites) {
    for (const one of cases) {
      const before = old.suites.find((suite) => suite.name === name)?.cases.find((other) => other.name === one.name);
      if (before === undefined) continue;
      const change = one.ratio / before.ratio - 1;
      const worse = one.better === 'higher' ? -change : change;
      const noise = Math.max(LEAST_CHANGE, spread(one), spread(before));
      const verdict = worse > noise ? 'SLOWER' : -worse > noise ? 'faster' : 'same';
      const percent = `${change >= 0 ? '+' : ''}${(change * 100).toFixed(1)} %`;
      lines.push(
        `${verdict.padEnd(6)}  ${name} ${one.name}: ratio ${before.ratio.toFixed(2)} -> ${one.ratio.toFixed(2)} (${percent}; noise ${(noise * 100).toFixed(0)} %)`,
      );
    }
  }
  return lines.length === 0 ? 'The two runs have no case in common.' : lines.join('\n');
}

/** Half the distance between the quartiles of the ratios of the rounds, over their median: how far a ratio is to be trusted. */
function spread({ rounds, ratio }: CaseResult): number {
  const ratios = rounds.ours
    .map((ours, round) => ours / (rounds.baseline[round] ?? Number.NaN))
    .filter((value) => Number.isFinite(value))
    .sort((a, b) => a - b);
  if (ratios.length < 2) return LEAST_CHANGE;
  const at = (share: number) => ratios[Math.round((ratios.length - 1) * share)] as number;
  return (at(0.75) - at(0.25)) / 2 / ratio;
}
