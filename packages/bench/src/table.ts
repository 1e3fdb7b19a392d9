/** The figures as a table for a terminal. */
import Table from 'cli-table3';
import type { SuiteResult, Unit } from './suite.js';

export function figuresTable(suites: readonly SuiteResult[]): string {
  const table = new Table({
    head: ['suite', 'case', 'ours', 'baseline', '', 'ratio', 'same items'],
    style: { head: [], border: [] },
  });
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

function figure(value: number, unit: Unit): string {
  return `${unit === 'MB/s' ? Math.round(value) : value.toFixed(2)} ${unit}`;
}
