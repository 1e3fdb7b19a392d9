import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
import { Batch, configFromStrings, PluginsManager, readStream, resolveConfig } from '@chipmunk-host/manager';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import type { WorkerPool } from '@chipmunk-host/runtime/internal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { besideBuiltIn, builtInRows } from './built-in-source-rows.js';
import {
  amount,
  callback,
  EMPTY,
  flag,
  folder,
  LIST,
  limit,
  NULL,
  NUMBER,
  OBJECT,
  object,
  pluginUseRows,
  type Row,
  sessionRows,
  sourceExpected,
  sourceKeys,
  sourceRows,
  TEXT,
  whole,
} from './option-rows.js';
import { STRING_PARSER, setStage, texts } from './support.js';

const stage = setStage();
const binary = readFileSync(STRING_PARSER);
let manager: PluginsManager;
let pool: WorkerPool;
let component: CompiledComponent;
let file: string;
beforeAll(async () => {
  manager = await PluginsManager.open({ directory: await stage.folder('plugins'), load: 'lazy' });
  pool = createParserPool();
  component = await compile(binary);
  file = await stage.file('input.log', 'line\n');
});
afterAll(async () => {
  await manager.close();
  await pool.close();
});

interface Scope {
  readonly name: string;
  /** Calls with these options, beside those that are always needed. */
  readonly call: (options: Record<string, unknown>) => unknown;
  /** What has to stand beside an option that is looked at, by the beginning of its path. */
  readonly beside?: Readonly<Record<string, () => unknown>>;
  readonly rows: readonly Row[];
}

