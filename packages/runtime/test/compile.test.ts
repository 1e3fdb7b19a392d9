import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import { compile } from '@chipmunk-host/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { heldTranspiler } from '#main/compile/held-transpiler.js';

/** A component whose core module exports `coreName`, lifted as the function `run`. The number makes its content unique. */
async function component(coreName: string, unique: number): Promise<Uint8Array> {
  const name = JSON.stringify(coreName);
  return parseWat(`(component
    (core module $m (func (export ${name}) (result i32) i32.const ${unique}))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i ${name})))
    (export "run" (func $f)))`);
}

let directory: string;
let unique = Date.now() % 1_000_000;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'compile-test-'));
  unique++;
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('compile', () => {
  test('a component becomes glue and shared modules, once for the same bytes', async () => {
    const bytes = await component('run', unique);
    const [first, second] = await Promise.all([compile(bytes), compile(new Uint8Array(bytes))]);
    expect(second).toBe(first);
    expect(await compile(bytes)).toBe(first);
    expect(first.exports).toEqual(['run']);
    expect(first.glue).toContain('function instantiate');
    expect(first.modules.size).toBe(1);
  });

  test('the transpiler is held for the components that follow', async () => {
    await compile(await component('run', unique));
    expect(heldTranspiler()).toContainEqual(expect.any(WebAssembly.Module));
  });

  test.each([
    ['nothing', new Uint8Array(0), /is empty/],
    ['text', Buffer.from('a log line'), /not WebAssembly/],
    ['a core module', Buffer.from('0061736d01000000', 'hex'), /core WebAssembly module/],
    ['an unknown version', Buffer.from('0061736d0e000100', 'hex'), /unknown version/],
    ['a section that is cut off', Buffer.from('0061736d0d000100017f', 'hex'), /damaged/],
    ['a section that is not known', Buffer.from('0061736d0d0001007f00', 'hex'), /not valid/],
  ])('%s is refused by name', async (_, bytes, message) => {
    await expect(compile(bytes)).rejects.toMatchObject({ code: 'ERR_PLUGIN_INVALID', message });
  });

  test('a binary over the size limit is refused before it is looked at', async () => {
    await expect(compile(new Uint8Array(100), { maxBytes: 99 })).rejects.toThrow(/at most 99/);
  });

  test('compiling that takes longer than the deadline is given up', async () => {
    await expect(compile(await component('run', unique), { deadlineMs: 1 })).rejects.toMatchObject({
      code: 'ERR_PLUGIN_TIMEOUT',
      phase: 'load',
    });
  });

  test.each(["a'],globalThis.hostile=1,exports0['a", 'a`;globalThis.hostile=1;`', 'a\\', 'a\nb', 'a"b'])(
    'the core export name %j never gets near the host',
    async (name) => {
      await expect(compile(await component(name, unique))).rejects.toMatchObject({
        code: 'ERR_PLUGIN_INVALID',
        message: expect.stringContaining('name that is not allowed'),
      });
      expect(globalThis).not.toHaveProperty('hostile');
    },
  );

  describe('cache', () => {
    const withCache = async (bytes: Uint8Array) => {
      const warnings: string[] = [];
      const { glue } = await compileAfresh(bytes, directory, warnings);
      return { glue, warnings };
    };

    test('output is kept for its owner alone and used again', async () => {
      const bytes = await component('run', unique);
      const first = await withCache(bytes);
      const [folder = ''] = await readdir(directory);
      expect((await stat(join(directory, folder))).mode & 0o777).toBe(0o700);
      expect((await stat(join(directory, folder, 'component.js'))).mode & 0o777).toBe(0o600);
      const before = (await stat(join(directory, folder))).ino;
      expect(await withCache(bytes)).toEqual(first);
      expect((await stat(join(directory, folder))).ino).toBe(before);
    });

    test('glue that was changed is not run but made anew', async () => {
      const bytes = await component('run', unique);
      const first = await withCache(bytes);
      const [folder = ''] = await readdir(directory);
      const kept = join(directory, folder, 'component.js');
      const before = await readFile(kept, 'utf8');
      await writeFile(kept, 'export function instantiate() { globalThis.hostile = 1; }');
      const second = await withCache(bytes);
      expect(second.glue).toBe(first.glue);
      expect(second.warnings.join()).toMatch(/component\.js was changed/);
      expect(await readFile(kept, 'utf8')).toBe(before);
    });

    test('a folder that other users may write to is not used', async () => {
      const bytes = await component('run', unique);
      await withCache(bytes);
      await chmod(directory, 0o777);
      expect((await withCache(bytes)).warnings.join()).toMatch(/other users may write/);
    });

    test.each([
      '',
      '{',
      '{"format":1}',
      '{"format":99,"toolchain":"x","files":{}}',
      '{"format":1,"files":{"../x":"y"}}',
    ])('the manifest %j costs only time', async (manifest) => {
      const bytes = await component('run', unique);
      const first = await withCache(bytes);
      const [folder = ''] = await readdir(directory);
      await writeFile(join(directory, folder, 'manifest.json'), manifest);
      const second = await withCache(bytes);
      expect(second.glue).toBe(first.glue);
      expect(second.warnings.length).toBe(1);
    });

    test('a cache directory that cannot be made is a warning', async () => {
      const file = join(directory, 'file');
      await writeFile(file, '');
      const warnings: string[] = [];
      await compile(await component('run', unique), {
        cacheDirectory: join(file, 'cache'),
        onWarning: (w) => warnings.push(w),
      });
      expect(warnings.join()).toMatch(/cannot be kept/);
    });
  });
});

/** Compiles in a process of its own, so that only what is on disk can be used again. */
async function compileAfresh(bytes: Uint8Array, cacheDirectory: string, warnings: string[]) {
  const home = await mkdtemp(join(tmpdir(), 'compile-test-'));
  const file = join(home, 'component.wasm');
  await writeFile(file, bytes);
  const source = `
    import { compile } from '@chipmunk-host/runtime';
    import { readFileSync } from 'node:fs';
    const warnings = [];
    const { glue } = await compile(readFileSync(process.argv[1]), { cacheDirectory: process.argv[2], onWarning: (w) => warnings.push(w) });
    console.log(JSON.stringify({ glue, warnings }));`;
  const output = await new Promise<string>((resolve, reject) => {
    const args = ['--input-type=module', '-e', source, file, cacheDirectory];
    execFile(process.execPath, args, { cwd: import.meta.dirname, maxBuffer: 1 << 26 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  await rm(home, { recursive: true });
  const result = JSON.parse(output) as { glue: string; warnings: string[] };
  warnings.push(...result.warnings);
  return result;
}
