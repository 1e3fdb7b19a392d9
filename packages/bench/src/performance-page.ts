/**
 * docs/performance.md: its prose is written by hand, its figures come from docs/performance.json. A place for figures looks like this:
 *
 *     <!-- bench table lift ingest -->…<!-- /bench -->      a table of these suites, or of all
 *     <!-- bench machine -->…<!-- /bench -->                what was measured on, when, and how often
 *     <!-- bench figure lift lines ratio 24 -->…<!-- /bench -->   one figure on Node 24: `ratio`, `ours`, `baseline`, or the name of
 *                                                           a detail
 */
import { type BenchReport, type BenchRun, runsOf } from './report.js';
import type { CaseResult, Unit } from './suite.js';
import { caseOf, casesOf } from './table.js';

const PLACE = /<!-- bench ([^>]*?) -->([\s\S]*?)<!-- \/bench -->/g;
const OPENING = /<!-- bench /g;
/** Of a figure that is shown, and of one in the JSON: more differ from run to run. */
const SHOWN_DIGITS = 3;
const KEPT_DIGITS = 5;
const MONTHS = 'January, February, March, April, May, June, July, August, September, October, November, December'.split(
  ', ',
);

/**
 * The page with all its places filled in.
 * @throws Error naming the place that is not closed, not known, or has no figure in the report
 */
export function filledPage(page: string, report: BenchReport): string {
  // Rounded first: the committed figures would else be rounded twice.
  const runs = runsOf(JSON.parse(committedReport(report)) as BenchReport);
  let places = 0;
  const filled = page.replaceAll(PLACE, (_, place: string, content: string) => {
    places++;
    if (content.includes('<!-- bench '))
      throw new Error(`The place '<!-- bench ${place} -->' is not closed; expected <!-- /bench -->.`);
    const [kind = '', ...names] = place.split(' ');
    return `<!-- bench ${place} -->${placeContent(runs, place, kind, names)}<!-- /bench -->`;
  });
  if (places !== (page.match(OPENING)?.length ?? 0))
    throw new Error('A place of figures is not closed; expected <!-- /bench --> behind each <!-- bench … -->.');
  return filled;
}

/** @throws Error naming suites of the report that no table of the page shows */
export function requireTables(page: string, report: BenchReport): void {
  const shown = [...page.matchAll(PLACE)].flatMap(([, place = '']) => {
    const [kind, ...names] = place.split(' ');
    if (kind !== 'table') return [];
    return names.length === 0 ? runsOf(report).flatMap(({ suites }) => suites.map(({ name }) => name)) : names;
  });
  const suites = runsOf(report).flatMap((run) => run.suites.map(({ name }) => name));
  const missing = [...new Set(suites)].filter((name) => !shown.includes(name));
  if (missing.length > 0)
    throw new Error(
      `No table of the page shows ${missing.join(', ')}; add <!-- bench table ${missing.join(' ')} --><!-- /bench -->.`,
    );
}

/** As it is committed: a line for each case, and no digits that only differ from run to run. */
export function committedReport(report: BenchReport): string {
  const runs = runsOf(report).map(({ suites, ...run }) => {
    const all = suites.map(
      ({ cases, ...suite }) =>
        `${json(suite).slice(0, -1)},"cases":[${cases.map((one) => `\n${json(one)}`).join(',')}\n]}`,
    );
    return `${json(run).slice(0, -1)},"suites":[\n${all.join(',\n')}\n]}`;
  });
  return `{"runs":[\n${runs.join(',\n')}\n]}\n`;
}

function json(value: object): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'number' ? Number(each.toPrecision(KEPT_DIGITS)) : each,
  );
}

function placeContent(runs: readonly BenchRun[], place: string, kind: string, names: readonly string[]): string {
  switch (kind) {
    case 'machine':
      return `\n\n${machineLine(runs)}\n\n`;
    case 'table':
      return `\n\n${table(runs, names, place)}\n\n`;
    case 'figure':
      return figureOf(runs, names, place);
    default:
      throw new Error(`Unknown place '<!-- bench ${place} -->'; expected machine, table or figure.`);
  }
}

function machineLine(runs: readonly BenchRun[]): string {
  const machines = new Set(
    runs.map(
      ({ machine: { cores, cpu, memoryGiB, platform } }) => `${cores} cores of ${cpu}, ${memoryGiB} GiB, ${platform}`,
    ),
  );
  // Of the first: what comes after it has the bench itself to share with.
  const load = runs[0]?.load;
  const cores = runs[0]?.machine.cores ?? 1;
  const days = new Set(runs.flatMap(({ measuredAt }) => (measuredAt === undefined ? [] : day(measuredAt))));
  const counts = runs.flatMap(({ suites }) =>
    suites.flatMap(({ cases }) => cases.map(({ rounds }) => rounds.ours.length)),
  );
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  return [
    [...machines].join('; '),
    `Node ${runs.map(nodeOf).join(', ')}`,
    ...days,
    ...(load === undefined ? [] : [loadOf(load, cores)]),
    most === 1 ? 'one round' : `medians of ${fewest === most ? most : `${fewest} to ${most}`} rounds`,
  ].join('; ');
}

