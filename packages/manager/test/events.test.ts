import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PluginEntry, PluginsManager, type PluginsManagerEvent } from '@chipmunk-host/manager';
import { buildClaimant, buildFragile, claiming, renamed } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { install, setStage, texts } from './support.js';

const stage = setStage();
let claimant: Buffer;
let fragile: Uint8Array;
beforeAll(async () => {
  [claimant, fragile] = await Promise.all([buildClaimant(), buildFragile()]);
});

const open = (directory: string) => PluginsManager.open({ directory, bundled: false });

/** The next event of that name, whatever comes before. */
function next<Name extends PluginsManagerEvent>(manager: PluginsManager, name: Name) {
  return new Promise<{ readonly plugin: PluginEntry }>((resolve) => {
    const off = manager.on(name, (event) => {
      off();
      resolve(event as unknown as { readonly plugin: PluginEntry });
    });
  });
}

describe('a snapshot', () => {
  test('is the same as long as nothing has changed, and only what has changed is another entry', async () => {
    const plugins = await stage.folder('snapshots');
    await install(plugins, 'one', { 'one.wasm': claimant });
    const two = await install(plugins, 'two', { 'two.wasm': claimant });
    await using manager = await open(plugins);
    const before = manager.plugins();
    await manager.reload();
    expect(manager.plugins()).toBe(before);
    await writeFile(join(two, 'two.toml'), 'title = "Second"');
    await manager.reload();
    const after = manager.plugins();
    expect(after).not.toBe(before);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toMatchObject({ title: 'Second' });
    expect(before[1]).toMatchObject({ title: 'two' });
  });

  test('cannot be changed', async () => {
    const plugins = await stage.folder('frozen');
    await install(plugins, 'one', { 'one.wasm': claiming(claimant, 'allTypes') });
    await using manager = await open(plugins);
    const [entry] = manager.plugins();
    const isFrozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    expect(isFrozen(manager.plugins())).toBe(true);
    expect(entry?.info?.configSchemas).toHaveLength(9);
  });
});

describe('events', () => {
  test('tell what came, changed, became invalid and went, to listeners and on diagnostics channels', async () => {
    const plugins = await stage.folder('told');
    await using manager = await open(plugins);
    const told: string[] = [];
    for (const name of ['added', 'changed', 'invalid', 'removed'] as const)
      manager.on(name, ({ plugin }) => told.push(`${name} ${plugin.name} ${plugin.state}`));
    const published: unknown[] = [];
    const onPublished = (message: unknown) => void published.push(message);
    subscribe('chipmunk-host.manager.added', onPublished);
    const directory = await install(plugins, 'one', { 'one.wasm': claimant });
    await manager.reload();
    await writeFile(join(directory, 'one.wasm'), 'nothing of the kind');
    await manager.reload();
    await rm(directory, { recursive: true });
    await manager.reload();
    unsubscribe('chipmunk-host.manager.added', onPublished);
    expect(told).toEqual(['added one valid', 'changed one invalid', 'invalid one invalid', 'removed one invalid']);
    expect(published).toMatchObject([{ manager, plugin: { name: 'one' } }]);
  });

  test('come while the directory is watched, without being asked for', async () => {
    const plugins = await stage.folder('watched');
    await using manager = await open(plugins);
    await using _watch = await manager.watch({ debounceMs: 20, pollMs: Number.POSITIVE_INFINITY });
    const added = next(manager, 'added');
    const elsewhere = await stage.folder('elsewhere', 'one');
    await writeFile(join(elsewhere, 'one.wasm'), claimant);
    await rename(elsewhere, join(plugins, 'parsers', 'one'));
    expect((await added).plugin).toMatchObject({ name: 'one', state: 'valid' });

    const changed = next(manager, 'changed');
    await writeFile(join(plugins, 'parsers', 'one', 'one.toml'), 'title = "First"');
    expect((await changed).plugin).toMatchObject({ name: 'one', title: 'First' });

    const removed = next(manager, 'removed');
    await rm(join(plugins, 'parsers', 'one'), { recursive: true });
    expect((await removed).plugin.name).toBe('one');
  });

  test('come from looking from time to time, too, where the file system tells nothing', async () => {
    const plugins = await stage.folder('polled');
    await using manager = await open(plugins);
    // The debounce is so long that only looking can have found it.
    await using _watch = await manager.watch({ debounceMs: 1_000_000, pollMs: 50 });
    const added = next(manager, 'added');
    await install(plugins, 'one', { 'one.wasm': claimant });
    expect((await added).plugin.name).toBe('one');
  });

  test('come from looking from time to time where there is nothing to watch yet', async () => {
    const plugins = await stage.folder('unwatched');
    await using manager = await open(plugins);
    await rm(join(plugins, 'parsers'), { recursive: true });
    await using _watch = await manager.watch({ debounceMs: 1_000_000, pollMs: Number.POSITIVE_INFINITY });
    const added = next(manager, 'added');
    const elsewhere = await stage.folder('elsewhere-parsers', 'one');
    await writeFile(join(elsewhere, 'one.wasm'), claimant);
    await rename(join(elsewhere, '..'), join(plugins, 'parsers'));
    expect((await added).plugin.name).toBe('one');
  });

  test('reach the other listeners when one throws, which is one warning of the process', async () => {
    const plugins = await stage.folder('throwing');
    await using manager = await open(plugins);
    manager.on('added', () => {
      throw new Error('thrown on purpose');
    });
    const told: string[] = [];
    manager.on('added', ({ plugin }) => told.push(plugin.name));
    const warned = once(process, 'warning');
    await install(plugins, 'one', { 'one.wasm': claimant });
    await manager.reload();
    expect(await warned).toMatchObject([
      {
        code: 'CHIPMUNK_LISTENER_FAILED',
        message: expect.stringContaining("A listener of 'added' threw: thrown on purpose."),
      },
    ]);
    expect(told).toEqual(['one']);
  });

  test('are not kept from anybody by an onWarning that throws', async () => {
    const plugins = await stage.folder('warning');
    await install(plugins, 'one', { 'one.wasm': claimant, 'one.toml': 'title = 1' });
    const onWarning = () => {
      throw new Error('thrown on purpose');
    };
    await using manager = await PluginsManager.open({ directory: plugins, bundled: false, onWarning });
    expect(manager.plugin('one').state).toBe('valid');
  });
});

