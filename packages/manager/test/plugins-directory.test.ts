import { access, lstat, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginsManager } from '@chipmunk-host/manager';
import { describe, expect, test } from 'vitest';
import { install, STRING_PARSER, setStage } from './support.js';

const stage = setStage();

/** What a directory holds, and the warnings about it. */
async function scan(directory: string, bundled = false) {
  const warnings: string[] = [];
  await using manager = await PluginsManager.open({
    directory,
    bundled,
    load: 'lazy',
    onWarning: (message) => warnings.push(message),
  });
  return { plugins: manager.plugins(), warnings };
}

describe('the plugins directory', () => {
  test('gets the folders that are missing, and nothing else', async () => {
    const plugins = await stage.folder('fresh');
    expect(await scan(plugins)).toEqual({ plugins: [], warnings: [] });
    expect(await readdir(plugins)).toEqual(['bytesources', 'parsers']);
  });

  test('that was named must exist and be a directory', async () => {
    const missing = join(stage.directory, 'missing');
    await expect(PluginsManager.open({ directory: missing })).rejects.toMatchObject({
      code: 'ERR_PLUGIN_NOT_FOUND',
      message: `The plugins directory '${missing}' does not exist.`,
    });
    await expect(access(missing)).rejects.toThrow('ENOENT');

    const file = await stage.file('a-file', '');
    await expect(PluginsManager.open({ directory: file })).rejects.toThrow(`'${file}' is not a directory`);
  });

  test('may be one where no folders can be made', async () => {
    const plugins = await stage.folder('blocked');
    await writeFile(join(plugins, 'parsers'), 'no directory');
    const { plugins: found, warnings } = await scan(plugins);
    expect(found).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(join(plugins, 'parsers'))]);
  });

  test.skipIf(process.platform === 'win32')(
    'may be a link: what is added and removed is so where it leads',
    async () => {
      const target = await stage.folder('linked');
      const link = join(stage.directory, 'link');
      await symlink(target, link);
      await install(target, 'linked', { 'linked.wasm': await readFile(STRING_PARSER) });
      await using manager = await PluginsManager.open({ directory: link, bundled: false });
      expect(manager.plugins()).toMatchObject([{ name: 'linked', state: 'valid' }]);
      await manager.remove('linked');
      expect(await readdir(join(target, 'parsers'))).toEqual([]);
      await manager.add(STRING_PARSER);
      expect(await readdir(join(target, 'parsers'))).toEqual(['string-parser']);
      expect((await lstat(link)).isSymbolicLink()).toBe(true);
    },
  );

  test('lists plugins of both kinds with their metadata, by name', async () => {
    const plugins = await stage.folder('listed');
    const zebra = await install(plugins, 'zebra', {
      'zebra.wasm': 'x',
      'zebra.toml': 'title = "Stripes"\ndescription = "Black and white"\n[chipmunk-host]\nwindow-bytes = 4096\n',
      'README.md': '# Zebra',
    });
    await install(plugins, 'aardvark', { 'aardvark.wasm': 'x' });
    await install(plugins, join('..', 'bytesources', 'pipe'), { 'pipe.wasm': 'x' });
    const { plugins: found, warnings } = await scan(plugins);
    expect(warnings).toEqual([]);
    expect(found.map(({ kind, name, title }) => [kind, name, title])).toEqual([
      ['bytesource', 'pipe', 'pipe'],
      ['parser', 'aardvark', 'aardvark'],
      ['parser', 'zebra', 'Stripes'],
    ]);
    expect(found[2]).toMatchObject({
      kind: 'parser',
      name: 'zebra',
      title: 'Stripes',
      description: 'Black and white',
      directory: zebra,
      path: join(zebra, 'zebra.wasm'),
      readme: join(zebra, 'README.md'),
      origin: 'installed',
      windowBytes: 4096,
      warnings: [],
    });
  });

  test('passes over what is no plugin, with a warning for a directory without its binary', async () => {
    const plugins = await stage.folder('strange');
    const empty = await install(plugins, 'empty', { 'other.wasm': 'x' });
    await install(plugins, '.hidden', { 'other.wasm': 'x' });
    await writeFile(join(plugins, 'parsers', 'a-file.wasm'), 'x');
    const { plugins: found, warnings } = await scan(plugins);
    expect(found).toEqual([]);
    expect(warnings).toEqual([`The directory ${empty} is not a plugin: empty.wasm is missing.`]);
  });

  test('takes a folder with a dot before its name for a plugin when it holds its binary', async () => {
    const plugins = await stage.folder('dotted');
    await install(plugins, '.dotted', { '.dotted.wasm': 'x' });
    expect((await scan(plugins)).plugins).toMatchObject([{ name: '.dotted', kind: 'parser' }]);
  });

  test.each([
    ['not TOML', 'title = ', /not valid TOML.*line 1/],
    ['a title that is no text', 'title = 7', /'title' should be a text/],
    ['an empty title', 'title = " "', /'title' should be a text/],
    [
      'a window of no bytes',
      'title = "one"\n[chipmunk-host]\nwindow-bytes = 0',
      /'chipmunk-host.window-bytes' should be a whole number/,
    ],
    [
      'a condition that is no list',
      'title = "one"\n[chipmunk-host]\nparallel-config = { a = "b" }',
      /'chipmunk-host.parallel-config'/,
    ],
    [
      'a boundary without its patterns',
      'title = "one"\n[chipmunk-host]\nparallel-boundary = "pattern"',
      /'chipmunk-host.parallel-patterns' should be a list of texts of 1 to 64 bytes/,
    ],
    [
      'a pattern of half a byte',
      'title = "one"\n[chipmunk-host]\nparallel-boundary = "pattern"\nparallel-patterns = ["0d 0"]',
      /'chipmunk-host.parallel-patterns'/,
    ],
    [
      'patterns of a boundary that has none',
      'title = "one"\n[chipmunk-host]\nparallel-boundary = "newline"\nparallel-patterns = ["0d"]',
      /'chipmunk-host.parallel-patterns' should be left out/,
    ],
    ['a window in words', 'title = "one"\n[chipmunk-host]\nwindow-bytes = "big"', /'chipmunk-host.window-bytes'/],
    ['our table as a value', 'title = "one"\nchipmunk-host = 1', /'chipmunk-host' should be a table/],
    ['binary rubbish', Buffer.from([0, 255, 254, 10]), /it is not UTF-8/],
  ])('takes broken metadata for a warning: %s', async (name, metadata, expected) => {
    const plugins = await stage.folder('broken', name);
    await install(plugins, 'one', { 'one.wasm': 'x', 'one.toml': metadata });
    const { plugins: found, warnings } = await scan(plugins);
    expect(found).toMatchObject([
      { name: 'one', title: 'one', windowBytes: undefined, parallelPatterns: undefined, warnings },
    ]);
    expect(warnings).toEqual([expect.stringMatching(expected)]);
    expect(warnings[0]).toContain(join(plugins, 'parsers', 'one', 'one.toml'));
  });

  test('wins over the plugins that are shipped', async () => {
    const plugins = await stage.folder('own');
    const shipped = (await scan(plugins, true)).plugins;
    expect(shipped).toMatchObject([
      { name: 'file-source', kind: 'bytesource', origin: 'bundled', title: 'File', windowBytes: undefined },
      { name: 'dlt-parser', origin: 'bundled', title: 'DLT', windowBytes: 256 * 1024, parallelBoundary: 'pattern' },
      { name: 'json-lines', kind: 'parser', origin: 'bundled', title: 'JSON lines', windowBytes: 256 * 1024 },
      { name: 'protobuf-parser', kind: 'parser', origin: 'bundled', title: 'Protocol Buffers' },
      { name: 'string-parser', kind: 'parser', origin: 'bundled', title: 'Text lines', windowBytes: 1024 * 1024 },
      { name: 'text-format', origin: 'bundled', title: 'Text with a format', parallelBoundary: 'newline' },
    ]);
    expect(await readFile(shipped[4]?.path ?? '')).toEqual(await readFile(STRING_PARSER));

    await install(plugins, 'string-parser', { 'string-parser.wasm': 'x' });
    expect((await scan(plugins, true)).plugins).toMatchObject([
      { name: 'file-source', origin: 'bundled' },
      { name: 'dlt-parser', origin: 'bundled' },
      { name: 'json-lines', origin: 'bundled' },
      { name: 'protobuf-parser', origin: 'bundled' },
      { name: 'string-parser', origin: 'installed' },
      { name: 'text-format', origin: 'bundled' },
    ]);
  });
});
