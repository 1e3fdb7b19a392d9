/** Each rule on a few made files; and the real table, on files at places where there are some. */
import { describe, expect, test } from 'vitest';
import { importFaults, lengthFaults, type Manifest, MOST_LINES, withoutKnown } from '../../../scripts/import-rules.mjs';
import { ROOMS } from '../../../scripts/room-order.mjs';

const manifests = new Map([
  ['packages/upper', { name: '@x/upper', dependencies: { '@x/lower': '*', left: '1.0.0' } }],
  ['packages/lower', { name: '@x/lower', exports: { '.': './dist/index.js', './part': './dist/part.js' } }],
]);
const rooms = {
  upper: {
    apart: ['main', 'worker'],
    light: { rooms: ['worker'], packages: ['@x/lower'] },
    rows: [['index.ts'], ['main'], ['worker'], ['left', 'right'], ['bottom', '.']],
  },
  lower: { portable: true, rows: [['.']] },
};

function faultsOf(files: Record<string, string>): string[] {
  const texts = new Map(Object.entries(files).map(([path, text]) => [`packages/${path}`, text]));
  return importFaults({ files: texts, manifests, rooms }).map(
    ({ path, line, message }) => `${path}:${line} ${message}`,
  );
}

const empty = { 'upper/src/left/a.ts': '', 'upper/src/right/b.ts': '', 'upper/src/bottom/c.ts': '' };

describe('an import between rooms', () => {
  test.each([
    ['main', '../left/a.js'],
    ['left', './a.js'],
    ['left', '../bottom/c.js'],
    ['left', '../other.js'],
    ['left', '#bottom/c.js'],
  ])('from %s of %s goes down, or stays', (room, specifier) => {
    const importing = { [`upper/src/${room}/x.ts`]: `import '${specifier}';`, 'upper/src/other.ts': '' };
    expect(faultsOf({ ...empty, ...importing })).toEqual([]);
  });

  test.each([
    ['bottom', "import { a } from '../left/a.js';", "'left', which is above it"],
    ['bottom', "export type { A } from '../left/a.js';", "'left', which is above it"],
    ['bottom', "const a = await import('../left/a.js');", "'left', which is above it"],
    ['bottom', "import '#left/a.js';", "'left', which is above it"],
    ['left', "import '../right/b.js';", "'right', which is beside it"],
    ['left', "import '../index.js';", "'index.ts', which is above it"],
    ['main', "import '../worker/w.js';", 'main and worker run in different threads'],
  ])('from %s by %s is refused', (room, text, reason) => {
    const faults = faultsOf({ ...empty, [`upper/src/${room}/x.ts`]: `\n${text}` });
    expect(faults).toEqual([expect.stringContaining(reason)]);
    expect(faults[0]).toMatch(new RegExp(`^packages/upper/src/${room}/x.ts:2 `));
  });

  test('only entries are named by URL, and whoever starts one imports nothing', () => {
    const url = (name: string) => `new URL('${name}', import.meta.url);`;
    const worker = { 'upper/src/worker/w.worker.ts': '', 'upper/src/worker/w.ts': '' };
    expect(faultsOf({ ...worker, 'upper/src/main/x.ts': url('../worker/w.worker.js') })).toEqual([]);
    expect(faultsOf({ ...worker, 'upper/src/main/x.ts': url('../../data.json') })).toEqual([]);
    expect(faultsOf({ ...worker, 'upper/src/main/x.ts': url('../worker/w.js') })).toEqual([
      expect.stringContaining('as only entries of threads are'),
    ]);
    expect(faultsOf({ 'upper/src/main/x.ts': url('../../../lower/data.json') })).toEqual([
      expect.stringContaining('outside of its package'),
    ]);
  });

  test('a file and a package belong somewhere', () => {
    expect(faultsOf({ 'unknown/src/a.ts': '' })).toEqual([expect.stringContaining('packages/unknown is not in ROOMS')]);
    const files = new Map([['packages/some/src/new/a.ts', '']]);
    const some = {
      files,
      manifests: new Map([['packages/some', { name: 'some' }]]),
      rooms: { some: { rows: [['old']] } },
    };
    expect(importFaults(some)).toEqual([
      expect.objectContaining({ message: expect.stringContaining('is in no room') }),
    ]);
  });
});

test.each([
  ['worker', "import { a } from '@x/lower';", ['loads all of @x/lower into every thread of a plugin']],
  ['worker', "import type { A } from '@x/lower';", []],
  ['worker', "import { a } from '@x/lower/part';", []],
  ['main', "import { a } from '@x/lower';", []],
])('a room that is to be light: %s by %s', (room, text, faults) => {
  expect(faultsOf({ [`upper/src/${room}/x.ts`]: text })).toEqual(faults.map((fault) => expect.stringContaining(fault)));
});

describe('an import of a package', () => {
  test.each([
    ["import '@x/lower';", undefined],
    ["import '@x/lower/part';", undefined],
    ["import 'left/anything';", undefined],
    ["import 'node:fs';", undefined],
    ["import '@x/lower/dist/deep.js';", 'which @x/lower does not export; it exports ., ./part.'],
    ["import 'right';", 'package.json does not name under dependencies'],
    ["import '@x/upper';", 'imports its own package by name'],
    ["import '../../../lower/src/index.js';", 'Import another package by its name.'],
    ["import '../../package.json';", 'outside of packages/upper/src'],
  ])('%s', (text, reason) => {
    const expected = reason === undefined ? [] : [expect.stringContaining(reason)];
    expect(faultsOf({ 'upper/src/main/x.ts': text })).toEqual(expected);
  });
});

