/**
 * The bench's command line: `npm run bench -- [SUITE…] [--node 20,24] [--json FILE] [--rounds N] [--compare OLD.json]`, `report`, and
 * `page`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { compared } from './compare.js';
import { reportPage } from './html-page.js';
import { machine } from './machine.js';
import { type NodeBinary, nodeBinary, nodeVersions } from './node-binary.js';
import { runOnNodes } from './node-runs.js';
import { committedReport, filledPage, requireTables } from './performance-page.js';
import { type BenchReport, readReport, runsOf } from './report.js';
import { measureSuite, type Suite, type SuiteResult } from './suite.js';
import { deadline } from './suites/deadline.js';
import { decode } from './suites/decode.js';
import { formats } from './suites/formats.js';
import { growth } from './suites/growth.js';
import { ingest } from './suites/ingest.js';
import { latency } from './suites/latency.js';
import { lift } from './suites/lift.js';
import { limits } from './suites/limits.js';
import { observe } from './suites/observe.js';
import { output } from './suites/output.js';
import { parallel } from './suites/parallel.js';
import { peer } from './suites/peer.js';
import { profile } from './suites/profile.js';
import { select } from './suites/select.js';
import { sessions } from './suites/sessions.js';
import { sources } from './suites/sources.js';
import { spool } from './suites/spool.js';
import { startup } from './suites/startup.js';
import { window } from './suites/window.js';
import { figuresTable, nodesTable } from './table.js';

const SUITES = [
  lift,
  ingest,
  output,
  select,
  limits,
  decode,
  startup,
  sessions,
  parallel,
  growth,
  window,
  deadline,
  peer,
  profile,
  formats,
  observe,
  spool,
  sources,
  latency,
];

const program = new Command('bench').description(
  'Measures this host against other ways of doing the same work, both sides in one run.',
);
program
  .command('run', { isDefault: true })
  .description('measures, and prints a table')
  .addArgument(new Argument('[suite...]', 'what to measure (default: all)').choices(SUITES.map(({ name }) => name)))
  .option('--json <file>', 'also write the figures to a file')
  .option('--rounds <n>', 'counted rounds; the figures are their medians', wholeNumber, 7)
  .option(
    '--node <versions>',
    'measure on each of these, such as 20,24,26.12.1; installs what is missing from npm (linux x64) into ~/.cache',
    versions,
  )
  .option('--full', 'measure `spool` with 2 GiB of text, in place of 64 MiB')
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
program
  .command('page')
  .description('fills figures into performance.md, and keeps them in performance.json beside it')
  .argument('[file]', 'what --json wrote (default: the performance.json that is there)')
  .option('--docs <directory>', 'where the two are', 'docs')
  .action((file: string | undefined, { docs }: { docs: string }) => {
    const [page, figures] = [join(docs, 'performance.md'), join(docs, 'performance.json')];
    const report = readReport(file ?? figures);
    const text = readFileSync(page, 'utf8');
    requireTables(text, report);
    // First the page: a figure that it asks for may be missing.
    writeFileSync(page, filledPage(text, report));
    writeFileSync(figures, committedReport(report));
    console.log(`Filled ${page} with the figures of ${figures}.`);
  });
await program.parseAsync();

interface RunOptions {
  readonly json?: string;
  readonly rounds: number;
  readonly compare?: string;
  readonly node?: readonly string[];
  readonly full?: boolean;
}

async function measure(
  names: readonly string[],
  { json, rounds, compare, node, full = false }: RunOptions,
): Promise<void> {
  // Before anything is measured: a wrong path must not cost minutes, nor a Node that cannot be had.
  const old = compare === undefined ? undefined : readReport(compare);
  const nodes: NodeBinary[] = [];
  for (const version of node ?? [])
    nodes.push(await nodeBinary(version).catch((error: Error) => program.error(`error: ${error.message}`)));
  const suites = SUITES.filter(({ name }) => names.length === 0 || names.includes(name));
  const report =
    node === undefined ? await measureHere(suites, rounds, full) : await measureOn(nodes, suites, rounds, full);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  if (old !== undefined) console.log(compared(old, report));
  const results = runsOf(report).flatMap((run) => run.suites);
  if (results.some(({ cases }) => cases.some(({ verified }) => !verified))) process.exitCode = 1;
}

async function measureHere(suites: readonly Suite[], rounds: number, full: boolean): Promise<BenchReport> {
  const [measuredAt, load = 0] = [new Date().toISOString(), loadavg()[0]];
  const results: SuiteResult[] = [];
  for (const suite of suites) {
    console.error(`Measuring ${suite.name}: ${suite.description} ...`);
    const result = await measureSuite(suite, rounds, full);
    if (result.skipped !== undefined) console.error(`SKIPPED ${suite.name}: ${result.skipped}`);
    for (const { name, reason } of result.skippedCases ?? []) console.error(`SKIPPED ${suite.name} ${name}: ${reason}`);
    results.push(result);
  }
  console.log(figuresTable(results));
  return { measuredAt, load, machine: machine(), suites: results };
}

async function measureOn(
  nodes: readonly NodeBinary[],
  suites: readonly Suite[],
  rounds: number,
  full: boolean,
): Promise<BenchReport> {
  const names = suites.map(({ name }) => name);
  const { runs, failures } = await runOnNodes(fileURLToPath(import.meta.url), nodes, names, rounds, full);
  console.log(nodesTable(runs));
  for (const failure of failures) console.error(failure);
  if (failures.length > 0) process.exitCode = 1;
  return { runs };
}

function versions(text: string): readonly string[] {
  try {
    return nodeVersions(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1 up');
  return value;
}
