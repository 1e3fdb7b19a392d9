/** The packages as they are published: packed, installed with npm into an empty folder, and used from there. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PublishedPackage, packAll, publishedPackages } from '../../../scripts/pack.mjs';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const MANAGER = '@chipmunk-host/manager';
/** What an embedder installs should come to no more than this. */
const MOST_BYTES = 20_000_000;

let directory: string;
let archives: Map<string, string>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'packed-test-'));
  archives = packAll(join(directory, 'packs'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('an embedder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await installed('embedder', closureOf(MANAGER));
  });

  test('installs 20 MB or less', () => {
    const sizes = new Map(packagesIn(folder).map((path) => [path, diskBytes(join(folder, 'node_modules', path))]));
    expect(sizes.get(MANAGER)).toBeGreaterThan(0);
    const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    expect(total, JSON.stringify(Object.fromEntries(sizes), null, 2)).toBeLessThan(MOST_BYTES);
  });

  test("compiles and runs the README's example", async () => {
    const example = /```ts\n([\s\S]*?)```/.exec(await readFile(join(ROOT, 'README.md'), 'utf8'))?.[1] ?? '';
    await writeFile(join(folder, 'example.ts'), example);
    await writeFile(join(folder, 'trace.log'), 'first\nsecond\nthird');
    npm(folder, 'install', ...typesForNode());
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2024,esnext.disposable'];
    run(folder, process.execPath, [TSC, ...options, '--types', 'node', 'example.ts']);
    const printed = run(folder, process.execPath, ['example.js']);
    expect(printed).toMatch(/^0 first\n6 second\n13 third\n\{/);
    expect(printed).toMatch(/status: 'completed'/);
  });
});

test('every published package is installed together, and its commands start', async () => {
  const packages = publishedPackages();
  const folder = await installed('everything', packages);
  expect(packagesIn(folder)).toEqual(expect.arrayContaining(packages.map(({ name }) => name)));
  for (const { bin, version } of packages)
    for (const command of Object.keys(bin ?? {}))
      expect(run(folder, join(folder, 'node_modules', '.bin', command), ['--version'])).toBe(`${version}\n`);
});

test('what is published has its licence, and nothing that only a build needs', async () => {
  const licence = await readFile(join(ROOT, 'LICENSE'), 'utf8');
  for (const [name, path] of archives) {
    const files = run(directory, 'tar', ['-tzf', path]).split('\n');
    expect(files, name).toContain('package/README.md');
    expect(files.filter((file) => /\.(d\.ts\.map|tsbuildinfo|log)$|\.turbo|\/(src|test|fuzz)\//.test(file))).toEqual(
      [],
    );
    expect(run(directory, 'tar', ['-xzOf', path, 'package/LICENSE']), name).toBe(licence);
    expect(run(directory, 'tar', ['-xzOf', path, 'package/package.json'])).not.toMatch(/"(workspace|catalog|link):/);
  }
});

test('what is published can be found, and its source maps have their sources', async () => {
  for (const { name, folder: home, keywords = [] } of publishedPackages()) {
    expect(keywords.length, name).toBeGreaterThan(3);
    const folder = await mkdtemp(join(directory, 'content-'));
    run(folder, 'tar', ['-xzf', archives.get(name) ?? '']);
    // A build leaves files of builds before it, which `npm run pack` removes first.
    const isNew = (file: string) =>
      existsSync(join(home, file.replace(/^package\/dist/, 'src').replace(/(\.d\.ts|\.js)$/, '.ts')));
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.(js|d\.ts)$/.test(file) && isNew(file),
    );
    let maps = 0;
    for (const file of files) {
      const [, map] = /^\/\/# sourceMappingURL=(.*)$/m.exec(await readFile(join(folder, file), 'utf8')) ?? [];
      if (map === undefined) continue;
      const { sources, sourcesContent } = JSON.parse(await readFile(join(folder, dirname(file), map), 'utf8'));
      expect(sourcesContent, file).toHaveLength(sources.length);
      maps++;
    }
    expect(maps, name).toBeGreaterThan(0);
  }
});

/** A published package and those of them that it needs. */
function closureOf(name: string): PublishedPackage[] {
  const all = publishedPackages();
  const wanted = new Set([name]);
  // From the top down, since each comes behind what it depends on.
  for (const each of all.toReversed())
    if (wanted.has(each.name)) for (const dependency of Object.keys(each.dependencies ?? {})) wanted.add(dependency);
  return all.filter((each) => wanted.has(each.name));
}

async function installed(name: string, packages: readonly PublishedPackage[]): Promise<string> {
  const folder = join(directory, name);
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  npm(folder, 'install', ...packages.map((each) => archives.get(each.name) ?? `no archive of ${each.name}`));
  return folder;
}

/** The version that this workspace has. */
function typesForNode(): string[] {
  const [, version] = /"@types\/node": (\S+)/.exec(run(ROOT, 'cat', ['pnpm-workspace.yaml'])) ?? [];
  return [`@types/node@${version}`];
}

function npm(folder: string, ...args: readonly string[]): void {
  // What npm was told by the program that started this one is about this workspace.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm|pnpm)_/i.test(name)));
  run(folder, 'npm', [...args, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], env);
}

function run(folder: string, program: string, args: readonly string[], env = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', env });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

function packagesIn(folder: string): string[] {
  const names = (path: string) =>
    readdirSync(join(folder, 'node_modules', path)).filter((name) => !name.startsWith('.'));
  return names('').flatMap((name) => (name.startsWith('@') ? names(name).map((below) => `${name}/${below}`) : [name]));
}

function diskBytes(path: string): number {
  const status = lstatSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, name) => sum + diskBytes(join(path, name)), 0);
}
