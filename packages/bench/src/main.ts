/** The bench's command line: `npm run bench -- [SUITE…] [--json FILE] [--rounds N]`. */
import { writeFileSync } from 'node:fs';
import Table from 'cli-table3';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { machine } from './machine.js';
import { measureSuite, type SuiteResult } from './suite.js';
import { ingest } from './suites/ingest.js';
import { lift } from './suites/lift.js';

const SUITES = [lift, ingest];

const program = new Command('bench')
  .description('Measures this host against other ways of doing the same work, both sides in one run.')
  .addArgument(new Argument('[suite...]', 'what to measure (default: all)').choices(SUITES.map(({ name }) => name)))
  .option('--json <file>', 'also write the figures to a file')
  .option('--rounds <n>', 'counted rounds; the figures are their medians', wholeNumber, 7)
  .addHelpText(
    'after',
    () => `\nSuites:\n${SUITES.map(({ name, description }) => `  ${name}  ${description}`).join('\n')}`,
  )
  .parse();
const { json, rounds } = program.opts<{ json?: string; rounds: number }>();
const [names = []] = program.processedArgs as [string[] | undefined];

const results: SuiteResult[] = [];
for (const suite of SUITES.filter(({ name }) => names.length === 0 || names.includes(name))) {
  console.error(`Measuring ${suite.name}: ${suite.description} ...`);
  results.push(await measureSuite(suite, rounds));
}

const table = new Table({ head: ['suite', 'case', 'ours', 'baseline', '', 'ratio', 'same items'] });
for (const { name, cases } of results) {
  for (const one of cases) {
    const ours = `${Math.round(one.value)} ${one.unit}`;
    const baseline = `${Math.round(one.baseline.value)} ${one.unit}`;
    table.push([
      name,
      one.name,
      ours,
      baseline,
      one.baseline.name,
      `${one.ratio.toFixed(2)} x`,
      one.verified ? 'yes' : 'NO',
    ]);
  }
}
console.log(table.toString());
if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine: machine(), suites: results }, null, 2)}\n`);
if (results.some(({ cases }) => cases.some(({ verified }) => !verified))) process.exitCode = 1;

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1 up');
  return value;
}
