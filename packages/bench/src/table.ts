/** The figures as a table for a terminal: of one Node, or of several beside each other. */
import Table from 'cli-table3';
import type { BenchRun } from './report.js';
import type { CaseResult, SuiteResult, Unit } from './suite.js';

const PLAIN = { head: [], border: [] };

export function figuresTable(suites: readonly SuiteResult[]): string {
  const table = new Table({ head: ['suite', 'case', 'ours', 'baseline', '', 'ratio', 'same items'], style: PLAIN });
  for (const { name, cases } of suites) {
    for (const one of cases) {
      table.push([
        name,
        one.name,
        figure(one.value, one.unit),
        figure(one.baseline.value, one.unit),
        one.baseline.name,
        `${one.ratio.toFixed(2)} x${one.better === 'lower' ? ' (less is better)' : ''}`,
        one.verified ? 'yes' : 'NO',
      ]);
      for (const { name: other, value, ratio } of one.others)
        table.push(['', '', '', figure(value, one.unit), other, `${ratio.toFixed(2)} x`, '']);
      for (const [what, value] of Object.entries(one.details)) table.push(['', '', value.toFixed(2), '', what, '', '']);
    }
  }
  return table.toString();
}

/** A cell says ours, the baseline, and their ratio; `-` where a Node has no figure. */
export function nodesTable(runs: readonly BenchRun[]): string {
  const table = new Table({
    head: ['suite', 'case', 'ours / baseline', ...runs.map(({ machine }) => machine.node)],
    style: PLAIN,
  });
  for (const { suite, name } of casesOf(runs)) {
    const results = runs.map((run) => caseOf(run, suite, name));
    const cells = (cell: (one: CaseResult) => string | undefined) =>
      results.map((one) => (one === undefined ? undefined : cell(one)) ?? '-');
    const some = results.find((one) => one !== undefined) as CaseResult;
    table.push([
      suite,
      some.better === 'lower' ? `${name} (less is better)` : name,
      some.baseline.name,
      ...cells((one) => pairCell(one.value, one.baseline.value, one.ratio, one.unit, one.verified)),
    ]);
    for (const { name: other } of some.others)
      table.push([
        '',
        '',
        other,
        ...cells((one) => {
          const found = one.others.find((each) => each.name === other);
          return found && pairCell(one.value, found.value, found.ratio, one.unit, one.verified);
        }),
      ]);
    for (const what of Object.keys(some.details))
      table.push(['', '', what, ...cells((one) => one.details[what]?.toFixed(2))]);
  }
  return table.toString();
}

/** Each case that any of the runs has, in order. */
export function casesOf(runs: readonly BenchRun[]): readonly { readonly suite: string; readonly name: string }[] {
  const suites = [...new Set(runs.flatMap((run) => run.suites.map(({ name }) => name)))];
  return suites.flatMap((suite) => {
    const names = runs.flatMap((run) => run.suites.filter(({ name }) => name === suite).flatMap(({ cases }) => cases));
    return [...new Set(names.map(({ name }) => name))].map((name) => ({ suite, name }));
  });
}

export function caseOf(run: BenchRun, suite: string, name: string): CaseResult | undefined {
  return run.suites.find((one) => one.name === suite)?.cases.find((one) => one.name === name);
}

function pairCell(ours: number, other: number, ratio: number, unit: Unit, verified: boolean): string {
  const digits = (value: number) => (unit === 'MB/s' ? String(Math.round(value)) : value.toFixed(2));
  return `${digits(ours)} / ${digits(other)} ${unit}  ${ratio.toFixed(2)} x${verified ? '' : '  NOT THE SAME ITEMS'}`;
}

function figure(value: number, unit: Unit): string {
  return `${unit === 'MB/s' ? Math.round(value) : value.toFixed(2)} ${unit}`;
}
