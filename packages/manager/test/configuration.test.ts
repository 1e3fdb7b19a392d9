import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  ConfigError,
  type ConfigSchema,
  configFromStrings,
  configJsonSchema,
  configToJson,
  PluginsManager,
  parseConfigJson,
  parseConfigToml,
  readConfigFile,
  resolveConfig,
  validateConfig,
} from '@chipmunk-host/manager';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { fuzz } from '../fuzz/config.mjs';
import { setStage } from './support.js';

const stage = setStage();

const SCHEMAS: readonly ConfigSchema[] = [
  { id: 'lossy', title: 'Lossy', description: 'Replaces what is no text.', type: { kind: 'boolean', default: true } },
  { id: 'limit', title: 'Limit', description: undefined, type: { kind: 'integer', default: 7 } },
  { id: 'factor', title: 'Factor', description: undefined, type: { kind: 'float', default: Number.NaN } },
  { id: 'name', title: 'Name', description: undefined, type: { kind: 'text', default: 'x' } },
  { id: 'fibex', title: 'Fibex', description: undefined, type: { kind: 'files', extensions: ['xml', 'arxml'] } },
  { id: 'folders', title: 'Folders', description: undefined, type: { kind: 'directories' } },
  { id: 'level', title: 'Level', description: undefined, type: dropdown(['Error', 'Debug'], 'Error') },
];

function dropdown(options: readonly string[], preset: string): ConfigSchema['type'] {
  return { kind: 'dropdown', options, default: preset };
}

describe('validateConfig', () => {
  test('names every fault at once, each with its id, what was expected and what was probably meant', () => {
    expect(
      validateConfig(SCHEMAS, { losy: true, limit: 2 ** 31, factor: 1e39, level: 'Debg', fibex: 'a.xml' }),
    ).toEqual([
      {
        id: 'losy',
        problem: 'unknown',
        expected: 'one of: lossy, limit, factor, name, fibex, folders, level',
        suggestion: 'lossy',
        message: expect.stringMatching(/^Configuration 'losy' is unknown; .* Did you mean 'lossy'\?$/),
      },
      {
        id: 'limit',
        problem: 'value',
        expected: 'a whole number from -2147483648 to 2147483647',
        suggestion: undefined,
        message: expect.stringContaining('got 2147483648'),
      },
      expect.objectContaining({ id: 'factor', expected: 'a number of 32 bits (at most 3.4e38)' }),
      expect.objectContaining({ id: 'fibex', expected: 'a list of paths' }),
      expect.objectContaining({ id: 'level', expected: "one of 'Error', 'Debug'", suggestion: 'Debug' }),
    ]);
  });

  test.each([[null], [[]], ['lossy=true'], [7]])('takes %j for no configuration', (input) => {
    expect(validateConfig(SCHEMAS, input)).toEqual([
      expect.objectContaining({ id: '', expected: 'an object of values by id' }),
    ]);
  });

  test('finds no fault where a value is missing: it gets its default', () => {
    expect(validateConfig(SCHEMAS, {})).toEqual([]);
    expect(configToJson(resolveConfig(SCHEMAS, { limit: -1 }))).toEqual({
      lossy: true,
      limit: -1,
      factor: 'NaN',
      name: 'x',
      fibex: [],
      folders: [],
      level: 'Error',
    });
  });

  test('takes a default that the plugin does not list as an option', () => {
    const schemas = [{ id: 'a', title: '', description: undefined, type: dropdown(['x'], 'y') }];
    expect(validateConfig(schemas, { a: 'y' })).toEqual([]);
    expect(validateConfig(schemas, { a: 'z' })).toMatchObject([{ expected: "one of 'x', 'y'" }]);
  });

  test('takes ids that objects have of their own for ids like any other', () => {
    const schemas = ['__proto__', 'constructor'].map((id) => ({ ...(SCHEMAS[1] as ConfigSchema), id }));
    const input = JSON.parse('{"__proto__": 1, "constructor": 2}');
    expect(resolveConfig(schemas, input).map(({ value }) => value.value)).toEqual([1, 2]);
    expect(resolveConfig(schemas, {}).map(({ value }) => value.value)).toEqual([7, 7]);
    expect(Object.entries(configToJson(resolveConfig(schemas, input)))).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
    expect(validateConfig(SCHEMAS, input)).toHaveLength(2);
  });

  test('keeps values that are changed afterwards as they were', () => {
    const fibex = ['a.xml'];
    const [, , , , item] = resolveConfig(SCHEMAS, { fibex });
    fibex.push('b.xml');
    expect(item?.value.value).toEqual(['a.xml']);
  });

  test('is quick and short with values without measure', () => {
    const long = 'x'.repeat(5_000_000);
    const [first, second] = validateConfig(SCHEMAS, { [long]: 1, limit: long });
    expect((first?.message.length ?? 0) + (second?.message.length ?? 0)).toBeLessThan(1000);
  });
});

describe('values from text', () => {
  test('get their types from the schemas', () => {
    const texts = ['lossy=false', 'limit=3', 'factor=-inf', 'name=true', 'fibex=a', 'fibex=b', 'level=Debug'];
    const pairs = texts.map((text) => text.split('=') as [string, string]);
    expect({ ...configFromStrings(SCHEMAS, pairs) }).toEqual({
      lossy: false,
      limit: 3,
      factor: Number.NEGATIVE_INFINITY,
      name: 'true',
      fibex: ['a', 'b'],
      level: 'Debug',
    });
  });
});

