import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { componentEmbed, componentNew, parse as parseWat } from '@bytecodealliance/jco-transpile/wasm-tools';
import {
  ConfigError,
  type ConfigInput,
  type ConfigSchema,
  configFromStrings,
  resolveConfig,
} from '@chipmunk-host/hosts';
import { compile, type PluginErrorCode } from '@chipmunk-host/runtime';
import { describe, expect, test } from 'vitest';
import { setStage } from './support.js';

const stage = setStage();

describe('a source that cannot be read', () => {
  test('a file that is not there', async () => {
    const file = join(stage.directory, 'missing.log');
    await expect(stage.open({ source: { file } })).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
      message: `There is no file '${file}'.`,
    });
  });

  test('a directory', async () => {
    const file = join(stage.directory, 'a-directory');
    await mkdir(file);
    await expect(stage.open({ source: { file } })).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
      message: `'${file}' is a directory; expected a file.`,
    });
  });

  test.skipIf(process.getuid?.() === 0)('a file without the right to read (skipped for root, who may)', async () => {
    const file = await stage.input('secret');
    await chmod(file, 0);
    await expect(stage.open({ source: { file } })).rejects.toMatchObject({
      code: 'ERR_SOURCE_OPEN',
      message: expect.stringContaining(file),
    });
  });
});

describe('a file that is not a plugin', () => {
  const withWit = async (wit: string) => {
    const core = await componentEmbed({ dummy: true, witSource: wit, world: 'w' } as never);
    return componentNew(core, []);
  };

  test.each<[string, () => Promise<Uint8Array>, RegExp]>([
    ['exports nothing', () => parseWat('(component)'), /exports nothing; expected chipmunk:parser\/parser@0\.1\.0/],
    [
      'exports something else',
      () => withWit('package a:b@1.0.0; interface c { f: func(); } world w { export c; }'),
      /exports a:b\/c@1\.0\.0; expected/,
    ],
    [
      'is of an unknown API version',
      () => withWit('package chipmunk:parser@9.9.9; interface parser { f: func(); } world w { export parser; }'),
      /Unsupported parser API version 9\.9\.9; supported: 0\.1\.0/,
    ],
    [
      'is a byte-source',
      () =>
        withWit(
          'package chipmunk:bytesource@0.1.0; interface byte-source { f: func(); } world w { export byte-source; }',
        ),
      /is a byte-source; expected a parser/,
    ],
    [
      'imports what no host has',
      () =>
        withWit(
          'package chipmunk:parser@0.1.0; interface x { g: func(); } interface parser { f: func(); } world w { import x; export parser; }',
        ),
      /imports chipmunk:parser\/x@0\.1\.0, which this host does not offer/,
    ],
  ])('%s', async (_, make, message) => {
    const component = await compile(await make());
    const opened = stage.open({ component, plugin: 'the-plugin', source: { file: await stage.input('x') } });
    await expect(opened).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID' satisfies PluginErrorCode,
      plugin: 'the-plugin',
      message: expect.stringMatching(message),
    });
  });
});

describe('a configuration that does not fit', () => {
  const schemas: readonly ConfigSchema[] = [
    { id: 'lossy', title: '', description: undefined, type: { kind: 'boolean', default: true } },
    { id: 'limit', title: '', description: undefined, type: { kind: 'integer', default: 7 } },
    { id: 'factor', title: '', description: undefined, type: { kind: 'float', default: 0.5 } },
    { id: 'name', title: '', description: undefined, type: { kind: 'text', default: 'x' } },
    { id: 'files', title: '', description: undefined, type: { kind: 'files', extensions: [] } },
    { id: 'mode', title: '', description: undefined, type: { kind: 'dropdown', options: ['a', 'b'], default: 'b' } },
  ];

  const faultsOf = (input: Record<string, ConfigInput>): string[] => {
    try {
      resolveConfig(schemas, input);
      return [];
    } catch (error) {
      return (error as ConfigError).faults.map(({ message }) => message);
    }
  };

  test('every fault is named at once, with what was expected and a suggestion', () => {
    expect(faultsOf({ losy: true, lossy: 'yes', limit: 2 ** 31, factor: '1', name: 3, files: 'a', mode: 'c' })).toEqual(
      [
        "Configuration 'losy' is unknown; expected one of: lossy, limit, factor, name, files, mode. Did you mean 'lossy'?",
        "Configuration 'lossy': expected true or false, got the text 'yes'.",
        "Configuration 'limit': expected a whole number from -2147483648 to 2147483647, got 2147483648.",
        "Configuration 'factor': expected a number of 32 bits (at most 3.4e38), got the text '1'.",
        "Configuration 'name': expected a text, got 3.",
        "Configuration 'files': expected a list of paths, got the text 'a'.",
        "Configuration 'mode': expected one of 'a', 'b', got the text 'c'.",
      ],
    );
  });

  test('what is missing gets its default, and no paths', () => {
    expect(resolveConfig(schemas, { factor: Number.NaN }).map(({ value }) => value.value)).toEqual([
      true,
      7,
      Number.NaN,
      'x',
      [],
      'b',
    ]);
  });

  test('texts become values by the schema', () => {
    const texts = ['lossy=false', 'limit=-3', 'factor=-inf', 'name=true', 'files=a', 'files=b', 'mode=a'];
    const pairs = texts.map((text) => text.split('=') as [string, string]);
    expect(configFromStrings(schemas, pairs)).toEqual({
      lossy: false,
      limit: -3,
      factor: Number.NEGATIVE_INFINITY,
      name: 'true',
      files: ['a', 'b'],
      mode: 'a',
    });
    expect(faultsOf(configFromStrings(schemas, [['limit', 'many']]))).toEqual([
      "Configuration 'limit': expected a whole number from -2147483648 to 2147483647, got the text 'many'.",
    ]);
  });

  test('a session is not started with one', async () => {
    const source = { file: await stage.input('x') };
    await expect(stage.open({ source, config: { prefx: 'x' } })).rejects.toBeInstanceOf(ConfigError);
    await expect(stage.open({ source, config: { lossy: 1 } })).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  });
});
