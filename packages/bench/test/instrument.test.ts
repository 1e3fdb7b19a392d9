import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compared } from '#compare.js';
import { reportPage } from '#html-page.js';
import { type BenchRun, readReport } from '#report.js';
import { type Case, type CaseResult, measureSuite, type Side, type SuiteResult } from '#suite.js';

/** A side whose runs come to these figures, the first of which warms up. */
function side(name: string, values: readonly number[], digest: (run: number) => string = () => 'items'): Side {
  let run = 0;
  return {
    name,
    run: () => ({ digest: digest(run), value: values[run++] ?? Number.NaN, details: { run } }),
  };
}

async function measured(cases: readonly Case[], rounds: number): Promise<SuiteResult> {
  let closed = 0;
  const open = async () => ({ cases, close: async () => void closed++ });
  const result = await measureSuite({ name: 'suite', description: '', open }, rounds);
  expect(closed).toBe(1);
  return result;
}

describe('a case', () => {
  test('has the medians of its counted rounds and their ratio', async () => {
    const { cases } = await measured(
      [
        {
          name: 'case',
          unit: 'MB/s',
          ours: side('ours', [1, 60, 10, 20]),
          baseline: side('baseline', [1, 5, 4, 300]),
          others: [side('other', [1, 2, 2, 2])],
        },
      ],
      3,
    );
    expect(cases[0]).toMatchObject({
      value: 20,
      baseline: { name: 'baseline', value: 5 },
      ratio: 4,
      better: 'higher',
      others: [{ name: 'other', value: 2, ratio: 10 }],
      details: { run: 3 },
      rounds: { ours: [60, 10, 20], baseline: [5, 4, 300] },
      verified: true,
    });
  });

  test.each<[string, Partial<Case>]>([
    ['one round of one side', { ours: side('ours', [1, 1, 1], (run) => (run === 1 ? 'fewer items' : 'items')) }],
    ['another way than the pair', { others: [side('other', [1, 1, 1], () => 'others')] }],
    [
      'a side that does another amount of work',
      { differ: true, baseline: side('b', [1, 1, 1], (run) => `items ${run}`) },
    ],
  ])('whose items differ in %s is not verified', async (_, change) => {
    const sides = { ours: side('ours', [1, 1, 1]), baseline: side('baseline', [1, 1, 1]) };
    const { cases } = await measured([{ name: 'case', unit: 'ms', ...sides, ...change }], 2);
    expect(cases[0]?.verified).toBe(false);
  });

  test('that fails ends the suite with its error, and all is closed', async () => {
    const failing: Side = { name: 'ours', run: () => Promise.reject(new Error('it broke')) };
    const cases: Case[] = [{ name: 'case', unit: 'ms', ours: failing, baseline: side('baseline', [1]) }];
    let closed = false;
    const open = async () => ({
      cases,
      close: async () => {
        closed = true;
      },
    });
    await expect(measureSuite({ name: 'suite', description: '', open }, 1)).rejects.toThrow('it broke');
    expect(closed).toBe(true);
  });

  test('that cannot be measured here is named, with the reason', async () => {
    const skippedCases = [{ name: 'rg', reason: 'it is not there' }];
    const open = async () => ({ cases: [], skippedCases, close: async () => {} });
    expect(await measureSuite({ name: 'suite', description: '', open }, 1)).toEqual({
      name: 'suite',
      cases: [],
      skippedCases,
    });
  });

  test('of a suite that cannot run here is left out, with the reason', async () => {
    const open = async () => ({ skipped: 'there is no room' });
    expect(await measureSuite({ name: 'suite', description: '', open }, 1)).toEqual({
      name: 'suite',
      cases: [],
      skipped: 'there is no room',
    });
  });
});

/** A case of these rounds. */
function result(name: string, ours: readonly number[], baseline: readonly number[], change: Partial<CaseResult> = {}) {
  const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;
  const [value, other] = [middle(ours), middle(baseline)];
  return {
    name,
    value,
    unit: 'MB/s',
    better: 'higher',
    baseline: { name: 'baseline', value: other },
    ratio: value / other,
    others: [],
    details: {},
    rounds: { ours, baseline },
    verified: true,
    ...change,
  } satisfies CaseResult;
}

const reportOn = (node: string, ...cases: CaseResult[]): BenchRun => ({
  machine: { node } as unknown as BenchRun['machine'],
  suites: [{ name: 'suite', cases }],
});
const report = (...cases: CaseResult[]): BenchRun => reportOn('v20', ...cases);

