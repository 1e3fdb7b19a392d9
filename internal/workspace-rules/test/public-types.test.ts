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
      .filter(([path, target]) => !path.startsWith('./internal') && target.endsWith('.js'))
      .map(([path]) => name + path.slice(1)),
  );
  const imported = importsOf(readFileSync(CONSUMER, 'utf8')).map(({ specifier }) => specifier);
  expect(imported.filter((specifier) => !specifier.startsWith('.')).sort()).toEqual(entries.sort());
});
