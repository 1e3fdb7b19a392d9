import { expect, test } from 'vitest';
import { functionImports, renameExports } from '#core-exports.js';

/** Exports function 0, of no parameters and no results, as `a` and as `b`. */
const module = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[7, 9, 2, 1, 0x61, 0, 0, 1, 0x62, 0, 0],
  ...[10, 4, 1, 2, 0, 0x0b],
]);

function exportsOf(names: Record<string, string[]>): string[] {
  const renamed = renameExports(module, new Map(Object.entries(names)));
  return WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(renamed))).map(({ name }) => name);
}

test('renames, drops and doubles exports', () => {
  const long = `chipmunk:x/y@0.1.0#${'z'.repeat(200)}`;
  expect(exportsOf({ a: [long, 'c'] })).toEqual([long, 'c']);
  expect(exportsOf({ a: ['b'], b: ['a'] })).toEqual(['b', 'a']);
});

test('refuses names that clash and exports that are missing', () => {
  expect(() => exportsOf({ a: ['x'], b: ['x'] })).toThrow('two exports claim the name x');
  expect(() => exportsOf({ a: ['x'], c: ['y'], d: ['z'] })).toThrow('lacks the exports c, d');
  expect(() => renameExports(module.subarray(0, 8), new Map())).toThrow('exports nothing');
});

test('lists imported functions', () => {
  expect(functionImports(module)).toEqual([]);
});