describe('two runs compared', () => {
  test('tell what became slower against its baseline, not what ran on a slower machine', () => {
    const steady = [100, 100, 100, 100, 100];
    const old = report(result('same', steady, steady), result('slower', steady, steady));
    const halved = steady.map((value) => value / 2);
    const now = report(result('same', halved, halved), result('slower', halved, steady));
    expect(compared(old, now).split('\n')).toEqual([
      expect.stringMatching(/^same {4}suite same: ratio 1\.00 -> 1\.00/),
      expect.stringMatching(/^SLOWER {2}suite slower: ratio 1\.00 -> 0\.50 \(-50\.0 %; noise 5 %\)$/),
    ]);
  });

  test('call no change what their own rounds differ by', () => {
    const [steady, wild] = [
      [100, 100, 100, 100, 100],
      [50, 70, 100, 130, 150],
    ];
    const lower = steady.map((value) => value * 0.8);
    expect(compared(report(result('a', wild, steady)), report(result('a', lower, steady)))).toMatch(/^same /);
    expect(compared(report(result('a', steady, steady)), report(result('a', lower, steady)))).toMatch(/^SLOWER /);
  });

  test('know that less is better of times', () => {
    const [few, many] = [
      [10, 10, 10],
      [20, 20, 20],
    ];
    const time = { unit: 'ms', better: 'lower' } as const;
    expect(compared(report(result('a', few, few, time)), report(result('a', many, few, time)))).toMatch(/^SLOWER /);
    expect(compared(report(result('a', many, few, time)), report(result('a', few, few, time)))).toMatch(/^faster /);
  });

  test('of several Nodes are compared with the same major version, also with a file of one Node', () => {
    const [full, half] = [
      [100, 100, 100],
      [50, 50, 50],
    ];
    const now = {
      runs: [reportOn('v20.2.0', result('a', half, full)), reportOn('v24.0.0', result('a', full, full))],
    };
    const old = {
      runs: [reportOn('v24.1.0', result('a', full, full)), reportOn('v20.1.0', result('a', full, full))],
    };
    expect(compared(old, now).split('\n')).toEqual([
      'Node v20.1.0 -> v20.2.0',
      expect.stringMatching(/^SLOWER {2}suite a: ratio 1\.00 -> 0\.50/),
      'Node v24.1.0 -> v24.0.0',
      expect.stringMatching(/^same /),
    ]);
    expect(compared(reportOn('v24.9.9', result('a', full, full)), now).split('\n')).toEqual([
      'Node v20.2.0: the older file has no run of this major version.',
      'Node v24.9.9 -> v24.0.0',
      expect.stringMatching(/^same /),
    ]);
  });

  test('of one run each are compared whatever Node they were on', () => {
    const steady = [100, 100, 100];
    const old = reportOn('v20.1.0', result('a', steady, steady));
    expect(compared(old, { runs: [reportOn('v24.1.0', result('a', steady, steady))] })).toMatch(/^same /);
  });

  test('without a case in common say so', () => {
    expect(compared(report(), report(result('a', [1], [1])))).toBe('The two runs have no case in common.');
  });
});

describe('the page of a report', () => {
  test('loads nothing from elsewhere, and shows names as they are', () => {
    const page = reportPage(report(result('<script>"a" & b', [1, 2], [1, 2], { verified: false })));
    expect(page).toContain('&lt;script&gt;&quot;a&quot; &amp; b: 1.00 x');
    expect(page).not.toMatch(/<script|<link|src=|url\(|https?:/);
    expect(page).toContain('did not produce the same items');
  });

  test('has a part for each Node, and names cases that were left out', () => {
    const left = { name: 'suite', cases: [], skippedCases: [{ name: 'rg', reason: 'it is not there' }] };
    const page = reportPage({
      runs: [reportOn('v20.1.0', result('a', [1], [1])), { ...reportOn('v24.1.0'), suites: [left] }],
    });
    expect(page).toContain('<h2>suite, Node v20.1.0</h2>');
    expect(page).toContain('<h2>suite, Node v24.1.0</h2>');
    expect(page).toContain('rg was not measured: it is not there');
  });

  test.each([
    ['is not there', undefined],
    ['is no JSON', 'figures'],
    ['is no report', '{"suites": 1}'],
    ['has no run', '{"runs": []}'],
    ['has a run without figures', '{"runs": [{"machine": {}}]}'],
  ])('cannot be made of a file that %s', async (_, content) => {
    const directory = await mkdtemp(join(tmpdir(), 'bench-test-'));
    try {
      const path = join(directory, 'bench.json');
      if (content !== undefined) await writeFile(path, content);
      expect(() => readReport(path)).toThrow(`'${path}'`);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
