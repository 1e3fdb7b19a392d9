import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DirectoryFiles } from '#store/directory-files.js';
import { PluginStore } from '#store/plugin-store.js';
import { casesOf, expectNoLeftovers, filesOf, loading, pluginFolder, tree, versionIn } from './store-support.js';
import { CORE_MODULE, OTHER_COMPONENT, STRING_PARSER, setStage } from './support.js';

const stage = setStage();
const setup = casesOf(stage);
const FILE_SOURCE = createRequire(import.meta.url).resolve('@chipmunk-host/file-source/file-source.wasm');
describe('add', () => {
  test("installs a plugin folder as Chipmunk's documentation has it", async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'my_parser');
    const directory = join(root, 'parsers', 'my_parser');
    expect(await store.add(folder)).toEqual({ kind: 'parser', name: 'my_parser', directory, replaced: false });
    expect(await versionIn(directory)).toBe('one');
    expect(await tree(root)).toEqual([
      '.chipmunk-host/',
      '.chipmunk-host/lock/',
      '.chipmunk-host/staging/',
      'parsers/',
      'parsers/my_parser/',
      'parsers/my_parser/README.md',
      'parsers/my_parser/my_parser.toml',
      'parsers/my_parser/my_parser.wasm',
    ]);
  });

  test('finds the kind in the binary when none is given', async () => {
    const { root, store } = await setup();
    expect(await store.add(FILE_SOURCE)).toMatchObject({ kind: 'bytesource', name: 'file-source' });
    expect(await store.add(STRING_PARSER)).toMatchObject({ kind: 'parser', name: 'string-parser' });
    expect(await tree(join(root, 'bytesources'))).toEqual([
      'file-source/',
      'file-source/file-source.toml',
      'file-source/file-source.wasm',
    ]);
  });

  test('refuses a plugin of another kind than was asked for', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    await expect(store.add(folder, { kind: 'bytesource' })).rejects.toMatchObject({
      code: 'ERR_STORE_SOURCE',
      message: "'x' is a parser; expected a byte-source.",
    });
    expect(await tree(join(root, 'bytesources'))).toEqual([]);
    await expectNoLeftovers(root);
  });

  test('refuses a name that is installed for that kind', async () => {
    const { root, sources, store } = await setup();
    await store.add(await pluginFolder(sources, 'x'));
    const second = await pluginFolder(join(sources, 'second'), 'x', 'two');
    await expect(store.add(second)).rejects.toMatchObject({
      code: 'ERR_STORE_TAKEN',
      message: `A parser 'x' is installed in ${join(root, 'parsers', 'x')}.`,
    });
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
    await expectNoLeftovers(root);
  });

  test('takes a name that is installed for the other kind', async () => {
    const { root, sources, store } = await setup();
    await store.add(await pluginFolder(sources, 'twin'));
    const other = await stage.folder('twins', 'twin');
    await writeFile(join(other, 'twin.wasm'), await readFile(FILE_SOURCE));
    expect(await store.add(other)).toMatchObject({ kind: 'bytesource', replaced: false });
    expect(await versionIn(join(root, 'parsers', 'twin'))).toBe('one');
  });

  test('replaces an installed plugin that is invalid', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    const installed = join(root, 'parsers', 'x');
    for (const spoil of [
      () => writeFile(join(installed, 'x.wasm'), 'no wasm'),
      () => writeFile(join(installed, 'x.wasm'), OTHER_COMPONENT),
      () => rm(join(installed, 'x.wasm')),
      () => rm(installed, { recursive: true }).then(() => writeFile(installed, 'a file')),
    ]) {
      await rm(installed, { recursive: true, force: true });
      await mkdir(installed, { recursive: true });
      await writeFile(join(installed, 'x.wasm'), '');
      await spoil();
      expect(await store.add(folder)).toMatchObject({ replaced: true });
      expect(await versionIn(installed)).toBe('one');
      await expect(store.rollback('parser', 'x')).rejects.toMatchObject({ code: 'ERR_PLUGIN_NOT_FOUND' });
    }
    await expectNoLeftovers(root);
  });

  test('copies only the three known files', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    await writeFile(join(folder, 'notes.txt'), 'not for others');
    await mkdir(join(folder, '.git'));
    await symlink('/etc/passwd', join(folder, 'passwords'));
    await store.add(folder);
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });

  test('installs a plugin without metadata and README, and one with broken metadata', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    await rm(join(folder, 'README.md'));
    await writeFile(join(folder, 'x.toml'), '= broken');
    await store.add(folder);
    expect(await tree(join(root, 'parsers', 'x'))).toEqual(['x.toml', 'x.wasm']);
    await rm(join(folder, 'x.toml'));
    await store.add(folder, { replace: true });
    expect(await tree(join(root, 'parsers', 'x'))).toEqual(['x.wasm']);
  });

  test('refuses a folder without the binary, and says what it found', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    const moved = join(sources, 'y');
    await mkdir(moved);
    await expect(store.add(moved)).rejects.toMatchObject({
      code: 'ERR_STORE_SOURCE',
      message: `'${moved}' is not the folder of a plugin: 'y.wasm' is missing; there is no .wasm file.`,
    });
    for (const name of ['x.wasm', 'z.wasm']) await writeFile(join(moved, name), await readFile(join(folder, 'x.wasm')));
    await expect(store.add(moved)).rejects.toThrow("'y.wasm' is missing; found 'x.wasm', 'z.wasm'.");
    expect(await tree(root)).toEqual([]);
  });

  test('installs the only binary of a folder that is named otherwise, such as that of a build', async () => {
    const { sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    await rename(folder, join(sources, 'dist'));
    expect(await store.add(join(sources, 'dist'))).toMatchObject({ name: 'x' });
  });

  test('refuses what is no plugin with the reason of the check, and leaves nothing', async () => {
    const { root, store } = await setup();
    for (const [name, content] of [
      ['core.wasm', CORE_MODULE],
      ['other.wasm', OTHER_COMPONENT],
      ['empty.wasm', ''],
      ['cut.wasm', (await readFile(STRING_PARSER)).subarray(0, 9000)],
    ] as const) {
      const path = await stage.file(name, content);
      await expect(store.add(path)).rejects.toMatchObject({ code: 'ERR_PLUGIN_INVALID' });
    }
    expect(await tree(join(root, 'parsers'))).toEqual([]);
    await expectNoLeftovers(root);
  });

  test('takes README.md beside a .wasm only from a folder that is named like it', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    await store.add(join(folder, 'x.wasm'));
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
    const files = await filesOf('z', 'one');
    for (const [name, content] of Object.entries(files)) await writeFile(join(sources, name), content);
    await store.add(join(sources, 'z.wasm'));
    expect(await tree(join(root, 'parsers', 'z'))).toEqual(['z.toml', 'z.wasm']);
  });

  test('makes the folders that are missing', async () => {
    const { base, sources } = await setup();
    const root = join(base, 'not', 'yet');
    await new PluginStore(new DirectoryFiles(root), loading).add(await pluginFolder(sources, 'x'));
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });

  test("leaves Chipmunk's own cache alone", async () => {
    const { root, sources, store } = await setup();
    await writeFile(join(root, '.cache'), 'of Chipmunk');
    await store.add(await pluginFolder(sources, 'x'));
    await store.remove('parser', 'x');
    expect(await readFile(join(root, '.cache'), 'utf8')).toBe('of Chipmunk');
  });

  test('replaces a valid plugin when asked to, and keeps it for a rollback', async () => {
    const { root, sources, store } = await setup();
    await store.add(await pluginFolder(sources, 'x'));
    await store.add(await pluginFolder(join(sources, 'second'), 'x', 'two'), { replace: true });
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('two');
    await store.rollback('parser', 'x');
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });
});

