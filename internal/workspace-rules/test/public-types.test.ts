/** The consumer in internal/public-types imports every entry point that is published and promised. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf } from '../../../scripts/imports.mjs';
import { publishedPackages } from '../../../scripts/pack.mjs';

const CONSUMER = join(import.meta.dirname, '..', '..', 'public-types', 'src', 'exports.ts');

test('every public entry point has a consumer that is compiled', () => {
  const entries = publishedPackages().flatMap(({ name, exports = {} }) =>
    Object.entries(exports)
      // What is internal is not promised; AssemblyScript is not compiled by TypeScript.
      .filter(([path, target]) => !path.startsWith('./internal') && typeof target !== 'string')
      .map(([path]) => name + path.slice(1)),
  );
  const imported = importsOf(readFileSync(CONSUMER, 'utf8')).map(({ specifier }) => specifier);
  expect(imported.filter((specifier) => !specifier.startsWith('.')).sort()).toEqual(entries.sort());
});

test('every entry point of JavaScript names its declarations', () => {
  for (const { name, exports = {} } of publishedPackages())
    for (const [path, target] of Object.entries(exports)) {
      if (typeof target === 'string') expect(target, name + path).not.toMatch(/\.js$/);
      else
        expect(Object.entries(target)).toEqual([
          ['types', target.default.replace(/\.js$/, '.d.ts')],
          ['default', target.default],
        ]);
    }
});
