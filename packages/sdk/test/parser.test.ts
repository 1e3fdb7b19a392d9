import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildPlugin } from '#index.js';
import { type ConfigItem, loadParser, type ParserExports, type PluginInstance } from '#testing/index.js';

const entry = fileURLToPath(new URL('assembly/everything.ts', import.meta.url));
let component: Uint8Array;

beforeAll(async () => {
  ({ component } = await buildPlugin({ kind: 'parser', entry, name: 'everything' }));
});

async function started(configs: readonly ConfigItem[] = []): Promise<PluginInstance<ParserExports>> {
  const plugin = await loadParser(component, { tempDirectory: () => '/tmp/grüße' });
  plugin.exports.init({ logLevel: 'debug' }, configs);
  return plugin;
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('what a parser says of itself', () => {
  test('gives version, schemas of every type and columns', async () => {
    const { exports } = await loadParser(component);
    expect(exports.getVersion()).toEqual({ major: 1, minor: 2, patch: 65535 });
    expect(exports.getConfigSchemas()).toEqual([
      { id: 'b', title: 'Boolean', description: 'a boolean', inputType: { tag: 'boolean', val: true } },
      { id: 'i', title: 'Integer', description: undefined, inputType: { tag: 'integer', val: -2147483648 } },
      { id: 'f', title: 'Float', description: undefined, inputType: { tag: 'float', val: 1.5 } },
      { id: 't', title: 'Text', description: undefined, inputType: { tag: 'text', val: 'grüße' } },
      { id: 'd', title: 'Directories', description: undefined, inputType: { tag: 'directories' } },
      { id: 'x', title: 'Files', description: undefined, inputType: { tag: 'files', val: ['log', 'txt'] } },
      { id: 'o', title: 'Option', description: '', inputType: { tag: 'dropdown', val: [['a', 'b'], 'b'] } },
    ]);
    expect(exports.getRenderOptions()).toEqual({
      columnsOptions: {
        columns: [
          { caption: 'A', description: 'first', width: 20 },
          { caption: 'B', description: '', width: -1 },
        ],
        minWidth: 5,
        maxWidth: 65535,
      },
    });
  });
});

describe('configuration', () => {
  test('finds values of every type by id', async () => {
    const { exports } = await started([
      { id: 'b', value: { tag: 'boolean', val: true } },
      { id: 'i', value: { tag: 'integer', val: -2147483648 } },
      { id: 'f', value: { tag: 'float', val: -0.25 } },
      { id: 't', value: { tag: 'text', val: 'a 😀 ß' } },
      { id: 'd', value: { tag: 'directories', val: ['/a', '/ü'] } },
      { id: 'x', value: { tag: 'files', val: [] } },
      { id: 'o', value: { tag: 'dropdown', val: 'second' } },
      { id: 'wrong type', value: { tag: 'text', val: '1' } },
    ]);
    const get = (id: string) => exports.parse(Buffer.from(`g${id}\n`))[0]?.value?.val;
    expect(['b', 'i', 'f', 't', 'd', 'x', 'o', 'wrong type', 'none'].map(get)).toEqual(
      ['true', '-2147483648', '-0.25', 'a 😀 ß', '/a|/ü', '', 'second', '7', 'missing default'].map((val) => ({
        tag: 'line',
        val,
      })),
    );
  });

  test.each([
    ['config', 'bad config'],
    ['io', 'bad io'],
    ['unsupported', 'bad request'],
    ['other', 'bad day'],
  ])('is refused with %s', async (refuse, val) => {
    const { exports } = await loadParser(component);
    const configs: ConfigItem[] = [{ id: 'refuse', value: { tag: 'text', val: refuse } }];
    expect(thrownBy(() => exports.init({ logLevel: 'info' }, configs))).toEqual({ tag: refuse, val });
  });
});

describe('items', () => {
  test('are lines, columns, attachments, both, and skipped bytes', async () => {
    const { exports } = await started();
    const input = 'lplain\nl\nsgrüße\ncähm\nCa,b,,ü\na\nadata\nmboth\n-skipped\nl last\n';
    const attachment = {
      name: 'näme',
      size: 1n << 40n,
      createdDate: 'yesterday',
      modifiedDate: 'today',
      messages: BigUint64Array.of(1n, 2n ** 64n - 1n),
    };
    const bare = { createdDate: undefined, modifiedDate: undefined, messages: new BigUint64Array(0) };
    const line = (val: string) => ({ tag: 'message', val: { tag: 'line', val } });
    const columns = (...val: string[]) => ({ tag: 'message', val: { tag: 'columns', val } });
    const items = exports.parse(Buffer.from(input));
    expect(items.map((item) => item.value)).toEqual([
      line('plain'),
      line(''),
      line('"grüße"'),
      columns('ähm', '4'),
      columns('a', 'b', '', 'ü'),
      { tag: 'attachment', val: { ...attachment, ...bare, data: new Uint8Array(0) } },
      { tag: 'attachment', val: { ...attachment, data: Uint8Array.from(Buffer.from('data')) } },
      {
        tag: 'message-and-attachment',
        val: [
          { tag: 'line', val: 'both' },
          { ...attachment, data: Uint8Array.from(Buffer.from('both')) },
        ],
      },
      undefined,
      line(' last'),
    ]);
    expect(items.map((item) => Number(item.consumed))).toEqual(
      input
        .slice(0, -1)
        .split('\n')
        .map((text) => Buffer.byteLength(text) + 1),
    );
  });

  test('may be many more than a list first has room for', async () => {
    const { exports } = await started();
    const lines = Array.from({ length: 100_000 }, (_, i) => (i % 3 === 0 ? `s${i}` : `l${i}`));
    const items = exports.parse(Buffer.from(`${lines.join('\n')}\n`));
    expect(items.map((item) => item.value?.val)).toEqual(
      lines.map((text) => ({ tag: 'line', val: text.startsWith('s') ? `"${text.slice(1)}"` : text.slice(1) })),
    );
  });

  test.each([
    ['unothing left\n', { tag: 'unrecoverable', val: 'nothing left' }],
    ['pnöt\n', { tag: 'parse', val: 'nöt' }],
    ['i\n', { tag: 'incomplete' }],
    ['e\n', { tag: 'eof' }],
    ['lan item\np\n', { tag: 'parse', val: '' }],
  ])('give way to the error of %j, once', async (input, error) => {
    const { exports } = await started();
    expect(thrownBy(() => exports.parse(Buffer.from(input)))).toEqual(error);
    expect(exports.parse(Buffer.from('lnext\n'))).toHaveLength(1);
  });

  test('know the timestamp if the host does', async () => {
    const { exports } = await started();
    const times = [exports.parse(Buffer.from('t\n'), 2n ** 64n - 1n), exports.parse(Buffer.from('t\n'))];
    expect(times.map(([item]) => item?.value?.val)).toEqual([
      { tag: 'line', val: '18446744073709551615' },
      { tag: 'line', val: 'none' },
    ]);
  });
});

describe('the host', () => {
  test('gets messages down to its log level, and long ones, with lone surrogates replaced', async () => {
    const { exports, log } = await started();
    exports.parse(Buffer.from('L\n'));
    expect(log.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: an error',
      'warn: a warning',
      'info: an info',
      'debug: a debug',
    ]);
    exports.init({ logLevel: 'trace' }, []);
    exports.parse(Buffer.from('L\n'));
    expect(log.at(-1)).toEqual({ level: 'trace', message: `${'long '.repeat(1000)}\ufffd!` });
  });

  test('is asked for the temporary directory', async () => {
    const { exports } = await started();
    expect(exports.parse(Buffer.from('T\n'))[0]?.value?.val).toEqual({ tag: 'line', val: '/tmp/grüße' });
    const without = await loadParser(component);
    const answer = without.exports.parse(Buffer.from('T\n'))[0]?.value?.val;
    expect(answer).toEqual({ tag: 'line', val: 'error: there is no temporary directory' });
  });

  test('finds the reason of a trap in the log', async () => {
    const { exports, log } = await started();
    expect(thrownBy(() => exports.parse(Buffer.from('!\n')))).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(log.at(-1)?.level).toBe('error');
    expect(log.at(-1)?.message).toMatch(/^as told at everything\.ts:\d+:\d+$/);
  });
});
