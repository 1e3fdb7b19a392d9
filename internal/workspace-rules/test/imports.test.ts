import { describe, expect, test } from 'vitest';
import { codeOf, importsOf } from '../../../scripts/imports.mjs';

const specifiers = (text: string) => importsOf(text).map(({ kind, specifier, line }) => `${line} ${kind} ${specifier}`);

describe('every form of an import is found', () => {
  test.each([
    ["import { a } from './a.js';", '1 import ./a.js'],
    ["import type { A } from './a.js';", '1 import ./a.js'],
    ["import {\n  type A,\n  b,\n} from './a.js';", '4 import ./a.js'],
    ["import './a.js';", '1 import ./a.js'],
    ["import a, * as b from 'a';", '1 import a'],
    ["export * from './a.js';", '1 import ./a.js'],
    ["export { a, type B } from './a.js';", '1 import ./a.js'],
    ["const a = await import('./a.js');", '1 import ./a.js'],
    ["let a: import('./a.js').A;", '1 import ./a.js'],
    ['import a from "./a.js";', '1 import ./a.js'],
    ["const worker = new URL('./a.worker.js', import.meta.url);", '1 url ./a.worker.js'],
    ["import.meta.resolve('a/b');", '1 import a/b'],
    ["createRequire(import.meta.url).resolve('a/b.wasm');", '1 import a/b.wasm'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program.
    ["`${await import('./a.js')} and ${`${(await import('./b.js')).b}`}`", '1 import ./a.js,1 import ./b.js'],
    ["const quotes = /['\"`]/;\nimport('./a.js');", '2 import ./a.js'],
    ["const half = count / 2; import('./a.js'); // '", '1 import ./a.js'],
  ])('%s', (text, found) => {
    expect(specifiers(text).join()).toBe(found);
  });
});

describe('what only looks like one is none', () => {
  test.each([
    "// import { a } from './a.js';",
    "/* import { a } from './a.js'; */",
    "const text = `import { a } from './a.js';`;",
    'const text = "import { a } from \'./a.js\'";',
    "export async function move(a: string, from: 'x', to: string) {}",
    "export const from = 'x';",
    "this.require('x');",
    "new URL('./a.js', base);",
  ])('%s', (text) => {
    expect(importsOf(text)).toEqual([]);
  });
});

test('code keeps its lines, without what is no code', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program.
  const { code, strings } = codeOf("a('x'); // b\n/* c\n */ d(`e\n${f}`);");
  expect(code.split('\n').map((line) => line.trim())).toEqual(["a('0');", '', 'd(', 'f);']);
  expect(strings).toEqual(['x']);
});
