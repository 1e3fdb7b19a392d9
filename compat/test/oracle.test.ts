/** Holds this project's host against the committed outcomes of the oracle (../oracle/README.md). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readExpected, stored } from '../harness/comparison/expected.js';
import {
  differsOnPurpose,
  fixedCases,
  mayBeKept,
  SHARED_TEXTS,
  sharedTextsAreThere,
} from '../harness/comparison/fixed-cases.js';
import { HostRunner } from '../harness/comparison/host-runner.js';
import { saysTheSame } from '../harness/comparison/outcome.js';
import { WorkingDirectory } from '../harness/comparison/working-directory.js';

const directory = new WorkingDirectory();
const cases = fixedCases(directory.path);
const expected = readExpected();
let host: HostRunner;

beforeAll(() => {
  host = new HostRunner();
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

describe('gives what wasmtime gives', () => {
  test.each(cases.filter((each) => !differsOnPurpose(each)))('$name', async (each) => {
    const theirs = expected[each.name]?.host;
    expect(theirs, `'npm run oracle -- --update' at the root adds the outcome`).toBeDefined();
    const ours = stored(await host.run(each), mayBeKept(each));
    expect({ ...ours, error: ours.error?.code }).toEqual({ ...theirs, error: theirs?.error?.code });
    if (theirs?.error !== undefined) expect(saysTheSame(ours.error, theirs.error)).toBe(true);
  });

  test('of every case whose outcome is committed', () => {
    const names = new Set(cases.map(({ name }) => name));
    const missing = Object.keys(expected).filter((name) => !names.has(name) && !name.startsWith('shared-'));
    expect(missing, `'npm run oracle -- --update' at the root removes the outcome`).toEqual([]);
  });

  test.runIf(sharedTextsAreThere())('of the logs of other projects', () => {
    expect(cases.filter((each) => !mayBeKept(each)).length).toBeGreaterThan(0);
  });

  test.skipIf(sharedTextsAreThere())(`of the logs of other projects: there are none in ${SHARED_TEXTS}`, () => {});
});
