import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { PluginExit } from '@chipmunk-host/runtime/internal/worker';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { directRun, PROBES, probe, startPlugin, type WasiPlugin } from './wasi-plugin.js';

let directory: string;
const plugins: WasiPlugin[] = [];
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'wasi-test-')));
});
afterEach(async () => {
  for (const plugin of plugins.splice(0)) plugin.host.close();
  await rm(directory, { recursive: true, force: true });
});

describe.each(PROBES)('%s', (file) => {
  let component: CompiledComponent;
  beforeAll(async () => {
    component = await probe(file);
  });
  const start: (
    ...options: [grants?: Parameters<typeof startPlugin>[1], limits?: Parameters<typeof startPlugin>[2]]
  ) => Promise<WasiPlugin> = async (grants, limits) => {
    const plugin = await startPlugin(component, grants, limits);
    plugins.push(plugin);
    return plugin;
  };

  test('nothing is there unless it is granted', async () => {
    const { run } = await start();
    expect(run('environment')).toBe('');
    expect(run('arguments')).toBe('');
    expect(run('stdin')).toBe('');
    expect(run('directory')).toBe('/');
    expect(run('list', '/')).toMatch(/^error/);
    expect(run('read', '/etc/passwd')).toMatch(/^error/);
    expect(run('read', 'package.json')).toMatch(/^error/);
    expect(run('write', join(directory, 'file'), 'x')).toMatch(/^error/);
    expect(await readdir(directory)).toEqual([]);
  });

  test('environment and arguments are those that were granted', async () => {
    const { run } = await start({ environment: { A: '1', UMLAUT: 'größer' }, arguments: ['probe', 'ä b', ''] });
    expect(run('environment')).toBe('A=1\nUMLAUT=größer\n');
    expect(run('arguments')).toBe('probe ä b ');
  });

  test('time and randomness are the machine’s, unless they are fixed', async () => {
    const machine = await start();
    expect(Math.abs(Number(machine.run('clock')) - Date.now() / 1000)).toBeLessThan(60);
    const fixed = { clock: { unixMs: 1_700_000_000_123 }, randomSeed: 7 };
    const [a, b] = [await start(fixed), await start(fixed)];
    expect(a.run('clock')).toBe('1700000000.123000000');
    expect(a.run('random')).toBe(b.run('random'));
    expect(a.run('random')).not.toBe(machine.run('random'));
  });

  test('a sleep passes the time of a fixed clock at once, up to the limit', async () => {
    const { run } = await start({ clock: { unixMs: 0 } }, { sleepMs: 5_000 });
    expect(run('sleep', '1500')).toBe('1500');
    expect(Number(run('sleep', '3600000'))).toBeLessThanOrEqual(5_000);
  });

  test('a sleep on the machine’s clock is a sleep', async () => {
    const { run } = await start();
    expect(Number(run('sleep', '5'))).toBeGreaterThanOrEqual(5);
  });

  test('what is printed becomes lines, the last one when output is flushed', async () => {
    const { run, host, output } = await start();
    run('print', 'one\ntwo');
    run('eprint', 'three');
    run('print-part', 'fo');
    run('print-part', 'ur');
    expect(output).toEqual(['stdout: one', 'stdout: two', 'stderr: three']);
    host.flush();
    expect(output.at(-1)).toBe('stdout: four');
    expect(host.lastStderrLines()).toEqual(['three']);
  });

  test('a panic traps, and its message is among the last lines of stderr', async () => {
    const { run, host } = await start();
    expect(() => run('panic', 'no such thing')).toThrow(WebAssembly.RuntimeError);
    expect(host.lastStderrLines().join('\n')).toContain('no such thing');
  });

  test('exit ends the plugin, not the process, and the instance is not used again', async () => {
    const { run, host } = await start();
    expect(() => run('exit', '3')).toThrow(PluginExit);
    expect(host.exitCode).toBe(1);
    expect(() => run('clock')).toThrow();
    const other = await start();
    expect(() => other.run('exit', '0')).toThrow('called exit(0)');
  });

  test('a readable directory can be listed and read, and is not changed', async () => {
    await writeFile(join(directory, 'größe.txt'), 'inhalt');
    await mkdir(join(directory, 'sub dir'));
    await writeFile(join(directory, 'sub dir', 'deep'), '0123456789');
    await utimes(join(directory, 'größe.txt'), 5, 77);
    const { run } = await start({ directories: [{ guestPath: directory, hostPath: directory, access: 'read' }] });
    const at = (name: string) => `${directory}/${name}`;
    expect(run('list', directory)).toBe('größe.txt sub dir/');
    expect(run('read', at('größe.txt'))).toBe('inhalt');
    expect(run('stat', at('größe.txt'))).toBe('file 6 77');
    expect(run('stat', directory)).toMatch(/^directory/);
    expect(run('read-at', at('sub dir/deep'), '3', '4')).toBe('3456');
    expect(run('read-at', at('sub dir/deep'), '8', '4')).toBe('error: UnexpectedEof');
    expect(run('read', at('sub dir/../größe.txt'))).toBe('inhalt');
    expect(run('read', at('missing'))).toBe('error: NotFound');
    for (const change of [
      ['write', at('größe.txt'), 'x'],
      ['write', at('new'), 'x'],
      ['append', at('größe.txt'), 'x'],
      ['write-new', at('new'), 'x'],
      ['set-length', at('größe.txt'), '0'],
      ['set-time', at('größe.txt'), '9'],
      ['make-directory', at('new')],
      ['remove-directory', at('sub dir')],
      ['remove', at('größe.txt')],
      ['remove-all', at('sub dir')],
      ['rename', at('größe.txt'), at('other')],
      ['link', at('größe.txt'), at('other')],
      ['copy', at('größe.txt'), at('other')],
    ])
      expect(run(...change), change[0]).toBe('error: PermissionDenied');
    expect((await readdir(directory)).sort()).toEqual(['größe.txt', 'sub dir']);
    expect(await readFile(at('größe.txt'), 'utf8')).toBe('inhalt');
  });

  test('a writable directory can be changed in every way', async () => {
    const { run } = await start({ directories: [{ guestPath: '/work', hostPath: directory, access: 'read-write' }] });
    expect(run('write', '/work/a', 'eins')).toBe('');
    expect(run('append', '/work/a', ' zwei')).toBe('');
    expect(run('read', '/work/a')).toBe('eins zwei');
    expect(run('write', '/work/a', 'neu')).toBe('');
    expect(run('write-new', '/work/a', 'x')).toBe('error: AlreadyExists');
    expect(run('set-length', '/work/a', '2')).toBe('');
    expect(run('set-time', '/work/a', '1234')).toBe('');
    expect(run('stat', '/work/a')).toBe('file 2 1234');
    expect(run('make-directory', '/work/d')).toBe('');
    expect(run('make-directory', '/work/d')).toBe('error: AlreadyExists');
    expect(run('make-directory', '/work/d/e/')).toBe('');
    expect(run('copy', '/work/a', '/work/d/copy')).toBe('2');
    expect(run('link', '/work/a', '/work/d/link')).toBe('');
    expect(run('rename', '/work/a', '/work/d/e/moved')).toBe('');
    expect(run('list', '/work/d')).toBe('copy e/ link');
    expect(run('remove-directory', '/work/d')).toMatch(/^error/);
    expect(run('remove', '/work/d/copy')).toBe('');
    expect(run('remove', '/work/d/e')).toMatch(/^error/);
    expect(run('remove-all', '/work/d')).toBe('');
    expect(await readdir(directory)).toEqual([]);
  });

  test('a file larger than one read arrives whole', async () => {
    await writeFile(join(directory, 'large'), Buffer.alloc(3_000_001, 'x'));
    const { run } = await start({ directories: [{ guestPath: '.', hostPath: directory, access: 'read' }] });
    expect(run('count', 'large')).toBe('3000001');
    expect(run('count', './large')).toBe('3000001');
  });

  test('only the granted names of a directory can be seen', async () => {
    await writeFile(join(directory, 'seen'), 's');
    await writeFile(join(directory, 'hidden'), 'h');
    await mkdir(join(directory, 'tree'));
    await symlink('hidden', join(directory, 'current'));
    await symlink('../hidden', join(directory, 'tree', 'sly'));
    const { run } = await start({
      directories: [{ guestPath: '/g', hostPath: directory, access: 'read', only: ['seen', 'tree', 'current'] }],
    });
    expect(run('list', '/g')).toBe('current@ seen tree/');
    expect(run('read', '/g/seen')).toBe('s');
    expect(run('read', '/g/hidden')).toBe('error: NotFound');
    expect(run('read', '/g/tree/../hidden')).toBe('error: NotFound');
    expect(run('read', '/g/tree/sly')).toBe('error: NotFound');
    // Granted by its name, and with it what it led to.
    expect(run('read', '/g/current')).toBe('h');
  });

  test('no more files are open than the limit says', async () => {
    await writeFile(join(directory, 'f'), '');
    const { run } = await start({ directories: [{ guestPath: '/g', hostPath: directory, access: 'read' }] });
    expect(run('hold', '/g/f', '60')).toBe('60');
    expect(run('hold', '/g/f', '65')).toMatch(/^error/);
    expect(run('hold', '/g/f', '60')).toBe('60');
  });

  test('the temporary directory is made when it is used, and bounded', async () => {
    const hostPath = join(directory, 'temporary');
    const { run } = await start({
      temporaryDirectory: { guestPath: '/tmp', hostPath, quota: { totalBytes: 1000, fileBytes: 600, entries: 4 } },
    });
    run('print', 'a line');
    expect(await readdir(directory)).toEqual([]);
    expect(run('write', '/tmp/a', 'x'.repeat(600))).toBe('');
    expect(run('append', '/tmp/a', 'x')).toMatch(/^error/);
    expect(run('write', '/tmp/b', 'x'.repeat(401))).toMatch(/^error/);
    expect(run('write', '/tmp/b', 'x'.repeat(400))).toBe('');
    expect(run('set-length', '/tmp/b', '401')).toMatch(/^error/);
    expect(run('remove', '/tmp/a')).toBe('');
    expect(run('write', '/tmp/c', 'x'.repeat(600))).toBe('');
    expect(run('rename', '/tmp/c', '/tmp/b')).toBe('');
    expect(run('write', '/tmp/d', 'x'.repeat(400))).toBe('');
    expect(run('make-directory', '/tmp/e')).toBe('');
    expect(run('make-directory', '/tmp/f')).toBe('');
    expect(run('make-directory', '/tmp/g')).toMatch(/^error/);
    expect(run('remove-all', '/tmp/f')).toBe('');
    expect(run('make-directory', '/tmp/g')).toBe('');
  });

  test.skipIf(process.platform === 'win32')('a FIFO is never opened', async () => {
    execFileSync('mkfifo', [join(directory, 'fifo')]);
    const { run } = await start({ directories: [{ guestPath: '/g', hostPath: directory, access: 'read-write' }] });
    expect(run('list', '/g')).toBe('fifo');
    for (const command of [
      ['read', '/g/fifo'],
      ['write', '/g/fifo', 'x'],
      ['append', '/g/fifo', 'x'],
      ['remove', '/g/fifo'],
      ['rename', '/g/fifo', '/g/other'],
      ['link', '/g/fifo', '/g/other'],
    ])
      expect(run(...command), command[0]).toBe('error: PermissionDenied');
  });

  test('a million direct calls that print leave nothing behind', async () => {
    const { instance, output } = await start({}, { outputBytesPerSecond: 1 });
    const direct = instance.direct('run');
    if (direct === undefined) throw new Error('The probe cannot be called directly.');
    const calls = (count: number) => {
      for (let i = 0; i < count; i++) directRun(direct, 'print|a line');
      output.length = 0;
      globalThis.gc?.();
      return process.memoryUsage();
    };
    const before = calls(100_000);
    const pluginBytes = direct.memory.buffer.byteLength;
    const after = calls(900_000);
    expect(direct.memory.buffer.byteLength).toBe(pluginBytes);
    expect(after.rss - before.rss).toBeLessThan(32 * 1024 * 1024);
  });
});
