import { describe, expect, test } from 'vitest';
import { configOf, parseAll, type Settings, type Shown, startPlugin } from './feed.js';

async function shown(input: string | Buffer, settings: Settings = {}): Promise<Shown[]> {
  return parseAll(await startPlugin(), Buffer.from(input), settings).map((item) => item.shown);
}

const lines = (...values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

describe('the common columns', () => {
  test('show what logging libraries write', async () => {
    const input = lines(
      { level: 30, time: 1531171074631, pid: 657, hostname: 'h', name: 'app', msg: 'hello' },
      { '@timestamp': '2024-03-18T06:00:00.013Z', 'log.level': 'warn', message: 'ecs', 'log.logger': 'a.B' },
      { '@t': '2024-03-18T06:00:00Z', '@l': 'Error', '@m': 'clef', SourceContext: 'S' },
      { __REALTIME_TIMESTAMP: '1710741600013000', PRIORITY: '6', MESSAGE: 'journal', SYSLOG_IDENTIFIER: 'sshd' },
      { ts: 1710741600.013, level: 'info', logger: 'zap', caller: 'a.go:1', msg: 'zap' },
      { log: 'docker\n', stream: 'stdout', time: '2024-03-18T06:00:00.013Z' },
      { time: '2024-03-18T06:00:00Z', log: { level: 'info', file: 'x' }, message: 'nested' },
      { log: { level: 'info', logger: 'all shown' } },
    );
    expect(await shown(input)).toEqual([
      ['1531171074631', '30', 'app', 'hello', '{"pid":657,"hostname":"h"}'],
      ['2024-03-18T06:00:00.013Z', 'warn', 'a.B', 'ecs', ''],
      ['2024-03-18T06:00:00Z', 'Error', 'S', 'clef', ''],
      ['1710741600013000', '6', 'sshd', 'journal', ''],
      ['1710741600.013', 'info', 'zap', 'zap', '{"caller":"a.go:1"}'],
      ['2024-03-18T06:00:00.013Z', '', '', 'docker\n', '{"stream":"stdout"}'],
      ['2024-03-18T06:00:00Z', 'info', '', 'nested', '{"log":{"level":"info","file":"x"}}'],
      ['', 'info', 'all shown', '', ''],
    ]);
  });

  test('show the first of several members; the others stay in the rest, wherever they are', async () => {
    const time = '2024-03-18T06:00:00Z';
    expect(await shown(lines({ msg: 'b', message: 'a' }, { message: 'a', msg: 'b' }))).toEqual([
      ['', '', '', 'a', '{"msg":"b"}'],
      ['', '', '', 'a', '{"msg":"b"}'],
    ]);
    expect(await shown(lines({ time: '12 ms', ts: time, level: { a: 1 }, message: 5 }))).toEqual([
      [time, '', '', '', '{"time":"12 ms","level":{"a":1},"message":5}'],
    ]);
  });
});

describe('named columns', () => {
  const object = { a: { b: 1, 'c.d': 'x', e: [1, { f: null }] }, g: null, h: 'text' };

  test.each<[string, readonly string[]]>([
    ['h', ['text', '{"a":{"b":1,"c.d":"x","e":[1,{"f":null}]},"g":null}']],
    ['a', ['{"b":1,"c.d":"x","e":[1,{"f":null}]}', '{"g":null,"h":"text"}']],
    ['a.b, a.e ,none', ['1', '[1,{"f":null}]', '', '{"a":{"b":1,"c.d":"x","e":[1,{"f":null}]},"g":null,"h":"text"}']],
    ['a.b,a.e,a.c\\.d,g,h', ['1', '[1,{"f":null}]', 'x', 'null', 'text', '']],
    ['a.b,a,g,h', ['1', '{"b":1,"c.d":"x","e":[1,{"f":null}]}', 'null', 'text', '']],
    ['h.x', ['', JSON.stringify(object)]],
  ])('%j', async (columns, row) => {
    expect(await shown(lines(object), { columns })).toEqual([row]);
    expect(await shown(lines(object), { columns, rest: false })).toEqual([row.slice(0, -1)]);
  });

  test('may be named by any text', async () => {
    const input = lines({ 'a,b': 1, ' c': 2, 'd\\': 3, größe: 4, 'a name of more than sixteen bytes': 5 });
    const columns = 'a\\,b,\\ c,d\\\\,größe,a name of more than sixteen bytes';
    expect(await shown(input, { columns, rest: false })).toEqual([['1', '2', '3', '4', '5']]);
  });

  test.each<[Settings, string]>([
    [{ find: 100 }, 'find: expected 0 to 99, not 100'],
    [{ find: -1 }, 'find: expected 0 to 99, not -1'],
    [{ find: 1, columns: 'a' }, 'find: expected 0 where columns are named'],
  ])('%j are refused', async (settings, message) => {
    const { exports } = await startPlugin();
    let error: unknown;
    try {
      exports.init({ logLevel: 'info' }, configOf(settings));
    } catch (thrown) {
      error = thrown;
    }
    expect(JSON.stringify(error)).toContain(message);
  });

  test.each([
    ['a,,b', 'columns: a name is empty'],
    ['a,b..c', "columns: 'b..c' has a name that is empty"],
    ['a, b,a', "columns: 'a' is there twice"],
    [Array.from({ length: 100 }, (_, i) => `c${i}`).join(), 'columns: expected up to 99, not 100'],
  ])('%j are refused', async (columns, message) => {
    const { exports } = await startPlugin();
    let error: unknown;
    try {
      exports.init({ logLevel: 'info' }, configOf({ columns }));
    } catch (thrown) {
      error = thrown;
    }
    expect(JSON.stringify(error)).toContain(message);
  });

  test('of two members of one name show the last one', async () => {
    const input = '{"a":1,"a":2}\n{"b":{"c":1},"b":{"d":2}}\n{"b":{"c":1},"b":3}\n';
    expect(await shown(input, { columns: 'a,b.c' })).toEqual([
      ['2', '', ''],
      ['', '', '{"b":{"d":2}}'],
      ['', '', '{"b":3}'],
    ]);
  });
});

describe('columns of the first lines', () => {
  const many = Array.from({ length: 30 }, (_, i) => `{"n":${i},"late${i}":1}\n`).join('');

  test.each<[string, Settings, readonly Shown[]]>([
    [
      '{"b":1,"a":{"c":2}}\n{"a":3,"d":4}\n',
      { find: 9, rest: false },
      [padded(9, 'b', 'a', 'd'), padded(9, '1', '{"c":2}'), padded(9, '', '3', '4')],
    ],
    [
      '{"b":1,"a":2}',
      { find: 1 },
      [
        ['b', 'Rest'],
        ['1', '{"a":2}'],
      ],
    ],
    [
      '\ufeff{"\\u00e4\\"":1}\r\nno JSON\n[1]\n{"b":1',
      { find: 2, rest: false },
      [['ä"', ''], ['1', ''], 'no JSON', '[1]', '{"b":1'],
    ],
    ['\n', { find: 1 }, [['', 'Rest'], undefined]],
  ])('of %j, wherever slices end', async (input, settings, expected) => {
    const plugin = await startPlugin();
    const bytes = Buffer.from(input);
    for (let window = 1; window <= bytes.length; window++) {
      const items = parseAll(plugin, bytes, settings, [window]);
      expect(items.map((item) => item.shown)).toEqual(expected);
      expect(items.reduce((sum, item) => sum + item.bytes, 0)).toBe(bytes.length);
    }
  });

  test('are looked for in 20 of them, and in those that end within 64 KiB', async () => {
    const plugin = await startPlugin();
    const namesIn = (input: string, window: number) => {
      const [first] = parseAll(plugin, Buffer.from(input), { find: 99, rest: false }, [window]);
      return Array.from(first?.shown ?? []).filter((name) => name !== '');
    };
    const long = `{"long":"${'x'.repeat(70_000)}"}\n`;
    for (const window of [1000, 100_000, 1_000_000]) {
      expect(namesIn(many, window)).toEqual(['n', ...Array.from({ length: 20 }, (_, i) => `late${i}`)]);
      expect(namesIn(`{"a":1}\n${long}{"b":1}\n`, window)).toEqual(['a']);
      expect(namesIn(long, window)).toEqual([]);
    }
  });

  function padded(count: number, ...found: string[]): readonly string[] {
    return Array.from({ length: count }, (_, i) => found[i] ?? '');
  }
});

describe('values', () => {
  test('are shown as they are written, strings without escapes', async () => {
    const input = String.raw`{"a":"\"\\\/\b\f\n\r\t\u00e4\u20AC\ud83d\ude00","b":"\ud83d \ude00\ud83d\ud83d\ude00","c":"\u0000\u0004","d":-0.10E+2}`;
    expect(await shown(input, { columns: 'a,b,c,d' })).toEqual([
      ['"\\/\b\f\n\r\tä€😀', '\ufffd \ufffd\ufffd😀', '\0\x04', '-0.10E+2', ''],
    ]);
  });

  test('of strings of all lengths are right wherever an escape or their end lies', async () => {
    const plugin = await startPlugin();
    for (let length = 0; length < 70; length++) {
      for (const special of ['\n', 'ä', '😀', '"', '\ud83d', '']) {
        const text = 'x'.repeat(length) + special + 'y'.repeat((length * 7) % 40);
        const input = Buffer.from(`${JSON.stringify({ a: text, b: special })}\n`);
        const [row] = parseAll(plugin, input, { columns: 'a,b' });
        expect(row?.shown).toEqual([text.toWellFormed(), special.toWellFormed(), '']);
      }
    }
  });

  test('may be nested as deep as memory goes', async () => {
    const deep = `${'['.repeat(300_000)}${']'.repeat(300_000)}`;
    const objects = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
    const input = `{"a":${deep},"b":1}\n${objects}\n{"a":${deep.slice(1)}}\n`;
    const items = await shown(input, { columns: 'b,a.a', rest: false });
    expect(items.slice(0, 2)).toEqual([
      ['1', ''],
      ['', objects.slice(10, -2)],
    ]);
    expect(typeof items[2]).toBe('string');
  });
});

describe('lines', () => {
  test.each<[string, readonly Shown[]]>([
    ['{"a":1}\r\n{"a":2}\r', [['1'], ['2']]],
    ['\ufeff{"a":1}\n\ufeff{"a":2}\n', [['1'], '\ufeff{"a":2}']],
    ['\ufeff', [undefined]],
    ['\n \r\n\t{ "a" : 1 } \n  ', [undefined, undefined, ['1'], undefined]],
    ['{"a":1}', [['1']]],
    ['{"a":1}\n{"a":', [['1'], '{"a":']],
    ['{"a":"x\ny"}\n', ['{"a":"x', 'y"}']],
    ['a\x04b\r\nc\n', [['a\x04b'], 'c']],
  ])('%j, wherever slices end', async (input, expected) => {
    const plugin = await startPlugin();
    const bytes = Buffer.from(input);
    for (let window = 1; window <= bytes.length; window++) {
      const items = parseAll(plugin, bytes, { columns: 'a', rest: false }, [window]);
      expect(items.map((item) => item.shown)).toEqual(expected);
      expect(items.reduce((sum, item) => sum + item.bytes, 0)).toBe(bytes.length);
    }
  });

  test('may have many MiB', async () => {
    const plugin = await startPlugin();
    const long = 'ä\n'.repeat(4 << 20);
    const input = Buffer.from(`{"a":1}\n${JSON.stringify({ a: long })}\n{"a":2}`);
    const items = parseAll(plugin, input, { columns: 'a', rest: false }, [1 << 20, 4 << 20, 32 << 20]);
    expect(items.map((item) => item.shown)).toEqual([['1'], [long], ['2']]);
  });

  test('that are no objects are shown as text, and the log tells of ten', async () => {
    const plugin = await startPlugin();
    const broken = [
      '{"a":tru}',
      '[1]',
      '{"a" 1}',
      '{a:1}',
      '{"a":1 "b"}',
      '{"a":[1 2]}',
      '{"a":"\\x"}',
      '{"a":1}x',
      '{"a":-}',
    ];
    const input = Buffer.from(`${[...broken, ...broken].join('\n')}\n`);
    const items = parseAll(plugin, input, {}, [30]);
    expect(items.map((item) => item.shown)).toEqual([...broken, ...broken]);
    const begin = 'shown as text: the line 0 bytes after the start of the input is no JSON object: ';
    expect(plugin.log.map(({ message }) => message.replace(/the line \d+/, 'the line 0').replace(begin, ''))).toEqual([
      'expected a value at byte 6',
      "expected '{' at byte 1",
      "expected ':' at byte 6",
      'expected the name of a member at byte 2',
      "expected ',' or '}' at byte 8",
      "expected ',' or ']' at byte 9",
      'expected an escape at byte 7',
      'expected the end of the line at byte 8',
      'expected a digit at byte 7',
      'expected a value at byte 6; more of these are shown without a message',
    ]);
    expect(plugin.log[1]?.message).toMatch(/the line 10 bytes after the start/);
  });

  test('that are not valid UTF-8 have U+FFFD in place of what is not, and the log tells of ten', async () => {
    const plugin = await startPlugin();
    const line = Buffer.from('{"a":"x\xff","b":"\xc3"}\n', 'latin1');
    const input = Buffer.concat([Buffer.from('{"a":"ä"}\n'), ...Array<Buffer>(20).fill(line)]);
    const items = parseAll(plugin, input, { columns: 'a,b', rest: false }, [50]);
    expect(items.map((item) => item.shown)).toEqual([['ä', ''], ...Array(20).fill(['x\ufffd', '\ufffd'])]);
    expect(plugin.log).toHaveLength(10);
    expect(plugin.log[0]).toEqual({
      level: 'warn',
      message: 'replaced with U+FFFD what is not valid UTF-8 in the line 11 bytes after the start of the input',
    });
  });

  test('of one call are bounded, and the rest comes with the next', async () => {
    const plugin = await startPlugin();
    plugin.exports.init({ logLevel: 'info' }, configOf({}));
    const input = Buffer.from(`${'{}\n'.repeat(100_000)}{}`);
    expect(plugin.exports.parse(input)).toHaveLength(65_536);
    expect(parseAll(plugin, input)).toHaveLength(100_001);
  });
});

test('describes its configuration and its columns, which follow it', async () => {
  const { exports } = await startPlugin();
  const captions = () => exports.getRenderOptions().columnsOptions?.columns.map(({ caption }) => caption);
  expect(exports.getConfigSchemas().map(({ id, inputType }) => [id, inputType])).toEqual([
    ['columns', { tag: 'text', val: '' }],
    ['find', { tag: 'integer', val: 0 }],
    ['rest', { tag: 'boolean', val: true }],
  ]);
  expect(exports.getVersion()).toEqual({ major: 0, minor: 1, patch: 0 });
  expect(captions()).toEqual(['Time', 'Level', 'Source', 'Message', 'Rest']);
  exports.init({ logLevel: 'info' }, configOf({ columns: 'a.b, c', rest: false }));
  expect(captions()).toEqual(['a.b', 'c']);
  exports.init({ logLevel: 'info' }, configOf({ find: 2 }));
  expect(captions()).toEqual(['1', '2', 'Rest']);
  exports.init({ logLevel: 'info' }, []);
  expect(captions()).toEqual(['Time', 'Level', 'Source', 'Message', 'Rest']);
});