const scopes: readonly Scope[] = [
  {
    name: 'the request of a session',
    call: (options) => manager.ingest({ source: { file }, parser: { plugin: 'string-parser' }, ...options } as never),
    beside: {
      'source.file': () => ({}),
      'source.stream': () => ({}),
      'source.bytes': () => ({}),
      'source.blob': () => ({}),
      'source.handle': () => ({}),
      ...besideBuiltIn,
      'source.': () => ({ plugin: 'file-source' }),
      'parser.': () => ({ plugin: 'string-parser' }),
    },
    rows: [
      ...sourceRows('plugin'),
      ...builtInRows,
      ...pluginUseRows('source'),
      ['parser', 'an object with plugin, profile, deny, memoryBytes, config', TEXT, NULL, LIST],
      ...pluginUseRows('parser'),
      ['parser.config', 'an object or a function', TEXT, NUMBER, NULL, LIST],
      ...sessionRows,
      whole('parallel', 1),
    ],
  },
  {
    name: 'the options of IngestSession.open',
    call: (options) => IngestSession.open({ source: { file }, component, pool, ...options } as never),
    beside: {
      'source.file': () => ({}),
      'source.stream': () => ({}),
      'source.bytes': () => ({}),
      'source.blob': () => ({}),
      'source.handle': () => ({}),
      ...besideBuiltIn,
      'source.component': () => ({}),
      'source.': () => ({ component }),
      'parallel.': () => ({ instances: 2, boundary: 'newline' }),
    },
    rows: [
      ...sourceRows('component'),
      ...builtInRows,
      ['source.plugin', 'a text that is not empty', EMPTY, NUMBER, NULL],
      ['source.component', 'a compiled component, as `compile` makes it', TEXT, NULL, OBJECT],
      ['component', 'a compiled component, as `compile` makes it', TEXT, NULL, OBJECT],
      ['pool', 'a pool, as `createParserPool` makes it', TEXT, NULL, OBJECT],
      ['plugin', 'a text that is not empty', EMPTY, NUMBER, NULL],
      ['config', 'an object or a function', TEXT, NUMBER, NULL, LIST],
      ...sessionRows,
      ['info', 'what the parser said of itself, as the `info` of a session', TEXT, NULL, OBJECT],
      ['source.info', 'what the byte-source said of itself, as the `info` of its host', TEXT, NULL, OBJECT],
      object('parallel', 'instances, boundary, patterns, onlyWith, splitBytes'),
      whole('parallel.instances', 1),
      ['parallel.boundary', "'newline' or 'pattern'", ['newlin', "'newlin'"], NUMBER, NULL],
      ['parallel.patterns', "a list of texts of 1 to 64 bytes in hexadecimal, such as '0d 0a'", TEXT, NUMBER, NULL],
      ['parallel.onlyWith', 'an object', TEXT, NUMBER, NULL, LIST],
      whole('parallel.splitBytes', 1),
    ],
  },
  {
    name: 'the options of a manager',
    call: (options) => PluginsManager.open({ directory: stage.directory, ...options } as never),
    rows: [
      folder('directory'),
      flag('createDirectory'),
      flag('bundled'),
      ['load', "'eager' or 'lazy'", ['lasy', "'lasy'"], NUMBER, NULL],
      limit('loadDeadlineMs', 1),
      flag('alwaysHash'),
      whole('maxInstances', 1),
      whole('prewarm'),
      object('sourceLimits', 'maxBytes, maxEntries, maxRatio'),
      amount('sourceLimits.maxBytes'),
      amount('sourceLimits.maxEntries'),
      amount('sourceLimits.maxRatio'),
      folder('cacheDirectory'),
      callback('onWarning'),
    ],
  },
  {
    name: 'the options of a pool',
    call: async (options) => createParserPool(options as never),
    rows: [whole('maxInstances', 1), whole('prewarm')],
  },
  {
    name: 'the options of compile',
    call: (options) => compile(binary, options as never),
    rows: [
      folder('cacheDirectory'),
      ['expectedHash', 'a SHA-256 as 64 hexadecimal digits', ['abc', "'abc'"], EMPTY, NUMBER, NULL],
      limit('deadlineMs', 1),
      ['signal', 'an AbortSignal', TEXT, NULL, OBJECT],
      limit('maxBytes', 1, Number.MAX_SAFE_INTEGER),
      [
        'limits',
        expect.stringMatching(/^an object with nameBytes, nesting, .*, glueBytes$/) as unknown as string,
        TEXT,
        NULL,
        LIST,
      ],
      amount('limits.glueBytes'),
      amount('limits.moduleFunctions'),
      limit('memoryBytes', 1, Number.MAX_SAFE_INTEGER),
      limit('tableElements', 0, Number.MAX_SAFE_INTEGER),
      ['allow', 'a list of features', TEXT, NUMBER, NULL, OBJECT],
      ['allow[0]', "'gc'", ['threads', "'threads'"], NUMBER, NULL],
      limit('compilerHeapMiB', 8),
      callback('onWarning'),
    ],
  },
];

/** An object with the value at the path, and with what has to stand beside it. */
function optionsWith(path: string, value: unknown, beside: Scope['beside'] = {}): Record<string, unknown> {
  const steps = path.split(/[.[]/).map((step) => step.replace(']', ''));
  const built = steps.reduceRight<unknown>((inner, step) => {
    if (!/^\d+$/.test(step)) return { [step]: inner };
    const list: unknown[] = [];
    list[Number(step)] = inner;
    return list;
  }, value) as Record<string, unknown>;
  const [prefix, make] = Object.entries(beside).find(([start]) => path.startsWith(start)) ?? [];
  const [first = ''] = steps;
  if (prefix === undefined || make === undefined) return built;
  return { [first]: { ...(make() as object), ...(built[first] as object) } };
}

async function errorOf(
  call: () => unknown,
): Promise<{ code?: string; message?: string; help?: string; name?: string }> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  return {};
}

