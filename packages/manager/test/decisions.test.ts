import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginsManager, type PluginsManagerEvents } from '@chipmunk-host/manager';
import { newMark } from '@chipmunk-host/runtime/internal';
import { buildClaimant, claiming, renamed } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { install, setStage, texts } from './support.js';

const stage = setStage();
let claimant: Buffer;
beforeAll(async () => {
  claimant = await buildClaimant();
});

async function withOne(name: string): Promise<{ plugins: string; binary: string }> {
  const plugins = await stage.folder(name);
  const directory = await install(plugins, 'one', { 'one.wasm': claiming(claimant, 'schemas100') });
  return { plugins, binary: join(directory, 'one.wasm') };
}

const open = (directory: string) => PluginsManager.open({ directory, bundled: false });

describe('a plugin that is disabled', () => {
  test('is listed, but neither loaded nor used, until it is enabled, also by other managers', async () => {
    const { plugins } = await withOne('disabled');
    await using manager = await open(plugins);
    const changes: PluginsManagerEvents['changed'][] = [];
    manager.on('changed', (event) => changes.push(event));
    const before = manager.plugin('one');
    const disabled = await manager.disable('one');
    expect(disabled).toMatchObject({ state: 'disabled', info: undefined });
    expect(changes).toEqual([{ plugin: disabled, before }]);
    const source = { file: await stage.file('disabled.log', 'x\n') };
    for (const plugin of ['one', disabled.path])
      await expect(manager.ingest({ source, parser: { plugin } })).rejects.toMatchObject({
        code: 'ERR_PLUGIN_DISABLED',
        help: 'Enable it first.',
      });
    await using other = await open(plugins);
    expect(other.plugin('one').state).toBe('disabled');
    await other.enable('one');
    await manager.reload();
    expect(manager.plugin('one').state).toBe('valid');
    await using session = await manager.ingest({ source, parser: { plugin: 'one' } });
    expect(await texts(session)).toEqual(['x\n']);
  });

  test('goes on in sessions that run', async () => {
    const { plugins } = await withOne('disabled-running');
    await using manager = await open(plugins);
    const source = { file: await stage.file('running.log', 'still here') };
    await using session = await manager.ingest({ source, parser: { plugin: 'one' } });
    await manager.disable('one');
    expect(await texts(session)).toEqual(['still here']);
  });
});

describe('a plugin that is pinned', () => {
  test.skipIf(process.platform === 'win32')(
    'when its binary has become a FIFO is refused, and not waited for',
    async () => {
      const { plugins, binary } = await withOne('pinned-fifo');
      await using manager = await open(plugins);
      await rm(binary);
      execFileSync('mkfifo', [binary]);
      await expect(manager.pin('one')).rejects.toMatchObject({
        code: 'ERR_PLUGIN_INVALID',
        message: expect.stringContaining('it is not a regular file'),
      });
    },
  );

  test('runs with its binary, and with no other one until that is accepted', async () => {
    const { plugins, binary } = await withOne('pinned');
    await using manager = await open(plugins);
    const pinned = await manager.pin('one');
    expect(pinned).toMatchObject({ state: 'valid', pinned: pinned.hash });

    await writeFile(binary, renamed(claimant, 'another'));
    const source = { file: await stage.file('pinned.log', 'x') };
    const refused = { code: 'ERR_PLUGIN_CHANGED', message: expect.stringContaining(`is pinned to ${pinned.hash}`) };
    for (const plugin of ['one', binary])
      await expect(manager.ingest({ source, parser: { plugin } })).rejects.toMatchObject(refused);
    await expect(manager.inspect('one')).rejects.toMatchObject(refused);
    expect(manager.plugin('one')).toMatchObject({ state: 'pin-mismatch', info: undefined, pinned: pinned.hash });
    await using lazy = await PluginsManager.open({ directory: plugins, bundled: false, load: 'lazy' });
    await expect(lazy.ingest({ source, parser: { plugin: 'one' } })).rejects.toMatchObject({
      code: 'ERR_PLUGIN_CHANGED',
    });

    const accepted = await manager.acceptPin('one');
    expect(accepted).toMatchObject({ state: 'valid', pinned: accepted.hash });
    expect(accepted.hash).not.toBe(pinned.hash);
    await using session = await manager.ingest({ source, parser: { plugin: 'one' } });
    expect(await texts(session)).toEqual(['x']);
  });

  test('is one of the listed binary when it is accepted, not of one that came since', async () => {
    const { plugins, binary } = await withOne('accepted-late');
    await using manager = await open(plugins);
    await manager.pin('one');
    await writeFile(binary, renamed(claimant, 'seen'));
    await manager.reload();
    await writeFile(binary, renamed(claimant, 'not seen'));
    expect((await manager.acceptPin('one')).state).toBe('pin-mismatch');
  });

  test('is not looked into while its binary is another one', async () => {
    const { plugins, binary } = await withOne('not-looked-into');
    await using manager = await open(plugins);
    await manager.pin('one', 'ab'.repeat(32));
    await writeFile(binary, claiming(claimant, 'traps'));
    await manager.reload();
    expect(manager.plugin('one')).toMatchObject({ state: 'pin-mismatch', error: undefined });
    expect((await manager.unpin('one')).state).toBe('invalid');
  });

  test('needs a hash that is one, and a pin to accept', async () => {
    const { plugins } = await withOne('no-pin');
    await using manager = await open(plugins);
    await expect(manager.pin('one', 'abc')).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    await expect(manager.acceptPin('one')).rejects.toThrow("'one' is not pinned");
    expect(manager.plugin('one').pinned).toBeUndefined();
  });
});