function loadOf(load: number, cores: number): string {
  const began = `load average ${shown(load)} when it began`;
  return load > cores ? `${began}: other work kept the processors busy, and these figures are examples only` : began;
}

function day(date: string): string {
  const at = new Date(date);
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

function nodeOf({ machine }: BenchRun): string {
  return machine.node.replace(/^v/, '');
}

/** In a cell: the ratio, that of the rounds from the least to the most, ours and the other's figure. */
function table(runs: readonly BenchRun[], names: readonly string[], place: string): string {
  const cases = casesOf(runs).filter(({ suite }) => names.length === 0 || names.includes(suite));
  for (const name of names)
    if (!runs.some(({ suites }) => suites.some((suite) => suite.name === name)))
      throw new Error(`The place '<!-- bench ${place} -->' asks for a suite that was not measured: ${name}.`);
  const rows: string[][] = [['case', 'against', ...runs.map((run) => `Node ${nodeOf(run)}`)]];
  for (const { suite, name } of cases) {
    const results = runs.map((run) => caseOf(run, suite, name));
    const row = (title: string, against: string, cell: (one: CaseResult) => string | undefined) =>
      rows.push([title, against, ...results.map((one) => (one && cell(one)) ?? '')]);
    const some = results.find((one) => one !== undefined) as CaseResult;
    row(`\`${suite}\` ${name}`, some.baseline.name, (one) => cell(one, one.ratio, one.baseline.value, ratios(one)));
    for (const { name: other } of some.others)
      row('', other, (one) => {
        const found = one.others.find((each) => each.name === other);
        return found && cell(one, found.ratio, found.value);
      });
    for (const what of Object.keys(some.details))
      row('', what, ({ details }) => (details[what] === undefined ? undefined : shown(details[what])));
  }
  return [aligned(rows), ...notMeasured(runs, names)].join('\n\n');
}

function cell(one: CaseResult, ratio: number, other: number, rounds: readonly number[] = []): string {
  const range = rounds.length < 2 ? '' : ` (${shown(Math.min(...rounds))} to ${shown(Math.max(...rounds))})`;
  const wrong = one.verified ? '' : '; not the same items';
  return `${ratioText(ratio, one)}${range}; ${shown(one.value)} / ${figure(other, one.unit)}${wrong}`;
}

function ratios({ rounds }: CaseResult): readonly number[] {
  return rounds.ours.map((ours, round) => ours / (rounds.baseline[round] ?? Number.NaN)).filter(Number.isFinite);
}

function notMeasured(runs: readonly BenchRun[], names: readonly string[]): readonly string[] {
  return runs.flatMap((run) =>
    run.suites
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .flatMap(({ name, skipped, skippedCases = [] }) => [
        ...(skipped === undefined ? [] : [{ what: `\`${name}\``, why: skipped }]),
        ...skippedCases.map((one) => ({ what: `\`${name}\` ${one.name}`, why: one.reason })),
      ])
      .map(({ what, why }) => `Not measured on Node ${nodeOf(run)}: ${what}: ${why}.`),
  );
}

function figureOf(runs: readonly BenchRun[], names: readonly string[], place: string): string {
  const [suite = '', name = '', what = '', major = ''] = names;
  const run = runs.find((one) => nodeOf(one).split('.')[0] === major);
  const one = run && caseOf(run, suite, name);
  if (one === undefined) throw new Error(`The place '<!-- bench ${place} -->' has no figure in the report.`);
  if (what === 'ratio') return ratioText(one.ratio, one);
  if (what === 'ours') return figure(one.value, one.unit);
  if (what === 'baseline') return figure(one.baseline.value, one.unit);
  const detail = one.details[what];
  if (detail === undefined)
    throw new Error(
      `The place '<!-- bench ${place} -->' asks for '${what}'; expected ratio, ours, baseline${Object.keys(one.details)
        .map((each) => `, ${each}`)
        .join('')}.`,
    );
  return shown(detail);
}

function ratioText(ratio: number, { better }: CaseResult): string {
  return better === 'lower' ? shown(ratio) : `${shown(ratio)} x`;
}

function figure(value: number, unit: Unit): string {
  return `${shown(value)} ${unit}`;
}

/** Never fewer digits than those before the point. */
function shown(value: number): string {
  const rounded = Math.abs(value) >= 10 ** SHOWN_DIGITS ? Math.round(value) : Number(value.toPrecision(SHOWN_DIGITS));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

function aligned(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows.map((row) => row.map((text) => text.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) => `| ${cells.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
