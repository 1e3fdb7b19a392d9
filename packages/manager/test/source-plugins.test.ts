import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginsManager } from '@chipmunk-host/manager';
import { buildCounter, buildFragile } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { STRING_PARSER, setStage, texts } from './support.js';

const stage = setStage();
let counter: Uint8Array;
let fragile: Uint8Array;
let plugins: string;
beforeAll(async () => {
  counter = await buildCounter();
  fragile = await buildFragile();
  plugins = await stage.folder('plugins');
  await mkdir(join(plugins, 'bytesources', 'counter'), { recursive: true });
  await writeFile(join(plugins, 'bytesources', 'counter', 'counter.wasm'), counter);
  await writeFile(join(plugins, 'bytesources', 'counter', 'counter.toml'), 'title = "Numbers"\n');
});

const parser = { plugin: 'string-parser' };
const binary = () => join(plugins, 'bytesources', 'counter', 'counter.wasm');

describe('a session over a byte-source plugin', () => {
  test('is started for it by name, by path and by its bytes, with the same items', async () => {
    await using manager = await PluginsManager.open({ directory: plugins });
    for (const plugin of ['counter', binary(), counter]) {
      await using session = await manager.ingest({ source: { plugin, config: { count: 4 } }, parser });
      expect(await texts(session)).toEqual(['1', '2', '3', '4']);
      expect(session.summary).toMatchObject({ status: 'completed', bytes: 8, skippedBytes: 0 });
    }
  });

  test('has defaults, options of its own, and messages', async () => {
    await using manager = await PluginsManager.open({ directory: plugins });
    const logged: string[] = [];
    const source = {
      plugin: 'counter',
      logLevel: 'info',
      onLog: ({ message }: { message: string }) => void logged.push(message),
    } as const;
    await using session = await manager.ingest({ source, parser });
    expect(await texts(session)).toEqual(['1', '2', '3']);
    expect(logged).toEqual(['counting']);
  });

  test('fails with what the source fails with, under its name', async () => {
    await using manager = await PluginsManager.open({ directory: plugins });
    const open = (config: Record<string, string>, deadlineMs = 10_000) =>
      manager.ingest({ source: { plugin: 'counter', config, deadlineMs }, parser });
    await expect(open({ failure: 'init' })).rejects.toMatchObject({ code: 'ERR_PLUGIN_INIT', plugin: 'counter' });
    await expect(open({ nothing: 'x' })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      faults: [
        { id: 'nothing', message: expect.stringMatching(/^Byte-source plugin counter: .*'nothing' is unknown/) },
      ],
    });
    await expect(texts(await open({ failure: 'loop' }, 200))).rejects.toMatchObject({
      code: 'ERR_PLUGIN_TIMEOUT',
      plugin: 'counter',
    });
    await expect(texts(await open({ failure: 'read' }))).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: expect.stringContaining('the counter is broken'),
    });
  });
});

test('a session over a stream has the items of its bytes', async () => {
  await using manager = await PluginsManager.open({ directory: plugins });
  async function* stream() {
    yield Buffer.from('one\ntw');
    yield Buffer.from('o\n');
  }
  await using session = await manager.ingest({ source: { stream: stream() }, parser });
  expect(await texts(session)).toEqual(['one', 'two']);
});

describe('a plugin of the other kind', () => {
  test('is refused as a source, by name and by path', async () => {
    await using manager = await PluginsManager.open({ directory: plugins });
    const open = (plugin: string) => manager.ingest({ source: { plugin }, parser });
    await expect(open('string-parser')).rejects.toMatchObject({
      code: 'ERR_PLUGIN_NOT_FOUND',
      message: "'string-parser' is a parser plugin; expected a byte-source.",
      help: 'Give it as the parser.',
    });
    await expect(open(STRING_PARSER)).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      plugin: STRING_PARSER,
      message: `The plugin '${STRING_PARSER}' cannot be used: The plugin is a parser; expected a byte-source.`,
      help: 'Give it as the parser.',
    });
  });

  test('is refused as a parser, by name, path and bytes', async () => {
    await using manager = await PluginsManager.open({ directory: plugins });
    const source = { file: await stage.file('x.log', 'x\n') };
    const open = (plugin: string | Uint8Array) => manager.ingest({ source, parser: { plugin } });
    await expect(open('counter')).rejects.toThrow("'counter' is a byte-source plugin; expected a parser.");
    await expect(open(binary())).rejects.toThrow(`'${binary()}' cannot be used: The plugin is a byte-source`);
    await expect(open(counter)).rejects.toMatchObject({
      message: 'The plugin is a byte-source; expected a parser.',
      help: 'Give it as the source.',
    });
  });

  test('is not meant by an unknown name', async () => {
    await using manager = await PluginsManager.open({ directory: plugins });
    const opening = manager.ingest({ source: { plugin: 'countr' }, parser });
    await expect(opening).rejects.toThrow(
      "There is no byte-source plugin 'countr'. Did you mean 'counter'? Known are: counter, file-source.",
    );
  });
});

describe('inspecting', () => {
  test('tells kind, version and schemas of both kinds', async () => {
    await using manager = await PluginsManager.open({ directory: plugins });
    const counted = {
      kind: 'bytesource',
      version: { major: 1, minor: 2, patch: 3 },
      configSchemas: [{ id: 'count' }, { id: 'failure' }],
    };
    for (const plugin of ['counter', binary(), counter]) expect(await manager.inspect(plugin)).toMatchObject(counted);
    expect(await manager.inspect('string-parser')).toMatchObject({ kind: 'parser', renderOptions: {} });
    await expect(manager.inspect('counter', 'parser')).rejects.toThrow('expected a parser');
  });

  test('takes the parser of two plugins with one name, or what was asked for', async () => {
    const both = await stage.folder('both');
    for (const [folder, content] of [
      ['bytesources', counter],
      ['parsers', fragile],
    ] as const) {
      await mkdir(join(both, folder, 'twin'), { recursive: true });
      await writeFile(join(both, folder, 'twin', 'twin.wasm'), content);
    }
    await using manager = await PluginsManager.open({ directory: both });
    expect((await manager.inspect('twin')).kind).toBe('parser');
    expect((await manager.inspect('twin', 'bytesource')).kind).toBe('bytesource');
  });
});

test('memory is limited for each use of a plugin', async () => {
  await using manager = await PluginsManager.open({ directory: plugins });
  const plugin = await stage.file('fragile.wasm', fragile);
  const source = { file: await stage.file('memory.log', 'one\nM\ntwo\n') };
  const use = async (memoryBytes: number) => {
    await using session = await manager.ingest({ source, parser: { plugin, memoryBytes } });
    return { texts: await texts(session), gaps: session.summary.gaps };
  };
  expect(await use(16 * 1024 * 1024)).toEqual({ texts: ['one', 'two'], gaps: 1 });
  expect(await use(256 * 1024 * 1024)).toEqual({ texts: ['one', 'M', 'two'], gaps: 0 });
  expect(await use(16 * 1024 * 1024)).toMatchObject({ gaps: 1 });
});
