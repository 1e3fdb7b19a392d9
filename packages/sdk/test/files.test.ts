import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPlugin } from '#index.js';
import { type ByteSourceExports, type ConfigItem, loadByteSource } from '#testing/index.js';

const root = mkdtempSync(join(tmpdir(), 'chipmunk-sdk-files-'));
let component: Uint8Array;

beforeAll(async () => {
  mkdirSync(join(root, 'logs/deep'), { recursive: true });
  writeFileSync(join(root, 'top.log'), 'top');
  writeFileSync(join(root, 'logs/größe 1.log'), '0123456789');
  writeFileSync(join(root, 'logs/deep/end.log'), 'deep');
  const entry = fileURLToPath(new URL('assembly/files.ts', import.meta.url));
  ({ component } = await buildPlugin({ kind: 'bytesource', entry, name: 'files' }));
});
afterAll(() => rmSync(root, { recursive: true }));

type Directories = Readonly<Record<string, string>>;
interface Asked {
  readonly path: string;
  readonly ask?: string;
  readonly position?: number;
}

async function started(directories: Directories, { path, ask = '', position = 0 }: Asked): Promise<ByteSourceExports> {
  const { exports } = await loadByteSource(component, { directories });
  const config: ConfigItem[] = [
    { id: 'path', value: { tag: 'text', val: path } },
    { id: 'ask', value: { tag: 'text', val: ask } },
    { id: 'position', value: { tag: 'integer', val: position } },
  ];
  exports.init({ logLevel: 'info' }, config);
  return exports;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const logs = join(root, 'logs');

describe('a file', () => {
  test.each<[string, string, Directories, string]>([
    ['by an absolute path', '/x/größe 1.log', { '/x': logs }, '0123456789'],
    ['in the root', '/top.log', { '/': root }, 'top'],
    ['by a bare name', 'top.log', { '.': root }, 'top'],
    ['by a relative path', './logs/deep/end.log', { './logs/deep': join(logs, 'deep') }, 'deep'],
    ['by a path that leads up', '../x/top.log', { '../x': root }, 'top'],
    ['below a directory', '/x/deep/end.log', { '/x': logs }, 'deep'],
    ['in the longest directory', '/x/deep/end.log', { '/': '/', '/x/deep': join(logs, 'deep'), '/x': root }, 'deep'],
    ['in a directory, not in one with a similar name', '/xy/top.log', { '/x': logs, '/xy': root, '/xyz': logs }, 'top'],
    ['with slashes and dots to spare', '/x//./deep/end.log', { '/x//.': logs }, 'deep'],
    ['by a path of Windows', 'C:\\x\\deep\\end.log', { '.': logs, 'C:\\x': logs }, 'deep'],
    ['by a relative path of Windows', 'x\\top.log', { x: root }, 'top'],
  ])('is found %s', async (_, path, directories, content) => {
    expect(text((await started(directories, { path })).read(100n))).toBe(content);
  });

  test.each<[string, string, Directories, string]>([
    ['is not there', '/x/no.log', { '/x': root }, 'there is no such file or directory'],
    ['is a directory', '/x/logs', { '/x': root }, 'it is a directory'],
    ['is a granted directory', '/x/', { '/x': root }, 'it is a directory'],
    ['is no directory on the way', '/x/top.log/a', { '/x': root }, 'a part of the path is not a directory'],
    ['was not granted', '/y/top.log', { '/x': root, '.': root }, 'it lies in no directory that was granted'],
    ['is relative, where only others were granted', 'x/top.log', { '/x': root }, 'it lies in no directory that'],
    ['is absolute, where only relative ones were granted', '/top.log', { '.': root }, 'it lies in no directory that'],
    ['is asked for without any grant', 'top.log', {}, 'it lies in no directory that was granted'],
    ['has no name', '', { '/x': root }, 'it lies in no directory that was granted'],
  ])('that %s is refused in words', async (_, path, directories, message) => {
    await expect(started(directories, { path })).rejects.toMatchObject({
      tag: 'io',
      val: expect.stringContaining(message),
    });
  });

  test.each([
    [0, 4n, '0123'],
    [3, 4n, '3456'],
    [3, 7n, '3456789'],
    [8, 4n, '89'],
    [10, 4n, ''],
    [99, 4n, ''],
    [3, 0n, ''],
  ])('is read at %i, %i bytes', async (position, length, content) => {
    const source = await started({ '/x': logs }, { path: '/x/größe 1.log', position });
    for (let i = 0; i < 3; i++) expect(text(source.read(length))).toBe(content);
  });

  test('tells its size', async () => {
    const source = await started({ '/x': logs }, { path: '/x/größe 1.log', ask: 'size' });
    expect(text(source.read(1n))).toBe('10');
  });

  test('is not read after it was closed', async () => {
    const source = await started({ '/x': root }, { path: '/x/top.log', ask: 'close' });
    expect(() => source.read(1n)).toThrow(expect.objectContaining({ tag: 'io', val: 'the file was closed' }));
  });
});

describe('a directory', () => {
  test.each([
    ['/x', 'logs/ top.log'],
    ['/x/logs', 'deep/ größe 1.log'],
    ['/x/logs/deep/.', 'end.log'],
  ])('%s is listed', async (path, names) => {
    const source = await started({ '/x': root }, { path, ask: 'list' });
    for (let i = 0; i < 2; i++) expect(text(source.read(1n))).toBe(names);
  });

  test.each([
    ['/x/no', 'there is no such file or directory'],
    ['/x/top.log', 'a part of the path is not a directory'],
    ['/y', 'it lies in no directory that was granted'],
  ])('%s is refused in words', async (path, val) => {
    const source = await started({ '/x': root }, { path, ask: 'list' });
    expect(() => source.read(1n)).toThrow(expect.objectContaining({ tag: 'io', val }));
  });
});

describe('a component', () => {
  const names = (binary: Uint8Array) =>
    new Set(
      Buffer.from(binary)
        .toString('latin1')
        .match(/wasi:[a-z/-]+@\d+\.\d+\.\d+/g),
    );
  const plugin = (name: string, statement: string) => ({
    kind: 'parser' as const,
    name,
    source: `
import { File, Input, Items, Parser, readDirectory, Version } from '@chipmunk-host/sdk/assembly';
class Small extends Parser {
  version(): Version { return new Version(1, 0, 0); }
  parse(input: Input, out: Items): void { ${statement} out.skip(input.length); }
}
export function create(): Parser { return new Small(); }
`,
  });

  test('imports nothing of WASI when the plugin uses no files', async () => {
    const built = await buildPlugin(plugin('none', ''));
    expect(names(built.component)).toEqual(new Set());
  });

  test('imports of WASI what the plugin uses', async () => {
    const built = await buildPlugin(plugin('some', "if (File.open('a').error !== null) out.eof();"));
    expect(names(built.component)).toEqual(new Set(['wasi:filesystem/types@0.2.0', 'wasi:filesystem/preopens@0.2.0']));
    const content = Buffer.from(built.component).toString('latin1');
    expect(content).toContain('[method]descriptor.open-at');
    expect(content).not.toContain('read-directory');
    expect(content).not.toContain('descriptor.stat');
    expect(names(component)).toContain('wasi:clocks/wall-clock@0.2.0');
  });
});