describe('values from files', () => {
  test("are those of Chipmunk's plugin benchmarks, with the plugin that they name", () => {
    const text = `
      binary_path = "target/dlt.wasm"
      ${Object.entries({ Boolean: 'false', Integer: '3', Float: 'nan', Text: '"t"', Dropdown: '"Debug"' })
        .map(([type, value]) => `[[config]]\nid = "${type}"\nvalue.${type} = ${value}`)
        .join('\n')}
      [[config]]
      id = "Files"
      value.Files = ["a.xml"]
      [[config]]
      id = "Directories"
      value = { Directories = [] }
    `;
    expect(parseConfigToml(text)).toEqual({
      binaryPath: 'target/dlt.wasm',
      values: {
        Boolean: false,
        Integer: 3,
        Float: Number.NaN,
        Text: 't',
        Dropdown: 'Debug',
        Files: ['a.xml'],
        Directories: [],
      },
    });
  });

  test('are JSON where the name says so', async () => {
    const path = await stage.file('values.json', '\ufeff{"lossy": false, "factor": "Infinity"}');
    const { binaryPath, values } = await readConfigFile(path);
    expect(binaryPath).toBeUndefined();
    expect(resolveConfig(SCHEMAS, values).map(({ value }) => value.value)).toContain(Number.POSITIVE_INFINITY);
  });

  test('name a plugin beside them by a path that is absolute', async () => {
    const toml = join(await stage.folder('bench'), 'bench.toml');
    await writeFile(toml, 'binary_path = "beside/x.wasm"');
    await mkdir(join(dirname(toml), 'beside'));
    await writeFile(join(dirname(toml), 'beside', 'x.wasm'), '');
    expect((await readConfigFile(toml)).binaryPath).toBe(join(dirname(toml), 'beside', 'x.wasm'));
  });

  test.each([
    ['no JSON', () => parseConfigJson('{'), /^The configuration: .*JSON/],
    ['a list', () => parseConfigJson('[]'), /it should be an object/],
    ['no TOML', () => parseConfigToml('='), /Invalid TOML/],
    ['a path that is none', () => parseConfigToml('binary_path = 1'), /binary_path should be a text/],
    [
      'a type that is none',
      () => parseConfigToml('[[config]]\nid="a"\nvalue.Int = 1'),
      /with a type of Boolean, Integer/,
    ],
  ])('are refused with the reason: %s', (_, parse, message) => {
    expect(parse).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_FILE', message: expect.stringMatching(message) }),
    );
  });

  test('are named when they are missing', async () => {
    await expect(readConfigFile('no.toml')).rejects.toMatchObject({
      code: 'ERR_CONFIG_FILE',
      message: "There is no configuration file 'no.toml'.",
    });
  });
});

describe('the JSON Schema of a configuration', () => {
  test('has titles, descriptions, defaults, options, ranges and extensions', () => {
    expect(JSON.parse(JSON.stringify(configJsonSchema(SCHEMAS, 'My parser')))).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'My parser',
      type: 'object',
      additionalProperties: false,
      properties: {
        lossy: {
          title: 'Lossy',
          description: 'Replaces what is no text.',
          type: 'boolean',
          default: true,
          'x-chipmunk': { type: 'boolean' },
        },
        limit: {
          title: 'Limit',
          type: 'integer',
          minimum: -2147483648,
          maximum: 2147483647,
          default: 7,
          'x-chipmunk': { type: 'integer' },
        },
        factor: {
          title: 'Factor',
          anyOf: [
            { type: 'number', minimum: -3.4028234663852886e38, maximum: 3.4028234663852886e38 },
            { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] },
          ],
          default: 'NaN',
          'x-chipmunk': { type: 'float' },
        },
        name: { title: 'Name', type: 'string', default: 'x', 'x-chipmunk': { type: 'text' } },
        fibex: {
          title: 'Fibex',
          type: 'array',
          items: { type: 'string' },
          default: [],
          'x-chipmunk': { type: 'files', extensions: ['xml', 'arxml'] },
        },
        folders: {
          title: 'Folders',
          type: 'array',
          items: { type: 'string' },
          default: [],
          'x-chipmunk': { type: 'directories' },
        },
        level: {
          title: 'Level',
          type: 'string',
          enum: ['Error', 'Debug'],
          default: 'Error',
          'x-chipmunk': { type: 'dropdown' },
        },
      },
    });
  });

  test('of a plugin that is shipped accepts its defaults, in a validator that knows nothing of us', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('empty') });
    const { configSchemas } = await manager.inspect('string-parser');
    const check = new Ajv2020({ strict: false }).compile(configJsonSchema(configSchemas));
    expect(check(configToJson(resolveConfig(configSchemas, {})))).toBe(true);
    expect(check({ lossy: 'yes' })).toBe(false);
  });

  test('accepts what validateConfig accepts, for any schemas and values', async () => {
    // More, of random seeds: npm run long -- fuzz-config.
    expect((await fuzz({ seconds: 30, seed: 7, rounds: 1, log: () => {} })).executed).toBe(500);
  });
});

test('a session is not started with faults: all of them are in the error', async () => {
  await using manager = await PluginsManager.open({ directory: await stage.folder('empty') });
  const file = await stage.file('x.log', 'x\n');
  const config = { losy: true, lossy: 1 };
  const error = await manager.ingest({ source: { file }, parser: { plugin: 'string-parser', config } }).catch((e) => e);
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.faults).toMatchObject([
    { id: 'losy', suggestion: 'lossy' },
    { id: 'lossy', expected: 'true or false' },
  ]);
});
