/** The page that is made of the figures: one HTML file with charts, nothing loaded from elsewhere. */
import { type BenchReport, type BenchRun, runsOf } from './report.js';
import type { CaseResult, SuiteResult } from './suite.js';

const BAR_WIDTH = 520;
const BAR_HEIGHT = 18;
const ROW_HEIGHT = 26;

export function reportPage(report: BenchReport): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Benchmarks</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; background: #fff; }
  h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccd3dc; }
  h3 { margin-bottom: .2rem; }
  .facts, .details { color: #5a6675; font-size: 13px; }
  .wrong { color: #b3261e; font-weight: bold; }
  text { font: 13px system-ui, sans-serif; fill: #1c2430; }
  .ours { fill: #2463b5; } .baseline { fill: #9aa7b8; } .other { fill: #c9d1db; } .round { stroke: #0008; }
</style>
<h1>Benchmarks</h1>
<p>Each case runs all sides in turn, several rounds in one run. Bars are medians, small strokes the single rounds.
What counts is the ratio of ours to the baseline: figures of other machines and days are not comparable, ratios are.</p>
${runsOf(report).map(runSection).join('\n')}
</html>
`;
}

function runSection({ suites, machine, ...when }: BenchRun): string {
  const facts = Object.entries({ ...machine, ...when });
  return `<p class="facts">${escapeHtml(facts.map(([name, value]) => `${name}: ${value}`).join(' · '))}</p>
${suites.map((suite) => suiteSection(suite, machine.node)).join('\n')}`;
}

function suiteSection({ name, cases, skipped, skippedCases = [] }: SuiteResult, node: string): string {
  const content =
    skipped === undefined ? cases.map(caseSection).join('\n') : `<p>Not measured: ${escapeHtml(skipped)}</p>`;
  const missing = skippedCases.map(
    (one) => `<p>${escapeHtml(one.name)} was not measured: ${escapeHtml(one.reason)}</p>`,
  );
  return [`<h2>${escapeHtml(name)}, Node ${escapeHtml(node)}</h2>`, content, ...missing].join('\n');
}

function caseSection(one: CaseResult): string {
  const bars = [
    { name: 'ours', kind: 'ours', value: one.value, rounds: one.rounds.ours },
    { name: one.baseline.name, kind: 'baseline', value: one.baseline.value, rounds: one.rounds.baseline },
    ...one.others.map(({ name, value }) => ({ name, kind: 'other', value, rounds: [] as readonly number[] })),
  ];
  const largest = Math.max(...bars.flatMap(({ value, rounds }) => [value, ...rounds]));
  const scale = (value: number) => (value / largest) * BAR_WIDTH;
  const rows = bars.map(({ name, kind, value, rounds }, i) => {
    const y = i * ROW_HEIGHT;
    const strokes = rounds
      .map(
        (round) =>
          `<line class="round" x1="${scale(round).toFixed(1)}" x2="${scale(round).toFixed(1)}" y1="${y + 4}" y2="${y + BAR_HEIGHT - 4}"/>`,
      )
      .join('');
    const label = `${value.toPrecision(4)} ${one.unit}  ${name}`;
    return `<rect class="${kind}" y="${y}" width="${scale(value).toFixed(1)}" height="${BAR_HEIGHT}"/>${strokes}<text x="${BAR_WIDTH + 12}" y="${y + 14}">${escapeHtml(label)}</text>`;
  });
  const details = Object.entries(one.details).map(([what, value]) => `${what}: ${value.toPrecision(4)}`);
  return `<h3>${escapeHtml(one.name)}: ${one.ratio.toFixed(2)} x${one.better === 'lower' ? ' (less is better)' : ''}</h3>
<svg width="${BAR_WIDTH + 420}" height="${bars.length * ROW_HEIGHT}" role="img">${rows.join('')}</svg>
${details.length === 0 ? '' : `<p class="details">${escapeHtml(details.join(' · '))}</p>`}${one.verified ? '' : '<p class="wrong">The two sides did not produce the same items.</p>'}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