describe.each(scopes)('$name', ({ call, rows, beside }) => {
  test.each(rows.map(([path, expected, ...wrong]) => ({ path, expected, wrong })))(
    '$path',
    async ({ path, expected, wrong }) => {
      for (const [value, shown] of wrong) {
        const error = await errorOf(() => call(optionsWith(path, value, beside)));
        const message =
          typeof expected === 'string' ? `The option ${path} is ${shown}; expected ${expected}.` : expect.any(String);
        expect({ code: error.code, message: error.message?.replace(/ Did you mean '[a-z]+'\?$/, '') }).toEqual({
          code: 'ERR_INVALID_OPTION',
          message,
        });
      }
    },
  );

  const named = rows.map(([path]) => path).filter((path) => !path.endsWith(']') && !path.endsWith('.HOME'));
  test.each(named)('%s misspelt', async (path) => {
    // With an s behind it, one of them would be another option.
    const misspelt = `${path}x`;
    const error = await errorOf(() => call(optionsWith(misspelt, undefined, beside)));
    expect(error).toMatchObject({ name: 'HostError', code: 'ERR_INVALID_OPTION' });
    expect(error.message).toMatch(
      new RegExp(`^There is no option '${misspelt.replaceAll('.', '\\.')}'\\.( Did you mean '[\\w.]+'\\?)?$`),
    );
    // All names at that place are looked at here.
    const at = path.includes('.') ? path.slice(0, path.lastIndexOf('.') + 1) : '';
    const known = /are: (.*)\.$/.exec(error.help ?? '')?.[1]?.split(', ') ?? [];
    expect(known).toContain(path.slice(at.length));
    if (!at.startsWith('limits')) expect(named).toEqual(expect.arrayContaining(known.map((name) => at + name)));
  });
});

describe('what is probably meant is named', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ deadlinMs: 5 }, "There is no option 'deadlinMs'. Did you mean 'deadlineMs'?"],
    [{ recovery: { maxRestart: 5 } }, "There is no option 'recovery.maxRestart'. Did you mean 'recovery.maxRestarts'?"],
    [{ source: { flie: 'x.log' } }, "There is no option 'source.flie'. Did you mean 'source.file'?"],
    [{ nonsense: 1 }, "There is no option 'nonsense'."],
    [
      { logLevel: 'wran' },
      "The option logLevel is 'wran'; expected 'error', 'warn', 'info', 'debug', 'trace'. Did you mean 'warn'?",
    ],
  ])('%j', async (options, message) => {
    const request = { source: { file }, parser: { plugin: 'string-parser' }, ...options };
    expect(await errorOf(() => manager.ingest(request as never))).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message,
    });
  });

  test('with what there is instead', async () => {
    const { help } = await errorOf(() => manager.ingest({ source: { fi: 'x' }, parser: { plugin: 'x' } } as never));
    expect(help).toBe(`Options of source are: ${sourceKeys('plugin').join(', ')}.`);
  });
});

describe('what is missing or too much', () => {
  test.each<[unknown, string]>([
    [undefined, 'The request is undefined; expected an object.'],
    ['x.log', "The request is 'x.log'; expected an object."],
    [
      { source: { file: 'x' } },
      'The option parser is missing; expected an object with plugin, profile, deny, memoryBytes, config.',
    ],
    [{ parser: { plugin: 'x' } }, `The option source is missing; expected ${sourceExpected('plugin')}.`],
    [
      { source: { file: 'x' }, parser: {} },
      'The option parser.plugin is missing; expected a text that is not empty or bytes (Uint8Array).',
    ],
    [
      { source: { file: 'x', stream: [] }, parser: { plugin: 'x' } },
      'The option source.stream is an array; expected nothing beside source.file.',
    ],
  ])('in a request: %j', async (request, message) => {
    expect(await errorOf(() => manager.ingest(request as never))).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message,
    });
  });

  test('in the other calls', async () => {
    for (const call of [
      () => PluginsManager.open(5 as never),
      () => IngestSession.open(null as never),
      () => createParserPool('x' as never),
      () => compile(binary, [] as never),
      () => compile('x' as never),
      () => manager.add(5 as never),
      () => manager.add('x', { repalce: true } as never),
      () => manager.update('x', { replace: true } as never),
      () => manager.watch({ pollMs: '5' } as never),
      ...[undefined, null, 5, {}, []].flatMap((wrong) => [
        () => manager.plugin(wrong as never),
        () => manager.enable(wrong as never),
        () => manager.on(wrong as never, () => {}),
        () => manager.on('added', wrong as never),
        () => manager.replay(wrong as never),
        () => manager.inspect(wrong as never),
        () => manager.profiles.get('string-parser', wrong as never),
      ]),
      () => manager.on('nonsense' as never, () => {}),
      () => manager.pin('string-parser', 5 as never),
      () => configFromStrings(5 as never, []),
      () => configFromStrings([], [['id']] as never),
      () => resolveConfig(null as never, {}),
    ])
      expect(await errorOf(call)).toMatchObject({ name: 'HostError', code: 'ERR_INVALID_OPTION' });
  });
});