test('the run data of a plugin tell what loading it did and what it logged, with times and levels', async () => {
  const plugins = await stage.folder('logged');
  await install(plugins, 'one', { 'one.wasm': renamed(claiming(claimant, 'logs'), 'logged'), 'one.toml': 'title = 1' });
  await install(plugins, 'broken', { 'broken.wasm': claimant.subarray(0, 500) });
  const began = Date.now();
  await using manager = await open(plugins);
  const lines = manager.logs('one');
  expect(lines.map(({ level, message }) => [level, message])).toEqual(
    expect.arrayContaining([
      ['warn', expect.stringContaining("'title' should be a text")],
      ['error', 'an error'],
      ['warn', 'a warning'],
      ['info', 'some news'],
      ['debug', 'details'],
      ['debug', expect.stringMatching(/^Compiled in \d+ ms/)],
      ['debug', 'It is a parser of API version 0.1.0.'],
      ['info', expect.stringContaining('Version 1.0.0')],
    ]),
  );
  for (const { time } of lines) expect(time).toBeGreaterThanOrEqual(began);
  expect(manager.logs('broken').map(({ level }) => level)).toContain('error');
});

test('statistics count sessions, items, bytes, restarts and errors of each plugin', async () => {
  const plugins = await stage.folder('counted');
  await install(plugins, 'fragile', { 'fragile.wasm': fragile });
  await using manager = await open(plugins);
  const started: unknown[] = [];
  manager.on('session-started', (event) => started.push(event));
  const ended = new Promise((resolve) => {
    manager.on('session-ended', resolve);
  });
  const before = manager.plugin('fragile');
  expect(before.statistics).toMatchObject({
    sessionsNow: 0,
    sessionsEver: 0,
    items: 0,
    errors: {},
    lastError: undefined,
  });
  const source = { file: await stage.file('counted.log', 'one\nBad\ntwo\n') };
  const session = await manager.ingest({ source, parser: { plugin: 'fragile' } });
  expect(manager.plugin('fragile').statistics).toMatchObject({ sessionsNow: 1, sessionsEver: 1 });
  expect(await texts(session)).toEqual(['one', 'two']);
  await ended;
  const { statistics } = manager.plugin('fragile');
  const { restarts, errors } = session.summary;
  expect(statistics).toMatchObject({ sessionsNow: 0, sessionsEver: 1, items: 2, bytes: 12, restarts, errors });
  expect(errors.ERR_PLUGIN_TRAP).toBeGreaterThan(0);
  expect(started).toEqual([{ session: 1, plugins: [{ kind: 'parser', name: 'fragile' }] }]);
  expect(before.statistics.sessionsEver).toBe(0);

  const failing = { source, parser: { plugin: 'fragile' }, recovery: { maxRestarts: 0 } };
  await expect(texts(await manager.ingest(failing))).rejects.toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
  expect(manager.plugin('fragile').statistics).toMatchObject({
    sessionsEver: 2,
    lastError: { code: 'ERR_PLUGIN_TRAP', message: expect.any(String), time: expect.any(Number) },
  });
});

test('a session goes on with what it loaded when its plugin is replaced and removed', async () => {
  const plugins = await stage.folder('replaced-running');
  const directory = await install(plugins, 'one', { 'one.wasm': claimant });
  await using manager = await open(plugins);
  const source = { file: await stage.file('kept.log', 'still the same') };
  await using session = await manager.ingest({ source, parser: { plugin: 'one' } });
  await writeFile(join(directory, 'one.wasm'), 'something else');
  await manager.reload();
  await manager.remove('one');
  expect(await texts(session)).toEqual(['still the same']);
});