test('what the previous version is, an update tells', async () => {
  const { plugins } = await withOne('updated');
  await using manager = await open(plugins);
  const before = manager.plugin('one');
  const source = await stage.file('one.wasm', renamed(claimant, 'next'));
  const updated = await manager.update(source);
  expect(updated.previous).toEqual({ hash: before.hash, version: { major: 1, minor: 0, patch: 0 } });
  expect((await manager.rollback('one')).hash).toBe(before.hash);
});

describe('the doctor', () => {
  // A folder of its own for temporary files: in the usual one, other programs' tests may leave something to be found.
  beforeAll(async () => {
    process.env.TMPDIR = await stage.folder('tmp');
  });

  test('reports temporary directories that killed processes left behind, and that they are removed', async () => {
    const { plugins } = await withOne('leftovers');
    const ended = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
    await once(ended, 'exit');
    const mark = newMark().replace(`-${process.pid}-`, `-${ended.pid}-`);
    const path = await stage.folder('tmp', `chipmunk-host-${mark}`);
    await stage.file(join('tmp', `chipmunk-host-${mark}`, 'file'), '');
    await using manager = await open(plugins);
    expect((await manager.doctor()).findings).toEqual([
      {
        severity: 'warning',
        subject: { kind: 'leftover', path },
        message: expect.stringContaining('left behind by a process that was ended'),
        help: 'It has been removed.',
      },
    ]);
    expect(await readdir(await stage.folder('tmp'))).toEqual([]);
    await using next = await open(plugins);
    expect((await next.doctor()).findings).toEqual([]);
  });

  test('finds nothing wrong where nothing is', async () => {
    const { plugins } = await withOne('healthy');
    await using manager = await open(plugins);
    expect(await manager.doctor()).toEqual({ directory: plugins, plugins: 1, findings: [] });
  });

  test('says of each fault what is wrong and what to do', async () => {
    const { plugins, binary } = await withOne('sick');
    await install(plugins, 'trapping', { 'trapping.wasm': claiming(claimant, 'traps') });
    await install(plugins, 'odd', { 'odd.wasm': claimant, 'odd.toml': 'title = 7' });
    await install(plugins, 'nameless', { 'other.wasm': claimant });
    await install(plugins, join('..', 'bytesources', 'stray'), { 'stray.wasm': claimant });
    await using manager = await open(plugins);
    await manager.pin('one');
    await writeFile(binary, renamed(claimant, 'changed'));
    await manager.reload();
    await writeFile(join(plugins, '.chipmunk-host', 'cache.json'), '{"format":');
    const { findings } = await manager.doctor();
    expect(findings.map(({ severity, subject, message }) => [severity, subject, message])).toEqual(
      expect.arrayContaining([
        ['error', { kind: 'plugin', plugin: { kind: 'parser', name: 'one' } }, expect.stringContaining('is pinned to')],
        [
          'error',
          { kind: 'plugin', plugin: { kind: 'parser', name: 'trapping' } },
          expect.stringContaining('unreachable'),
        ],
        [
          'error',
          { kind: 'plugin', plugin: { kind: 'bytesource', name: 'stray' } },
          expect.stringContaining('is a parser'),
        ],
        ['warning', { kind: 'plugin', plugin: { kind: 'parser', name: 'odd' } }, expect.stringContaining("'title'")],
        [
          'warning',
          expect.objectContaining({ kind: 'directory' }),
          expect.stringContaining('nameless.wasm is missing'),
        ],
        ['warning', expect.objectContaining({ kind: 'cache' }), expect.stringContaining('The cache was not used')],
      ]),
    );
    expect(findings.every(({ help }) => help.length > 0)).toBe(true);
  });
});

test('nothing of ours is put among the plugins, and the cache of Chipmunk is not touched', async () => {
  const { plugins } = await withOne('tidy');
  await writeFile(join(plugins, '.cache'), 'of Chipmunk');
  await using manager = await open(plugins);
  await manager.pin('one');
  await manager.disable('one');
  await manager.reload();
  expect((await readdir(plugins)).sort()).toEqual(['.cache', '.chipmunk-host', 'bytesources', 'parsers']);
  expect(await readdir(join(plugins, 'parsers'))).toEqual(['one']);
  expect(await readdir(join(plugins, 'parsers', 'one'))).toEqual(['one.wasm']);
  expect(await readFile(join(plugins, '.cache'), 'utf8')).toBe('of Chipmunk');
});
