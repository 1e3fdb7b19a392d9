/** Every Markdown file of the repository names only files, folders and scripts that exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** Folders that are installed or built, and hidden ones, which no document names. */
const SKIPPED = /^(?:node_modules|dist|target|\..*)$/;
const SOURCE_FILE = /\.(?:ts|mts|mjs|js|rs|wit)$/;
/** A folder with source code, as documents name it: `hosts/src/main/pool`, with or without what comes before it. */
const SOURCE_FOLDER = /(?:^|\/)(?:src|harness)(?:\/|$)/;

const files = listFiles(ROOT);
const paths = new Set(files.flatMap((file) => endsOf(file)));
const documents = files.filter((file) => file.endsWith('.md'));

test('there are documents, and files to compare them with', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md', 'packages/cli/README.md']));
  expect(paths).toContain('cli/test/documents.test.ts');
  expect(paths).toContain('hosts/src/main');
});

test.each(documents)('%s names only files and folders that exist', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target]) => target ?? '');
  const brokenLinks = links.filter((target) => !existsSync(join(ROOT, dirname(document), target)));
  const named = [...text.matchAll(/`([\w.@*{},/-]+)`/g)].flatMap(([, code]) => expanded(code ?? ''));
  const missing = named.filter((path) => (SOURCE_FILE.test(path) || SOURCE_FOLDER.test(path)) && !isThere(path));

  expect({ brokenLinks, missing }).toEqual({ brokenLinks: [], missing: [] });
});

test.each(documents)('%s names only scripts of npm that exist', (document) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const named = [...readFileSync(join(ROOT, document), 'utf8').matchAll(/npm run ([a-z][a-z:-]*)/g)];
  expect(named.map(([, script = '']) => script).filter((script) => !(script in scripts))).toEqual([]);
});

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.test(entry.name) || entry.isSymbolicLink()) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [relative(ROOT, path).replaceAll(sep, '/')];
  });
}

/** What a document may call a file, and the folders that it lies in: `a/b/c.ts`, `b/c.ts`, `c.ts`, `a/b`, `a`, `b`. */
function endsOf(file: string): string[] {
  const names = file.split('/');
  return names.flatMap((_, from) =>
    names.slice(from).map((_, length) => names.slice(from, from + length + 1).join('/')),
  );
}

/** `a/{b,c}.ts` stands for `a/b.ts` and `a/c.ts`. */
function expanded(path: string): string[] {
  const [whole, choices] = /\{([^{}]+)\}/.exec(path) ?? [];
  if (whole === undefined || choices === undefined) return [path];
  return choices.split(',').flatMap((choice) => expanded(path.replace(whole, choice)));
}

function isThere(path: string): boolean {
  const plain = path.replace(/^\.?\//, '').replace(/\/$/, '');
  if (!plain.includes('*')) return paths.has(plain);
  const pattern = new RegExp(`^${plain.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
  return [...paths].some((known) => pattern.test(known));
}
