/** Numbers that the documents promise, compared with those of the code. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '#shared/component/component-limits.js';
import { DEFAULT_STORAGE_QUOTA, DEFAULT_WASI_LIMITS } from '#shared/wasi-grants.js';

const page = (name: string) =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8').replace(/\s+/g, ' ');
const SECURITY = page('security.md');
const CONTRACT = page('plugin-contract.md');
const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** The numbers that stand where `form` has `#`, in bytes where a unit follows. */
function numbersIn(text: string, form: string): number[] {
  const escaped = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = new RegExp(escaped.replaceAll('#', '([\\d,]+)(?: (KiB|MiB|GiB))?')).exec(text);
  if (found === null) throw new Error(`the document does not say '${form}'`);
  return Array.from({ length: (found.length - 1) / 2 }, (_, index) => {
    const [digits = '', unit = ''] = found.slice(1 + 2 * index);
    return Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1);
  });
}

test('what the temporary directory holds', () => {
  const { totalBytes, fileBytes, entries, depth, pathBytes } = DEFAULT_STORAGE_QUOTA;
  expect(
    numbersIn(CONTRACT, 'The temporary directory: #, # a file, # entries, # levels deep, paths of # bytes'),
  ).toEqual([totalBytes, fileBytes, entries, depth, pathBytes]);
});

test('what WASI gives at a time', () => {
  const { openFiles, handles, pathBytes, randomBytes, readBytes, lineBytes, outputBytesPerSecond } =
    DEFAULT_WASI_LIMITS;
  expect(numbersIn(SECURITY, '(`openFiles`, #')).toEqual([openFiles]);
  expect(numbersIn(SECURITY, '| paths of WASI | # bytes')).toEqual([pathBytes]);
  const [atOnce, polled] = numbersIn(SECURITY, 'handles that are polled (WASI) | #; # handles');
  expect([readBytes, randomBytes, handles]).toEqual([atOnce, atOnce, polled]);
  expect(numbersIn(SECURITY, 'lines of stdout and stderr | cut at # and #')[1]).toBe(lineBytes);
  expect(numbersIn(CONTRACT, 'stdout and stderr become log lines, at most # a second each')).toEqual([
    outputBytesPerSecond,
  ]);
});

test.each<[form: string, limits: readonly (keyof typeof DEFAULT_LIMITS)[]]>([
  ['| length of a name | # bytes', ['nameBytes']],
  ['| nesting of components and types | #', ['nesting']],
  ['| sections of a component | #', ['sections']],
  ['| nested components / core modules | # / #', ['components', 'coreModules']],
  ['| core instances / instances, expanded | # / #', ['coreInstances', 'instances']],
  ['| types / parts of types | # / #', ['types', 'typeParts']],
  ['| aliases / functions / links | # / # / #', ['aliases', 'functions', 'links']],
  ['| imports / exports | # / #', ['imports', 'exports']],
  ['| functions / exports of a core module | # / #', ['moduleFunctions', 'moduleExports']],
  ["| types' parameters, results, fields | # a core module", ['moduleTypeParts']],
  ['| bytes of one function | #', ['functionBytes']],
  ['| locals of one function / a module | # / #', ['functionLocals', 'moduleLocals']],
  ['| values at branches of one function | #', ['functionBranchValues']],
  ['| loops of one function | #', ['functionLoops']],
  ['| elements of segments | # a core module, # in all instances', ['moduleElementEntries', 'elementEntries']],
  ['| bytes of one constant expression | #', ['constantBytes']],
  ['| glue | #', ['glueBytes']],
])('the loader: %s', (form, limits) => {
  expect(numbersIn(SECURITY, form)).toEqual(limits.map((limit) => DEFAULT_LIMITS[limit]));
});