describe('update', () => {
  test('replaces a plugin and keeps the old version until the next one', async () => {
    const { root, sources, store } = await setup();
    const installed = join(root, 'parsers', 'x');
    const previous = join(root, '.chipmunk-host', 'previous', 'parsers', 'x');
    await store.add(await pluginFolder(sources, 'x', 'one'));
    for (const [before, version] of [
      ['one', 'two'],
      ['two', 'three'],
    ] as const) {
      expect(await store.update(await pluginFolder(sources, 'x', version))).toMatchObject({ replaced: true });
      expect(await versionIn(installed)).toBe(version);
      expect(await versionIn(previous)).toBe(before);
    }
    await expectNoLeftovers(root);
  });

  test('leaves the old version in place when the new one is invalid', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    await store.add(folder);
    await writeFile(join(folder, 'x.wasm'), OTHER_COMPONENT);
    await expect(store.update(folder)).rejects.toMatchObject({ code: 'ERR_PLUGIN_INVALID' });
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
    expect(await tree(join(root, '.chipmunk-host', 'previous'))).toEqual([]);
    await expectNoLeftovers(root);
  });

  test('does not forget the version before when the same binary comes again', async () => {
    const { root, sources, store } = await setup();
    await store.add(await pluginFolder(sources, 'x', 'one'));
    await store.update(await pluginFolder(sources, 'x', 'two'));
    await store.update(await pluginFolder(sources, 'x', 'two'));
    await store.rollback('parser', 'x');
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });

  test('refuses a plugin that is not installed', async () => {
    const { root, sources, store } = await setup();
    await expect(store.update(await pluginFolder(sources, 'x'))).rejects.toMatchObject({
      code: 'ERR_PLUGIN_NOT_FOUND',
      message: `There is no parser 'x' in ${join(root, 'parsers')}.`,
      help: 'Add it instead.',
    });
  });
});

