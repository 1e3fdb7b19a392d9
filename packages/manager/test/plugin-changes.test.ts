import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginsManager } from '@chipmunk-host/manager';
import { describe, expect, test } from 'vitest';
import { pluginFolder, tree, versionIn } from './store-support.js';
import { STRING_PARSER, setStage } from './support.js';

const stage = setStage();
let counter = 0;

async function setup(bundled = false) {
  const root = await stage.folder(`case-${counter}`, 'plugins');
  const sources = await stage.folder(`case-${counter++}`, 'sources');
  const manager = await PluginsManager.open({ directory: root, bundled });
  const events: unknown[] = [];
  for (const name of ['added', 'changed', 'removed', 'invalid'] as const)
    manager.on(name, ({ plugin }) => void events.push([name, plugin.name, plugin.title]));
  manager.on('loaded', ({ fromCache }) => void events.push(fromCache ? 'known' : 'looked into'));
  return { root, sources, manager, events, [Symbol.asyncDispose]: () => manager.close() };
}

describe('a manager', () => {
  test('reports plugins that it adds, updates, rolls back and removes', async () => {
    await using made = await setup();
    const { root, sources, manager, events } = made;
    const add = await manager.add(await pluginFolder(sources, 'x', 'one'));
    expect(add).toBe(manager.plugin('x'));
    expect(add).toMatchObject({ kind: 'parser', name: 'x', title: 'one', state: 'valid', previous: undefined });
    const update = await manager.update(await pluginFolder(sources, 'x', 'two'));
    expect(update).toMatchObject({ title: 'two', state: 'valid', previous: { hash: add.hash } });
    const rollback = await manager.rollback('x');
    expect(rollback).toMatchObject({ title: 'one', hash: add.hash, previous: { hash: update.hash } });
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
    await manager.remove('x');
    expect(manager.plugins()).toEqual([]);
    // Each binary was looked into when it was checked, and not once more when it was listed.
    expect(events.filter((event) => event !== 'known')).toEqual([
      ['added', 'x', 'one'],
      ['changed', 'x', 'two'],
      ['changed', 'x', 'one'],
      ['removed', 'x', 'one'],
    ]);
  });

  test('lists what another one has changed, after a reload', async () => {
    await using made = await setup();
    const { root, sources, manager } = made;
    await using other = await PluginsManager.open({ directory: root, bundled: false });
    await manager.add(await pluginFolder(sources, 'x', 'one'));
    expect(other.plugins()).toEqual([]);
    await other.reload();
    expect(other.plugins()).toMatchObject([{ name: 'x', state: 'valid' }]);
    await other.remove('x');
    await expect(manager.remove('x')).rejects.toMatchObject({ code: 'ERR_PLUGIN_NOT_FOUND' });
    await manager.reload();
    expect(manager.plugins()).toEqual([]);
  });

  test('forgets what was decided about a plugin that it removes', async () => {
    await using made = await setup();
    const { sources, manager } = made;
    await manager.add(await pluginFolder(sources, 'x', 'one'));
    await manager.pin('x');
    await manager.remove('x');
    const added = await manager.add(await pluginFolder(sources, 'x', 'two'));
    expect(added).toMatchObject({ state: 'valid', pinned: undefined });
  });

  test('does not change plugins that are shipped, but lets others take their place', async () => {
    await using made = await setup(true);
    const { manager } = made;
    const refused = {
      code: 'ERR_PLUGIN_NOT_FOUND',
      message: "The parser plugin 'string-parser' is shipped with the host and cannot be removed.",
    };
    await expect(manager.remove('string-parser')).rejects.toMatchObject(refused);
    expect(await manager.add(STRING_PARSER)).toMatchObject({ origin: 'installed' });
    await manager.remove('string-parser');
    expect(manager.plugin('string-parser')).toMatchObject({ origin: 'bundled' });
    await expect(manager.remove('string-parser')).rejects.toMatchObject(refused);
  });

  test('keeps a plugin that is refused out of the list', async () => {
    await using made = await setup();
    const { manager, events } = made;
    const core = await stage.file('core.wasm', Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    await expect(manager.add(core)).rejects.toMatchObject({ code: 'ERR_PLUGIN_INVALID', plugin: 'core' });
    expect(manager.plugins()).toEqual([]);
    expect(events).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('a plugin directory', () => {
  test('that is a symbolic link is listed, and can be removed', async () => {
    await using made = await setup();
    const { root, sources, manager } = made;
    const folder = await pluginFolder(sources, 'x', 'one');
    await symlink(folder, join(root, 'parsers', 'x'));
    await manager.reload();
    expect(manager.plugins()).toMatchObject([{ name: 'x', state: 'valid' }]);
    await manager.remove('x');
    expect(manager.plugins()).toEqual([]);
    expect(await versionIn(folder)).toBe('one');
  });

  test('with a newline in its name is listed, and can be removed', async () => {
    await using made = await setup();
    const { root, manager } = made;
    await pluginFolder(join(root, 'parsers'), 'two\nlines', 'one');
    await manager.reload();
    expect(manager.plugins()).toMatchObject([{ name: 'two\nlines', state: 'valid' }]);
    await manager.remove('two\nlines');
    expect(await tree(join(root, 'parsers'))).toEqual([]);
  });

  test("named '..' cannot be meant", async () => {
    await using made = await setup();
    const { root, sources, manager } = made;
    await manager.add(await pluginFolder(sources, 'x', 'one'));
    await expect(manager.remove('..')).rejects.toMatchObject({ code: 'ERR_PLUGIN_NOT_FOUND' });
    await mkdir(join(sources, '...'));
    await expect(manager.add(join(sources, '...'))).rejects.toThrow("'...' is not a valid plugin name");
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });

  test('that cannot be read costs the others nothing', async ({ skip }) => {
    if (process.getuid?.() === 0) skip('rights do not count for the administrator');
    await using made = await setup();
    const { root, sources, manager } = made;
    await manager.add(await pluginFolder(sources, 'x', 'one'));
    const closed = await pluginFolder(join(root, 'parsers'), 'closed', 'one');
    await chmod(closed, 0);
    try {
      await manager.reload();
      expect(manager.plugins().filter(({ state }) => state === 'valid')).toMatchObject([{ name: 'x' }]);
    } finally {
      await chmod(closed, 0o755);
    }
  });
});
