/**
 * Many calls of each plugin (a tenth of that of the one in JavaScript), also of plugins that print or log in every one: nothing may
 * be kept of a call. `npm run long -- endurance` makes a million, and finds smaller leaks. Memory is held
 * against what it was after the first tenth; the processor's time is printed, and only held to be of the same order.
 */

import { type InteropPlugin, record } from '@chipmunk-host/compat';
import type { ConfigInput, IngestOptions } from '@chipmunk-host/hosts';
import { IngestSession } from '@chipmunk-host/hosts';
import { afterAll, expect, test } from 'vitest';
import { setStage } from './stage.js';

const stage = setStage();
const CALLS = Number(process.env.ENDURANCE_CALLS ?? 200_000);
/** An engine for JavaScript takes some 80 us for a call, the others some 7. */
const JAVASCRIPT_CALLS = CALLS / 10;
/** Bytes of one slice, and so of one item: one call each. */
const SLICE = 32;
/** What the process may grow by while nine tenths of the calls are made. A leak of 64 bytes a call is more in a million. */
const GROWTH = 48 * 1024 * 1024;
/** With a record kept for each call that calls the host, the last calls were seen to take seven times as long as the first. */
const SLOWER = 4;

const figures: string[] = [];
afterAll(() => {
  process.stderr.write(`\n${figures.join('\n')}\n`);
});

interface Course {
  readonly items: number;
  /** Milliseconds of the processor, of the second tenth (the first one compiles) and of the last. */
  readonly first: number;
  readonly last: number;
  readonly grown: number;
}

async function course(
  options: IngestOptions,
  units: number,
  unitOf: (bytes: number, items: number) => number,
): Promise<Course> {
  const session = await IngestSession.open(options);
  const marks: number[] = [cpuMs()];
  let [items, bytes, before] = [0, 0, 0];
  for await (const batch of session.batches()) {
    items += batch.count;
    bytes += batch.consumedBytes;
    while (unitOf(bytes, items) >= (marks.length * units) / 10) {
      marks.push(cpuMs());
      if (marks.length === 2) before = process.memoryUsage.rss();
    }
  }
  const grown = process.memoryUsage.rss() - before;
  const tenth = (at: number) => (marks[at] ?? 0) - (marks[at - 1] ?? 0);
  expect(marks.length).toBe(11);
  expect(session.summary).toMatchObject({ status: 'completed', restarts: 0, gaps: 0 });
  return { items, first: tenth(2), last: tenth(10), grown };
}

/** Of all threads: other programs on this machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function expectFlat(name: string, calls: number, { first, last, grown }: Course): void {
  const perCall = (ms: number) => `${((ms * 1000) / (calls / 10)).toFixed(2)} us`;
  figures.push(
    `${name}: ${perCall(first)} a call in the second tenth, ${perCall(last)} in the last; ${grown >> 10} KiB more`,
  );
  expect(grown).toBeLessThan(GROWTH);
  // Below this a busy machine has more to do with it than the plugin.
  expect(last).toBeLessThan(SLOWER * Math.max(first, 500));
}

const line = (text: string) => Buffer.from(text.padEnd(SLICE - 1).concat('\n'));

const PARSERS: readonly [name: string, plugin: InteropPlugin, unit: Buffer, config: Record<string, ConfigInput>][] = [
  ['lines', 'lines', line('a line'), { chatter: 'silent' }],
  ['lines that print and log in every call', 'lines', line('a line'), { chatter: 'calls' }],
  ['lines that are borrowed', 'lines-borrowed', line('a line'), { chatter: 'silent' }],
  ['records', 'records', record.line('x'.repeat(SLICE - 5)), { 'items-per-call': 1 }],
  [
    'records with attachments',
    'records',
    record.attachment({ name: 'name', data: Buffer.alloc(SLICE - 22) }),
    { 'items-per-call': 1 },
  ],
  ['selftest that reads a clock', 'selftest', line('wall-clock|'), {}],
  ['selftest that prints', 'selftest', line('stdout|said'), {}],
  ['selftest that writes to stderr', 'selftest', line('stderr|said'), {}],
  ['selftest that logs', 'selftest', line('log|info|said'), {}],
  ['csv', 'csv', line('one,"two ""x""",three'), {}],
  ['json-lines', 'json-lines', line('{"message":"said"}'), {}],
];

test.each(PARSERS)('%s', { timeout: 600_000 }, async (name, plugin, unit, config) => {
  const calls = plugin === 'json-lines' ? JAVASCRIPT_CALLS : CALLS;
  expect(unit.length).toBe(SLICE);
  const file = await stage.file('million', Buffer.alloc(calls * SLICE, unit));
  const window = { bytes: SLICE };
  const options = { pool: stage.pool, component: await stage.plugin(plugin), source: { file }, config, window };
  const ran = await course(options, calls, (_, items) => items);
  expect(ran.items).toBe(calls);
  expectFlat(name, calls, ran);
});

test('file-source', { timeout: 600_000 }, async () => {
  const file = await stage.file('million', Buffer.alloc(CALLS, line('a line')));
  const component = await stage.plugin('file-source');
  const source = { component, config: { 'input-path': [file], most: 1 } };
  const lines = { component: await stage.plugin('lines'), config: { chatter: 'silent' }, window: { bytes: 4096 } };
  const ran = await course({ pool: stage.pool, source, ...lines }, CALLS, (bytes) => bytes);
  expect(ran.items).toBe(CALLS / SLICE);
  expectFlat('file-source', CALLS, ran);
});