describe('rollback', () => {
  test('brings back the version before, and a second one undoes it', async () => {
    const { root, sources, store } = await setup();
    const installed = join(root, 'parsers', 'x');
    await store.add(await pluginFolder(sources, 'x', 'one'));
    await store.update(await pluginFolder(sources, 'x', 'two'));
    await store.rollback('parser', 'x');
    expect(await versionIn(installed)).toBe('one');
    await store.rollback('parser', 'x');
    expect(await versionIn(installed)).toBe('two');
  });

  test('is refused when there is no version before, and after the plugin was removed', async () => {
    const { sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x', 'one');
    await store.add(folder);
    const refused = { code: 'ERR_PLUGIN_NOT_FOUND', message: "There is no earlier version of the parser 'x'." };
    await expect(store.rollback('parser', 'x')).rejects.toMatchObject(refused);
    await store.update(await pluginFolder(sources, 'x', 'two'));
    await store.remove('parser', 'x');
    await store.add(folder);
    await expect(store.rollback('parser', 'x')).rejects.toMatchObject(refused);
  });

  test('forgets a version that belonged to a plugin that others removed', async () => {
    const { root, sources, store } = await setup();
    await store.add(await pluginFolder(sources, 'x', 'one'));
    await store.update(await pluginFolder(sources, 'x', 'two'));
    await rm(join(root, 'parsers', 'x'), { recursive: true });
    await expect(store.rollback('parser', 'x')).rejects.toThrow(`There is no parser 'x' in`);
    await store.add(await pluginFolder(sources, 'x', 'three'));
    await expect(store.rollback('parser', 'x')).rejects.toThrow('There is no earlier version');
  });
});

describe('remove', () => {
  test('deletes the directory of a plugin, and nothing else', async () => {
    const { root, sources, store } = await setup();
    await store.add(await pluginFolder(sources, 'x'));
    await store.add(await pluginFolder(sources, 'y'));
    await store.remove('parser', 'x');
    expect(await tree(join(root, 'parsers'))).toEqual(['y/', 'y/README.md', 'y/y.toml', 'y/y.wasm']);
    await expectNoLeftovers(root);
  });

  test('refuses a plugin that is not installed', async () => {
    const { store } = await setup();
    await expect(store.remove('parser', 'x')).rejects.toMatchObject({ code: 'ERR_PLUGIN_NOT_FOUND' });
  });

  test('removes an invalid plugin', async () => {
    const { root, store } = await setup();
    await mkdir(join(root, 'bytesources', 'broken'), { recursive: true });
    await store.remove('bytesource', 'broken');
    expect(await tree(join(root, 'bytesources'))).toEqual([]);
  });

  test('removes a symbolic link, and not what it points to', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(sources, 'x');
    await mkdir(join(root, 'parsers'));
    await symlink(folder, join(root, 'parsers', 'x'));
    await symlink(join(sources, 'nothing'), join(root, 'parsers', 'dangling'));
    await store.remove('parser', 'x');
    await store.remove('parser', 'dangling');
    expect(await tree(join(root, 'parsers'))).toEqual([]);
    expect(await versionIn(folder)).toBe('one');
  });

  test('removes a plugin with a newline in its name', async () => {
    const { root, store } = await setup();
    await mkdir(join(root, 'parsers', 'two\nlines'), { recursive: true });
    await store.remove('parser', 'two\nlines');
    expect(await tree(join(root, 'parsers'))).toEqual([]);
  });

  test('does not leave the folder of its kind', async () => {
    const { root, sources, store } = await setup();
    await store.add(await pluginFolder(sources, 'x'));
    for (const name of ['..', '.', '', '../parsers/x', '/', 'x/..', 'x\0'])
      await expect(store.remove('parser', name)).rejects.toMatchObject({ code: 'ERR_STORE_SOURCE' });
    await expect(store.rollback('parser', '../x')).rejects.toMatchObject({ code: 'ERR_STORE_SOURCE' });
    expect(await versionIn(join(root, 'parsers', 'x'))).toBe('one');
  });
});

describe('an installed plugin that is a symbolic link', () => {
  test('is updated by a folder, and brought back by a rollback', async () => {
    const { root, sources, store } = await setup();
    const folder = await pluginFolder(join(sources, 'work'), 'x', 'one');
    const installed = join(root, 'parsers', 'x');
    await mkdir(join(root, 'parsers'));
    await symlink(folder, installed);
    await store.update(await pluginFolder(sources, 'x', 'two'));
    expect(await versionIn(installed)).toBe('two');
    expect(await versionIn(folder)).toBe('one');
    await store.rollback('parser', 'x');
    expect(await versionIn(installed)).toBe('one');
  });
});
