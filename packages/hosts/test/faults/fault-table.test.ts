/** Holds the table of faults in docs/security.md against the tests that there are: every row, and every name in it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PACKAGE = join(import.meta.dirname, '..', '..');
const DOCUMENT = join(PACKAGE, '..', '..', 'docs', 'security.md');
const OF_MANAGER = 'manager: ';
const BESIDE = ', beside a healthy session';
/** In a process of its own, whose memory is what is measured. */
const ALONE = ['cap, and 64 MB, with'];

const ROWS = [
  'traps in `parse`: unreachable, out of bounds, division by zero, indirect call',
  'traps in `init`, `get-version`, schemas, instantiation or a start function',
  'recurses without end',
  'never returns from `parse`',
  'never returns from `init`, `read`, `get-...` or a start function',
  "has a byte-source's `read` or `init` trap",
  'grows its memory without end',
  'was built with an initial memory over the cap',
  'exhausts the JavaScript heap through host calls',
  'returns a pointer, length or case that is out of range or misaligned',
  'returns 2^32 - 1 items, or a million that share one text of 100 MB',
  'returns text that is not UTF-8',
  'says that it consumed more than it was given, or 2^63',
  'says ok with nothing, at the end of the input or at the longest window',
  "says 'incomplete' or has parse errors for ever",
  'has `read` return more than was asked',
  'has `read` return nothing for ever while it is followed',
  'calls `exit`',
  'opens files outside its grants: `..`, absolute paths, links that point out, renames and links of its own',
  'writes into a read-only grant',
  'reads the environment',
  'opens sockets or resolves names',
  'leaves files in its temporary directory and crashes',
  'prints gigabytes to stdout',
  'is a truncated, bit-flipped, empty, core-module or 2 GB binary',
  'is a component with other exports, or of an unknown API version',
  'takes minutes to compile, or explodes when it is transpiled',
  'is replaced or deleted on disk while sessions run',
  'has a consumer that stops reading, throws, breaks out, or aborts early or twice',
  'has a worker thread that dies of its own',
];

interface Row {
  readonly name: string;
  readonly tests: readonly string[];
}

async function readTable(): Promise<Row[]> {
  const document = await readFile(DOCUMENT, 'utf8');
  const [, table = ''] = document.split(/^\| the plugin .*\n\|[ |-]*\n/m);
  const lines = table.split('\n');
  return lines.slice(0, lines.indexOf('')).map((line) => {
    const [, name = '', , tests = ''] = line.split(/(?<!\\)\|/);
    return { name: name.trim(), tests: [...tests.matchAll(/"([^"]*)"/g)].map(([, test = '']) => test) };
  });
}

/** Full names of the tests of faults, of all tiers: also when this test is run as one of some. */
async function listTests(): Promise<string[]> {
  const require = createRequire(import.meta.url);
  const cli = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
  const folder = await mkdtemp(join(tmpdir(), 'fault-table-'));
  try {
    const list = join(folder, 'tests.json');
    const { TEST_TIERS: _, ...env } = process.env;
    await promisify(execFile)(process.execPath, [cli, 'list', 'test/faults', `--json=${list}`], { cwd: PACKAGE, env });
    return (JSON.parse(await readFile(list, 'utf8')) as { name: string }[]).map(({ name }) => name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('every fault is a row of docs/security.md, and every test that a row names is there, alone and beside a healthy session', async () => {
  const [table, tests, ofManager] = await Promise.all([
    readTable(),
    listTests(),
    readFile(join(PACKAGE, '..', 'manager', 'test', 'plugin-faults.test.ts'), 'utf8'),
  ]);
  expect(table.map(({ name }) => name)).toEqual(ROWS);
  const missing = table.flatMap(({ name, tests: named }) => {
    if (named.length === 0) return [`no test for: ${name}`];
    return named.filter((part) => {
      if (part.startsWith(OF_MANAGER)) return !ofManager.includes(part.slice(OF_MANAGER.length));
      const found = tests.filter((test) => test.includes(part));
      const isAlone = ALONE.some((alone) => part.includes(alone));
      return !found.some((test) => isAlone || tests.includes(`${test}${BESIDE}`));
    });
  });
  expect(missing).toEqual([]);
}, 120_000);
