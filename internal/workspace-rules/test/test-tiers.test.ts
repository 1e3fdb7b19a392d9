/** Lists of tests by tier: each file in one, and which of the tiers are run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { testTiers } from '../../../scripts/test-tiers.mjs';

const TIERS = { unit: ['a'], threads: ['below/b'], slow: ['c'] };

let directory: string;
beforeEach(() => {
  vi.stubEnv('TEST_TIERS', undefined);
  directory = mkdtempSync(join(tmpdir(), 'tiers-test-'));
  mkdirSync(join(directory, 'test', 'below'), { recursive: true });
  for (const name of ['a', 'below/b', 'c']) writeFileSync(join(directory, 'test', `${name}.test.ts`), '');
  writeFileSync(join(directory, 'test', 'support.ts'), '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const names = () => testTiers(directory, TIERS).projects.map((project) => project.test.name);

test('each tier is a project of its files', () => {
  const projects = testTiers(directory, TIERS).projects.map((project) => [project.test.name, project.test.include]);
  expect(projects).toEqual([
    ['unit', ['test/a.test.ts']],
    ['threads', ['test/below/b.test.ts']],
    ['slow', ['test/c.test.ts']],
  ]);
});

test('the environment chooses among the tiers', () => {
  vi.stubEnv('TEST_TIERS', 'unit');
  expect(names()).toEqual(['unit']);
  vi.stubEnv('TEST_TIERS', 'unit slow');
  expect(names()).toEqual(['unit', 'slow']);
});

test.each(['', ' ', 'units', 'unit,slow'])('the environment may not say %j', (value) => {
  vi.stubEnv('TEST_TIERS', value);
  expect(names).toThrow(`TEST_TIERS is '${value}'; it may hold some of: unit, threads, slow`);
});

test('the set-up of slow tests is not run for unit tests', () => {
  const { projects } = testTiers(directory, TIERS, { globalSetup: ['setup.ts'] });
  expect(projects.map((project) => project.test.globalSetup)).toEqual([undefined, ['setup.ts'], ['setup.ts']]);
});

test.each([
  [{ unit: ['a'], threads: ['below/b'] }, 'c is in no tier'],
  [{ ...TIERS, slow: ['c', 'd'] }, 'test/d.test.ts is listed, but not there'],
  [{ ...TIERS, slow: ['c', 'a'] }, 'a is listed twice'],
  [{ ...TIERS, fast: ['a'] }, 'no such tier: fast'],
])('%j is refused', (tiers, message) => {
  expect(() => testTiers(directory, tiers)).toThrow(message);
});
