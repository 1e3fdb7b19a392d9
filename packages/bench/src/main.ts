/** The bench's command line: `npm run bench -- [SUITE…] [--json FILE] [--rounds N] [--compare OLD.json]`, and `report`. */
import { writeFileSync } from 'node:fs';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { compared } from './compare.js';
import { machine } from './machine.js';
import { type BenchReport, readReport, reportPage } from './report.js';
import { measureSuite, type SuiteResult } from './suite.js';
import { deadline } from './suites/deadline.js';
import { decode } from './suites/decode.js';
import { growth } from './suites/growth.js';
import { ingest } from './suites/ingest.js';
import { lift } from './suites/lift.js';
import { parallel } from './suites/parallel.js';
import { peer } from './suites/peer.js';
import { sessions } from './suites/sessions.js';
import { startup } from './suites/startup.js';
import { window } from './suites/window.js';
import { figuresTable } from './table.js';

const SUITES = [lift, ingest, decode, startup, sessions, parallel, growth, window, deadline, peer];

const program = new Command('bench').description(
  'Measures this host against other ways of doing the same work, both sides in one run.',
);
program
  .command('run', { isDefault: true })
  .description('measures, and prints a table')
  .addArgument(new Argument('[suite...]', 'what to measure (default: all)').choices(SUITES.map(({ name }) => name)))
  .option('--json <file>', 'also write the figures to a file')
  .option('--rounds <n>', 'counted rounds; the figures are their medians', wholeNumber, 7)
  .option('--compare <file>', 'a file from an earlier --json: prints what became slower, by ratios to the baselines')
  .addHelpText(
    'after',
    () => `\nSuites:\n${SUITES.map(({ name, description }) => `  ${name}  ${description}`).join('\n')}`,
  )
  .action(measure);
program
  .command('report')
  .description('makes one HTML page with charts of the figures in a file from --json')
  .argument('[file]', 'the figures', 'bench.json')
  .option('--out <file>', 'where the page goes', 'bench.html')
  .action((file: string, { out }: { out: string }) => {
    writeFileSync(out, reportPage(readReport(file)));
    console.log(`Wrote ${out}.`);
  });
await program.parseAsync();

async function measure(
  names: readonly string[],
  { json, rounds, compare }: { json?: string; rounds: number; compare?: string },
): Promise<void> {
  // Before anything is measured: a wrong path must not cost minutes.
  const old = compare === undefined ? undefined : readReport(compare);
  const suites: SuiteResult[] = [];
  for (const suite of SUITES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.error(`Measuring ${suite.name}: ${suite.description} ...`);
    const result = await measureSuite(suite, rounds);
    if (result.skipped !== undefined) console.error(`SKIPPED ${suite.name}: ${result.skipped}`);
    suites.push(result);
  }
  const report: BenchReport = { machine: machine(), suites };
  console.log(figuresTable(suites));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  if (old !== undefined) console.log(compared(old, report));
  if (suites.some(({ cases }) => cases.some(({ verified }) => !verified))) process.exitCode = 1;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1 up');
  return value;
}
