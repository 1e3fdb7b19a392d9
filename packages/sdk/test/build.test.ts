import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { BuildError, buildPlugin } from '#index.js';
import { loadParser } from '#testing/index.js';

const command = fileURLToPath(new URL('../bin/chipmunk-plugin.js', import.meta.url));
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const root = mkdtempSync(join(tmpdir(), 'chipmunk-sdk-'));
let count = 0;

afterAll(() => rmSync(root, { recursive: true }));

const small = `
import { Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';
class Small extends Parser {
  version(): Version { return new Version(1, 0, 0); }
  parse(input: Input, out: Items): void { out.skip(input.length); }
}
export function create(): Parser { return new Small(); }
`;

/** A package with some files; returns its directory. */
function packageOf(files: Record<string, string>): string {
  const directory = join(root, `package-${count++}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

function packageJson(plugin: unknown): string {
  return JSON.stringify({ name: 'p', chipmunkPlugin: plugin });
}

function run(...flags: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...flags], { encoding: 'utf8' });
  // The compiler's diagnostics are coloured where the environment asks for it, as continuous integration may.
  return { code: status, out: stripVTControlCharacters(stdout), err: stripVTControlCharacters(stderr) };
}

async function failure(source: string, kind: 'parser' | 'bytesource' = 'parser'): Promise<string> {
  const error: unknown = await buildPlugin({ kind, name: 'p', source, debug: true }).catch((reason) => reason);
  expect(error).toBeInstanceOf(BuildError);
  return error instanceof BuildError ? error.message : '';
}

describe('chipmunk-plugin build', () => {
  test('writes the layout of a plugin directory', () => {
    const directory = packageOf({
      'package.json': packageJson({ kind: 'parser', entry: 'assembly/index.ts', name: 'small' }),
      'assembly/index.ts': small,
      'small.toml': 'title = "Small"',
      'README.md': 'Small',
    });
    const { code, out, err } = run('build', directory, '--debug');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('small.wasm');
    for (const file of ['small.wasm', 'small.toml', 'README.md'])
      expect(existsSync(join(directory, 'dist', file))).toBe(true);
  });

  test('takes everything from flags', () => {
    const directory = packageOf({ 'index.ts': small });
    const flags = ['--kind', 'parser', '--entry', 'index.ts', '--name', 'flagged', '--out-dir', 'out', '--debug'];
    expect(run('build', directory, ...flags).code).toBe(0);
    expect(existsSync(join(directory, 'out', 'flagged.wasm'))).toBe(true);
  });

  test.each<[string, Record<string, string>, string[], number, RegExp]>([
    ['no package', {}, [], 1, /kind, entry, name missing/],
    ['no config', { 'package.json': '{}' }, [], 1, /"chipmunkPlugin": \{/],
    ['a package that is not JSON', { 'package.json': '{' }, [], 1, /package\.json is not JSON/],
    ['a config that is no object', { 'package.json': packageJson(7) }, [], 1, /not an object/],
    ['a misspelt key', { 'package.json': packageJson({ kid: 'parser' }) }, [], 1, /unknown key 'kid'/],
    ['a key of the wrong type', { 'package.json': packageJson({ kind: 1 }) }, [], 1, /kind is not a string/],
    ['half a config', { 'package.json': packageJson({ kind: 'parser' }) }, [], 1, /: entry, name missing/],
    [
      'an unknown kind',
      { 'package.json': packageJson({ kind: 'x', entry: 'a.ts', name: 'n' }) },
      [],
      1,
      /kind of plugin 'x'/,
    ],
    ['an unknown kind in a flag', {}, ['--kind', 'x', '--entry', 'a.ts', '--name', 'n'], 2, /parser or bytesource/],
    ['a missing entry', {}, ['--kind', 'parser', '--entry', 'a.ts', '--name', 'n'], 1, /no entry file .*a\.ts/],
    [
      'a name that is a path',
      {},
      ['--kind', 'parser', '--entry', 'a.ts', '--name', '../n'],
      2,
      /'\.\.\/n' is not a valid plugin name/,
    ],
    ['an unknown flag', {}, ['--fast'], 2, /unknown option '--fast'/],
  ])('says what is wrong with %s', (_, files, flags, code, message) => {
    const result = run('build', packageOf({ '.keep': '', ...files }), ...flags);
    expect(result.err).toMatch(message);
    expect(result.err).not.toContain('    at ');
    expect(result.code).toBe(code);
  });

  test("shows the compiler's diagnostics with file and line", () => {
    const directory = packageOf({
      'package.json': packageJson({ kind: 'parser', entry: 'assembly/index.ts', name: 'small' }),
      'assembly/index.ts': small.replace('new Version(1, 0, 0)', 'new Version("one", 0, 0)'),
    });
    const { code, err } = run('build', directory);
    expect(err).toMatch(/ERROR .*Type '~lib\/string\/String' is not assignable to type 'u16'/);
    expect(err).toContain('assembly/index.ts(4,');
    expect(err).not.toContain('    at ');
    expect(code).toBe(1);
  });
});

describe('a plugin does not build', () => {
  test('when its class lacks a method', async () => {
    const message = await failure(small.replace(/parse\(.*/, ''));
    expect(message).toMatch(/Non-abstract class 'plugin\/Small' does not implement .*parse/);
  });

  test('when it exports no create', async () => {
    expect(await failure(small.replace('export function create', 'function create'))).toMatch(
      /exported member 'create'/,
    );
  });

  test('when create returns another kind', async () => {
    expect(await failure(small, 'bytesource')).toMatch(/'.*Parser' is not assignable to type '.*ByteSource'/);
  });

  test.each(['console.log("x")', 'trace("x")', 'Math.random()'])('when it uses %s', async (call) => {
    const message = await failure(small.replace('out.skip(', `${call}; out.skip(`));
    expect(message).toMatch(/what a Chipmunk host does not offer: env /);
  });

  test('when a module it imports is nowhere', async () => {
    expect(await failure(`import { x } from './nowhere';\n${small}`)).toMatch(/File 'nowhere\.ts' not found/);
  });
});

describe('a built plugin', () => {
  test('has names only if asked for', async () => {
    const plain = await buildPlugin({ kind: 'parser', name: 'p', source: small });
    const named = await buildPlugin({ kind: 'parser', name: 'p', source: small, names: true });
    expect(Buffer.from(plain.component).includes('Small#parse')).toBe(false);
    expect(Buffer.from(named.component).includes('parser-exports/')).toBe(true);
    expect(plain.path).toBeUndefined();
    expect(plain.warnings).toBe('');
  });

  test("works as the README's example says", async () => {
    const source = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const { component } = await buildPlugin({ kind: 'parser', name: 'example', source });
    const { exports, log } = await loadParser(component);
    exports.init({ logLevel: 'info' }, [{ id: 'separator', value: { tag: 'integer', val: 59 } }]);
    expect(log).toEqual([{ level: 'info', message: 'records end with 59' }]);
    const texts = (input: string) => exports.parse(Buffer.from(input)).map((item) => item.value?.val);
    expect(texts('a;b;rest')).toEqual([
      { tag: 'line', val: 'a' },
      { tag: 'line', val: 'b' },
    ]);
    expect(texts('rest')).toEqual([{ tag: 'line', val: 'rest' }]);
  });
});
