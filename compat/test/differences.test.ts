/**
 * What is different from Chipmunk on purpose: one test for each line of "Differences from Chipmunk" in docs/compatibility.md.
 * What Chipmunk does is what the oracle found by its rules, and is committed in ../oracle/expected.json.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stageCase } from '../harness/comparison/comparison-case.js';
import { type ExpectedOutcomes, readExpected } from '../harness/comparison/expected.js';
import { fixedCases } from '../harness/comparison/fixed-cases.js';
import { HostRunner, type HostRunOptions } from '../harness/comparison/host-runner.js';
import type { Outcome } from '../harness/comparison/outcome.js';
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

function run(name: string, options?: HostRunOptions): Promise<Outcome> {
  const found = cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case '${name}'`);
  return host.run(found, options);
}

function outcomes(name: string): Required<ExpectedOutcomes> {
  const { host: here, chipmunk } = expected[name] ?? {};
  if (here === undefined || chipmunk === undefined) throw new Error(`the outcome of '${name}' does not differ`);
  return { host: here, chipmunk };
}

/** What `selftest` found, by act. */
function found(lines: readonly string[]): Map<string, string> {
  return new Map(lines.map((line) => (JSON.parse(line) as { columns: [string, string] }).columns));
}

const linesOf = ({ ndjson }: Outcome): string[] => ndjson.split('\n').slice(0, -1);

describe('the end of the input', () => {
  test('within an item costs no session: Chipmunk ends it at the 51st incomplete', async () => {
    const { chipmunk } = outcomes('rules-incomplete-at-the-end');
    expect(chipmunk).toMatchObject({ error: { code: 'ERR_PLUGIN_UNRECOVERABLE' }, items: 1 });
    const ours = await run('rules-incomplete-at-the-end');
    expect(ours).toMatchObject({ items: 1, bytes: 111, skippedBytes: 100, error: undefined });
  });

  test("behind 'eof' is accounted for, as skipped: Chipmunk does not look at it", async () => {
    const { chipmunk } = outcomes('records-errors');
    const ours = await run('records-errors');
    expect(ours).toMatchObject({ items: 3, bytes: 63, skippedBytes: 29 });
    expect(chipmunk).toMatchObject({ items: 3, bytes: 43, skippedBytes: 9 });
  });

  test('is behind the last bytes when a plugin finds nothing in them: Chipmunk calls it for ever', async () => {
    expect(await run('records-cut-without-error')).toMatchObject({ items: 1, skippedBytes: 1500, error: undefined });
  });
});

describe('errors in a row', () => {
  test("are counted apart from 'incomplete': Chipmunk has one counter and the limit of the latest kind", async () => {
    const { chipmunk } = outcomes('rules-two-counters');
    expect(chipmunk).toMatchObject({ error: { code: 'ERR_PLUGIN_UNRECOVERABLE' }, items: 1 });
    expect(await run('rules-two-counters')).toMatchObject({ items: 2, error: undefined });
  });
});

describe('an item that does not fit the buffer', () => {
  test.each([
    ['is longer than the buffer', 'rules-record-longer-than-the-buffer'],
    ['lies across its end', 'rules-record-at-the-end-of-the-buffer'],
  ])('is found when it %s: Chipmunk drops its bytes', async (_, name) => {
    const { chipmunk } = outcomes(name);
    const ours = await run(name);
    expect(ours).toMatchObject({ items: 3, skippedBytes: 0, error: undefined });
    expect(chipmunk.items).toBeLessThan(ours.items);
  });

  test('comes as one when it is a line: Chipmunk passes the same rest again and the plugin takes it for the end', async () => {
    const { chipmunk } = outcomes('rules-line-at-the-end-of-the-buffer');
    expect(await run('rules-line-at-the-end-of-the-buffer')).toMatchObject({ items: 3, error: undefined });
    expect(chipmunk.items).toBe(4);
  });
});

