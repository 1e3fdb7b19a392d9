import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { committedReport, filledPage, requireTables } from '#performance-page.js';
import { type BenchReport, type BenchRun, readReport } from '#report.js';
import type { CaseResult } from '#suite.js';

const machine = { node: 'v24.1.0', v8: '', platform: 'Linux 6 x64', cpu: 'a processor', cores: 2, memoryGiB: 8 };
const lines: CaseResult = {
  name: 'lines',
  value: 2053.123456,
  unit: 'MB/s',
  better: 'higher',
  baseline: { name: 'jco', value: 89 },
  ratio: 23.0687,
  others: [{ name: 'another | way', value: 1000, ratio: 2.053 }],
  details: { memoryMb: 12.44 },
  rounds: { ours: [2053, 2000], baseline: [89, 100] },
  verified: true,
};
const time: CaseResult = { ...lines, name: 'time', unit: 'ms', better: 'lower', value: 5.41, others: [], details: {} };
const run: BenchRun = {
  machine,
  measuredAt: '2026-11-28T09:00:00.000Z',
  load: 0.25,
  suites: [
    { name: 'lift', cases: [lines, time], skippedCases: [{ name: 'rg', reason: 'it is not there' }] },
    { name: 'peer', cases: [], skipped: 'no Rust' },
  ],
};
const report: BenchReport = { runs: [run, { ...run, machine: { ...machine, node: 'v26.2.0' }, suites: [] }] };
const place = (what: string, content = '') => `<!-- bench ${what} -->${content}<!-- /bench -->`;

describe('the page of the figures', () => {
  test('that is committed is what its figures make of it', async () => {
    const docs = new URL('../../../docs/', import.meta.url);
    const page = await readFile(new URL('performance.md', docs), 'utf8');
    const figures = new URL('performance.json', docs);
    const committed = readReport(fileURLToPath(figures));
    expect(filledPage(page, committed)).toBe(page);
    expect(() => requireTables(page, committed)).not.toThrow();
    expect(committedReport(committed)).toBe(await readFile(figures, 'utf8'));
  });

  test('has a table of the suites that a place asks for, with each Node beside the other', () => {
    const rows = filledPage(place('table lift', 'old'), report)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(
      rows.map((row) =>
        row
          .split(/(?<!\\)\|/)
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    ).toEqual([
      ['case', 'against', 'Node 24.1.0', 'Node 26.2.0'],
      [expect.stringMatching(/^-+$/), expect.anything(), expect.anything(), expect.anything()],
      ['`lift` lines', 'jco', '23.1 x (20 to 23.1); 2,053 / 89 MB/s', ''],
      ['', 'another \\| way', '2.05 x; 2,053 / 1,000 MB/s', ''],
      ['', 'memoryMb', '12.4', ''],
      ['`lift` time', 'jco', '23.1 (20 to 23.1); 5.41 / 89 ms', ''],
    ]);
    expect(new Set(rows.map(({ length }) => length)).size).toBe(1);
  });

  test('shows every suite that was measured', () => {
    expect(() => requireTables(place('table lift peer'), report)).not.toThrow();
    expect(() => requireTables(place('table'), report)).not.toThrow();
    expect(() => requireTables(place('table lift'), report)).toThrow(
      'No table of the page shows peer; add <!-- bench table peer --><!-- /bench -->.',
    );
  });

  test('names what was not measured', () => {
    const page = filledPage(place('table'), report);
    expect(page).toContain('Not measured on Node 24.1.0: `lift` rg: it is not there.');
    expect(page).toContain('Not measured on Node 24.1.0: `peer`: no Rust.');
  });

  test('says what was measured on, when, and how often', () => {
    expect(filledPage(place('machine'), report)).toContain(
      '\n2 cores of a processor, 8 GiB, Linux 6 x64; Node 24.1.0, 26.2.0; 28 November 2026; load average 0.25 when it began; medians of 2 rounds\n',
    );
  });

  test('says that figures of a busy machine, or of one round, are not to be relied on', () => {
    const rounds = { ours: [1], baseline: [1] };
    const busy = { ...run, load: 24.46, suites: [{ name: 'lift', cases: [{ ...lines, rounds }] }] };
    expect(filledPage(place('machine'), busy)).toContain(
      'load average 24.5 when it began: other work kept the processors busy, and these figures are examples only; one round\n',
    );
  });

  test.each([
    ['ratio', '23.1 x'],
    ['ours', '2,053 MB/s'],
    ['baseline', '89 MB/s'],
    ['memoryMb', '12.4'],
  ])('has single figures in its sentences: %s', (what, figure) => {
    const sentence = (content: string) => `It is ${place(`figure lift lines ${what} 24`, content)} here.`;
    expect(filledPage(sentence('old'), report)).toBe(sentence(figure));
  });

  test('does not change when it is filled in again, nor with the figures as they are committed', () => {
    // With three digits 183, but with five and then three 184.
    const close = { ...run, suites: [{ name: 'lift', cases: [{ ...lines, value: 183.496 }] }] };
    const page = filledPage(`# Page\n${place('machine')}\ntext\n${place('table')}\n`, close);
    expect(filledPage(page, close)).toBe(page);
    expect(filledPage(page, JSON.parse(committedReport(close)))).toBe(page);
  });

  test.each([
    ['table unknown', 'a suite that was not measured: unknown'],
    ['figure lift lines ratio 20', 'has no figure in the report'],
    ['figure lift none ratio 24', 'has no figure in the report'],
    ['figure lift lines colour 24', "asks for 'colour'; expected ratio, ours, baseline, memoryMb."],
    ['picture', "Unknown place '<!-- bench picture -->'"],
  ])('cannot be made with the place %s', (what, message) => {
    expect(() => filledPage(place(what), report)).toThrow(message);
  });

  test.each([['<!-- bench machine -->'], [`<!-- bench machine --> text ${place('table')}`]])(
    'cannot be made where a place is not closed: %s',
    (page) => {
      expect(() => filledPage(page, report)).toThrow('is not closed');
    },
  );
});