test.each([
  ["import { readFileSync } from 'node:fs';", ["uses 'node:fs'"]],
  ['const a = Buffer.from(b);', ["uses 'Buffer'"]],
  ['function f(a: Buffer): void {}', ["uses 'Buffer'"]],
  ['process.exit();', ["uses 'process'"]],
  ['const a = { process: b.process, Buffer: 1 }; // Buffer', []],
])('what runs everywhere has nothing of Node: %s', (text, reasons) => {
  expect(faultsOf({ 'lower/src/x.ts': text })).toEqual(reasons.map((reason) => expect.stringContaining(reason)));
});

test('of a package some rooms may run everywhere: they import only packages that do', () => {
  const files = new Map([
    [
      'packages/mixed/src/open/x.ts',
      "import 'node:fs';\nimport '@x/upper';\nimport '@x/lower';\nimport type { A } from '@x/upper';",
    ],
    ['packages/mixed/src/closed/y.ts', "import 'node:fs';\nimport '@x/upper';"],
  ]);
  const mixed = { portable: ['open'], rows: [['closed'], ['open']] };
  const dependencies = { '@x/lower': '*', '@x/upper': '*' };
  const all = new Map<string, Manifest>([
    ...manifests,
    ['packages/upper', { name: '@x/upper', exports: { '.': './dist/index.js' } }],
    ['packages/mixed', { name: '@x/mixed', dependencies }],
  ]);
  const faults = importFaults({ files, manifests: all, rooms: { ...rooms, mixed } });
  expect(faults.map(({ path, line, message }) => `${path}:${line} ${message.split(',')[0]}`)).toEqual([
    "packages/mixed/src/open/x.ts:1 uses 'node:fs'",
    "packages/mixed/src/open/x.ts:2 uses '@x/upper'",
  ]);
});

describe('a circle', () => {
  const file = (name: string) => `upper/src/left/${name}.ts`;

  test('of files is told as the shortest way around', () => {
    const files = {
      [file('a')]: "import './b.js';\nimport './c.js';",
      [file('b')]: "import './c.js';",
      [file('c')]: "import type { A } from './a.js';",
      [file('d')]: "import './a.js';",
    };
    const [a, c] = [`packages/${file('a')}`, `packages/${file('c')}`];
    expect(faultsOf(files)).toEqual([expect.stringContaining(`circle of imports: ${a} -> ${c} -> ${a}.`)]);
  });

  test('is none where two ways lead to one file', () => {
    const files = {
      [file('a')]: "import './b.js';\nimport './c.js';",
      [file('b')]: "import './d.js';",
      [file('c')]: "import './d.js';",
      [file('d')]: '',
    };
    expect(faultsOf(files)).toEqual([]);
  });
});

test('a file has so many lines and no more', () => {
  const lines = (count: number) => new Map([['scripts/a.mjs', 'x\n'.repeat(count)]]);
  expect(lengthFaults(lines(MOST_LINES))).toEqual([]);
  expect(lengthFaults(lines(MOST_LINES + 1))).toEqual([expect.objectContaining({ path: 'scripts/a.mjs' })]);
});

test('what is known is left out as long as it is there', () => {
  const fault = { path: 'a', line: 1, message: 'is wrong', key: 'p: a -> b' };
  expect(withoutKnown([fault], new Set(['p: a -> b']), 'list')).toEqual([]);
  expect(withoutKnown([fault], new Set(), 'list')).toEqual([fault]);
  expect(withoutKnown([], new Set(['p: a -> b']), 'list')).toEqual([
    { path: 'list', line: 1, message: expect.stringContaining("'p: a -> b', which nothing needs") },
  ]);
});

describe('the real rooms', () => {
  test.each([
    ['hosts', 'shared/x.ts', '../worker/parser/y.js'],
    ['hosts', 'worker/output/x.ts', '../parser/y.js'],
    ['hosts', 'api/contract/x.ts', '../v0_1_0/parser/y.js'],
    ['hosts', 'main/session/x.ts', '../../worker/output/y.js'],
    ['hosts', 'supervisor/x.ts', '../main/host/y.js'],
    ['runtime', 'shared/ring/x.ts', '../../main/ring/y.js'],
    ['runtime', 'worker/wasi/x.ts', '../../main/pool/y.js'],
    ['manager', 'store/x.ts', '../sessions/y.js'],
    ['manager', 'shared/x.ts', '../store/y.js'],
  ])('%s: %s does not import %s', (name, path, specifier) => {
    const files = new Map([[`packages/${name}/src/${path}`, `import type { Y } from '${specifier}';`]]);
    const real = {
      files,
      manifests: new Map([[`packages/${name}`, { name: `@chipmunk-host/${name}` }]]),
      rooms: ROOMS,
    };
    expect(importFaults(real)).toEqual([expect.objectContaining({ path: `packages/${name}/src/${path}`, line: 1 })]);
  });
});