describe('a plugin that fails', () => {
  test('is replaced, and what it failed on becomes a gap: Chipmunk ends the session', async () => {
    const name = 'world-panic-what-a-pity';
    expect(expected[name]?.host).toMatchObject({ items: 1, error: { code: 'ERR_PLUGIN_TRAP' } });
    const ours = await run(name, {});
    expect(ours).toMatchObject({ error: undefined });
    expect([...found(linesOf(ours)).keys()]).toEqual(['stdout|before', 'stdin']);
  });

  test('by wanting more than 512 MiB is told so: in Chipmunk it may have 4 GiB', async () => {
    const input = Buffer.from('out-of-memory\n');
    const staged = stageCase({ name: 'out-of-memory', plugin: 'selftest', input, config: () => ({}) }, directory.path);
    expect(await host.run(staged)).toMatchObject({ items: 0, error: { code: 'ERR_PLUGIN_MEMORY' } });
  });
});

describe('the world of a plugin', () => {
  test('has no environment: Chipmunk passes its own', async () => {
    const { environment, ...withoutEnvironment } = cases.find(({ name }) => name === 'world-environment') ?? {};
    expect(environment).toBeDefined();
    expect(found(expected['world-environment']?.host.lines ?? []).get('environment')).toBe('A=1, B=two words');
    const ours = await host.run(withoutEnvironment as (typeof cases)[number]);
    expect(found(linesOf(ours)).get('environment')).toBe('');
  });

  test('has only what was named of a parent directory: in Chipmunk all of it is there', async () => {
    const chipmunk = found(expected['world-reading']?.host.lines ?? []);
    const ours = found(linesOf(await run('world-reading', { recovery: { maxRestarts: 0 } })));
    const beside = [...chipmunk.keys()].filter((act) => ours.get(act) !== chipmunk.get(act));
    expect(beside).toEqual(['list|/files/granted', 'read|/files/granted/beside.txt']);
    expect(chipmunk.get('read|/files/granted/beside.txt')).toBe('beside');
    expect(ours.get('read|/files/granted/beside.txt')).toMatch(/^NotFound/);
    expect(ours.get('list|/files/granted')).toBe('file.txt');
  });

  test('has a temporary directory of its own: Chipmunk has one for all plugins', async () => {
    const leave = { name: 'temp-leave', input: Buffer.from('write|$TEMP/left|x\nlist|$TEMP\n') };
    const find = { name: 'temp-find', input: Buffer.from('list|$TEMP\n') };
    const [left, then] = await Promise.all(
      [leave, find].map((each) =>
        host.run(stageCase({ ...each, plugin: 'selftest', config: () => ({}) }, directory.path)),
      ),
    );
    expect(found(linesOf(left as Outcome)).get('list|$TEMP')).toBe('left');
    expect(found(linesOf(then as Outcome)).get('list|$TEMP')).toBe('');
  });

  test('lets no link be made that leads out of it: in Chipmunk it can be made, and not be followed', async () => {
    const theirs = found(expected['world-link-out']?.host.lines ?? []);
    const ours = found(linesOf(await run('world-link-out')));
    const [make, follow] = ['symlink|../../../../etc/passwd|$TEMP/up', 'read|$TEMP/up'];
    expect(theirs.get(make)).toBe('done');
    expect(theirs.get(follow)).toMatch(/^PermissionDenied/);
    expect(ours.get(make)).toMatch(/^PermissionDenied/);
    expect(ours.get(follow)).toMatch(/^NotFound/);
  });

  test('has a limit on what it may leave there: 128 MiB a file', async () => {
    const input = Buffer.from('fill|$TEMP/large|130\n');
    const staged = stageCase({ name: 'temp-full', plugin: 'selftest', input, config: () => ({}) }, directory.path);
    expect(found(linesOf(await host.run(staged))).get('fill|$TEMP/large|130')).toMatch(/^128 MiB, then /);
  });
});