describe('what is as it may be', () => {
  test('an option that is undefined is as good as none', async () => {
    const options = {
      deadlineMs: undefined,
      recovery: { maxRestarts: undefined },
      onLog: undefined,
      signal: undefined,
    };
    const request = { source: { file }, parser: { plugin: 'string-parser', config: undefined }, ...options };
    expect(await texts(await manager.ingest(request as never))).toEqual(['line']);
  });

  test('a file by its URL, and bytes in a list', async () => {
    const parser = { plugin: 'string-parser' };
    expect(await texts(await manager.ingest({ source: { file: pathToFileURL(file) }, parser }))).toEqual(['line']);
    expect(await texts(await manager.ingest({ source: { stream: [Buffer.from('one\n')] }, parser }))).toEqual(['one']);
    await using session = await IngestSession.open({ source: { file: pathToFileURL(file) }, component, pool });
    expect(await texts(session)).toEqual(['line']);
  });
});

test.each([undefined, 5, 'text', [1]])('a batch is read of bytes, not of %j', (wrong) => {
  const refused = expect.objectContaining({ name: 'BatchError', code: 'ERR_INVALID_OPTION' });
  expect(() => Batch.from(wrong as never)).toThrow(refused);
  expect(() => [...readStream(wrong as never)]).toThrow(refused);
});

describe('docs/options.md tells the same of every number', () => {
  const page = readFileSync(new URL('../../../docs/options.md', import.meta.url), 'utf8');
  /** From the name of an option to what its row says of 0 and of no limit. */
  const sections = Object.fromEntries(
    page
      .split('\n## ')
      .map((section) => [
        section.slice(0, section.indexOf('\n')),
        new Map(
          [...section.matchAll(/^\| `([\w.*]+)`[^|]*\|[^|]*\|[^|]*\|([^|]*)\|([^|]*)\|$/gm)].map(
            ([, name = '', zero = '', none = '']) => [name, { zero: zero.trim(), none: none.trim() }] as const,
          ),
        ),
      ]),
  );

  test.each([
    ['the request of a session', 'Of a request'],
    ['the options of a manager', 'Of a manager'],
    ['the options of compile', 'Of `compile` and hosts'],
    ['the options of IngestSession.open', 'Of a request'],
  ])('%s', (name, title) => {
    // Options of hosts alone have a section of their own.
    const section = new Map([...(sections['Of `compile` and hosts'] ?? []), ...(sections[title] ?? [])]);
    const numbers = (scopes.find((scope) => scope.name === name)?.rows ?? []).filter(([, expected]) =>
      /number (from|of at least)/.test(String(expected)),
    );
    expect(numbers.length).toBeGreaterThan(3);
    for (const [path, expected] of numbers) {
      const option = path.replace(/^(source|parser)\./, '').replace(/^limits\..*/, 'limits.*');
      const row = section.get(option) ?? { zero: 'missing', none: 'missing' };
      const said = {
        option,
        zeroIsRefused: row.zero.startsWith('refused'),
        hasNoLimit: row.none.startsWith('`Infinity`'),
      };
      const refused = !/number (from 0|of at least 0)/.test(expected);
      expect(said).toEqual({ option, zeroIsRefused: refused, hasNoLimit: expected.includes('or Infinity') });
      if (!said.hasNoLimit) expect(row.none).toBe('-');
    }
  });
});
