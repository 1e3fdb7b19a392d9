import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = new URL('../dist/threads/', import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.js'));
const codeOf = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');

function importsOf(code: string): string[] {
  return [...code.matchAll(/^import (?:.* from )?"(.+)";$/gm)].map(([, specifier]) => specifier as string);
}

/** What costs a thread little, or is there before it begins. */
const CHEAP = ['node:buffer', 'node:fs', 'node:path', 'node:util', 'node:v8', 'node:vm', 'node:zlib'];

describe('what a plugin thread loads', () => {
  it.each(['parser.js', 'byte-source.js'])('is %s and a little of Node, and nothing else at its start', (program) => {
    expect(importsOf(codeOf(program)).filter((specifier) => !CHEAP.includes(specifier))).toEqual([]);
  });

  it.each(['parser.js', 'byte-source.js'])('has WASI in a file of its own, beside %s', (program) => {
    const code = codeOf(program);
    const [, wasi = ''] = /import\("\.\/(.*wasi.*\.js)"\)/.exec(code) ?? [];
    expect(files).toContain(wasi);
    expect(code).not.toContain('class WasiHost');
    expect(codeOf(wasi)).toContain('class');
  });

  it('names files by where they were before they were bundled', () => {
    const named = files.flatMap((name) =>
      [...codeOf(name).matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g)].map(([, path]) => path as string),
    );
    expect(named).not.toEqual([]);
    for (const path of named) expect(existsSync(fileURLToPath(new URL(path, FOLDER))), path).toBe(true);
  });

  it('holds the licence of each package that is bundled', () => {
    const bundled = files.flatMap((name) => [...codeOf(name).matchAll(/node_modules\/([^/.][^/]*)\/dist/g)]);
    const packages = [...new Set(bundled.map(([, name]) => name as string))];
    expect(packages).toContain('comlink');
    for (const name of packages) expect(existsSync(new URL(`${name}-terms.txt`, FOLDER)), name).toBe(true);
  });
});
