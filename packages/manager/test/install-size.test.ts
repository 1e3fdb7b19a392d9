import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What an embedder installs should come to no more than this. */
const MOST_BYTES = 20_000_000;

interface Manifest {
  readonly name: string;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test('the manager with all its dependencies has 20 MB or less', () => {
  const sizes = new Map<string, number>();
  visit(realpathSync(join(import.meta.dirname, '..')), sizes);
  expect([...sizes.keys()].some((folder) => folder.endsWith('binaryen'))).toBe(false);
  const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  expect(total, JSON.stringify(Object.fromEntries(sizes), null, 2)).toBeLessThan(MOST_BYTES);
});

/** Sizes by folder, of a package and all that it depends on. */
function visit(folder: string, sizes: Map<string, number>): void {
  if (sizes.has(folder)) return;
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const published = manifest.files?.filter((entry) => !entry.includes('*') && !entry.startsWith('!'));
  const isOurs = manifest.name.startsWith('@chipmunk-host/');
  const parts = isOurs ? (published ?? []).map((entry) => join(folder, entry)) : [folder];
  sizes.set(
    folder,
    parts.reduce((sum, part) => sum + diskBytes(part), 0),
  );
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const found = findPackage(folder, name);
    if (found !== undefined) visit(found, sizes);
  }
}

/** As Node looks for a package; optional ones for other platforms are not there. */
function findPackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = join(folder, '..')) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return realpathSync(candidate);
    if (folder === join(folder, '..')) return undefined;
  }
}

function diskBytes(path: string): number {
  if (!existsSync(path)) return 0;
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return 0;
  if (!status.isDirectory()) return path.endsWith('.tsbuildinfo') ? 0 : status.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + diskBytes(join(path, name)), 0);
}
