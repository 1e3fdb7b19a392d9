import { readFileSync } from 'node:fs';
import { loadParser, type ParserExports, type PluginInstance } from '@chipmunk-host/sdk/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configOf, expectedItems, parseAll, type Settings } from './feed.js';

const component = readFileSync(new URL('../dist/string-parser.wasm', import.meta.url));
const plain: Settings = { lossy: false, prefix: '', columns: false };

async function started(settings: Settings = plain): Promise<PluginInstance<ParserExports>> {
  const plugin = await loadParser(component);
  plugin.exports.init({ logLevel: 'info' }, configOf(settings));
  return plugin;
}

function textsOf(parser: ParserExports, input: string, windows = [input.length]): unknown[] {
  return parseAll(parser, Buffer.from(input), windows).map((item) => item.value?.val);
}

const line = (val: string) => ({ tag: 'line', val });

describe('lines', () => {
  test.each([
    ['a\nb\n', ['a', 'b']],
    ['a\nb', ['a', 'b']],
    ['\n\n', ['', '']],
    ['a\r\nb\r\r\n', ['a', 'b\r']],
    ['\r\n\r\r\n', ['', '\r']],
    ['a\rb\n', ['a\rb']],
    ['a\nb\r', ['a', 'b\r']],
    ['\r', ['\r']],
    ['a\0b\n\0', ['a\0b', '\0']],
    ['a\n\ufeffb\n', ['a', '\ufeffb']],
    ['grüße\n😀', ['grüße', '😀']],
  ])('of %j are %j, wherever slices end', async (input, texts) => {
    const { exports } = await started();
    for (let window = 1; window <= Buffer.byteLength(input); window++) {
      expect(textsOf(exports, input, [window])).toEqual(texts.map(line));
    }
  });

  test('are the same for all bytes, slices and settings', async () => {
    const fragment = fc.oneof(
      fc
        .constantFrom('\n', '\r\n', '\r', 'a', 'ü', '€', '😀', '\0', '\ufeff', 'x'.repeat(63), 'y'.repeat(200))
        .map(Buffer.from),
      fc
        .constantFrom('ff', 'c3', 'e282', 'f09f98', 'eda080', 'c080', 'f4908080', '80', 'e0', 'f8')
        .map((hex) => Buffer.from(hex, 'hex')),
      fc.uint8Array({ maxLength: 4 }),
    );
    const settings = fc.record({
      lossy: fc.boolean(),
      prefix: fc.constantFrom('', '> ', 'präfix lang genug: '),
      columns: fc.boolean(),
    });
    const windows = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });
    const { exports } = await started();
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 60 }), windows, settings, (fragments, sizes, chosen) => {
        const input = Buffer.concat(fragments);
        exports.init({ logLevel: 'error' }, configOf(chosen));
        expect(parseAll(exports, input, sizes)).toEqual(expectedItems(input, chosen));
      }),
      { numRuns: 2000 },
    );
  });

  test('end anywhere in the vectors and blocks that are searched', async () => {
    const { exports } = await started();
    const around = (length: number) => Array.from({ length: 140 }, (_, i) => length - 70 + i);
    for (const length of [...around(70), ...around(4096), ...around(8192)]) {
      const first = 'x'.repeat(length);
      const texts = [first, 'b', 'c\rd', '', 'e'.repeat(length % 80), 'ü'.repeat(length % 50), first];
      const input = Buffer.from(`${texts.join(length % 3 === 0 ? '\r\n' : '\n')}\n`);
      exports.init({ logLevel: 'info' }, configOf(plain));
      expect(textsOf(exports, input.toString(), [input.length])).toEqual(texts.map(line));
    }
  });

  test('are valid or not at any place of the vectors and blocks that are checked', async () => {
    const character = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('a', 'ü', '€', '😀', '\u0800', '\ud7ff', '\ue000', '\u{10ffff}', '\u07ff', '\x7f'),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    );
    const text = fc.array(character, { minLength: 1, maxLength: 40 }).map((characters) => characters.join(''));
    const lines = fc.array(fc.tuple(text, fc.integer({ min: 1, max: 60 }), fc.constantFrom('\n', '\r\n')), {
      maxLength: 12,
    });
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc1, 0xc3, 0xe0, 0xed, 0xf0, 0xf4, 0xf8)),
      {
        maxLength: 2,
      },
    );
    const { exports } = await started();
    fc.assert(
      fc.property(lines, damage, fc.boolean(), fc.integer({ min: 100, max: 9000 }), (parts, damaged, lossy, window) => {
        const input = Buffer.from(parts.map(([content, times, end]) => content.repeat(times) + end).join(''));
        for (const [at, byte] of damaged) if (input.length > 0) input[at % input.length] = byte;
        const chosen = { ...plain, lossy };
        exports.init({ logLevel: 'error' }, configOf(chosen));
        expect(parseAll(exports, input, [window])).toEqual(expectedItems(input, chosen));
      }),
      { numRuns: 600, seed: 14 },
    );
  });

  test('may have many MiB', async () => {
    const { exports } = await started();
    const long = 'ä'.repeat(6 << 20);
    const items = parseAll(exports, Buffer.from(`a\r\n${long}\r\nb\n`), [1 << 20, 4 << 20, 16 << 20]);
    expect(items.map(({ consumed }) => Number(consumed))).toEqual([3, (12 << 20) + 2, 2]);
    expect(items.map(({ value }) => value?.val)).toEqual(['a', long, 'b'].map(line));
  });

  test('may be longer than any slice so far', async () => {
    const { exports } = await started();
    const long = `${'x'.repeat(300_000)}ü${'y'.repeat(300_000)}`;
    expect(textsOf(exports, `a\n${long}\nb`, [1000, 2000, 1_000_000])).toEqual(['a', long, 'b'].map(line));
  });
});

describe('a byte order mark', () => {
  const marked = (bytes: string, text: Buffer) => Buffer.concat([Buffer.from(bytes, 'hex'), text]);
  const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();

  test.each([
    ['utf-8', marked('efbbbf', Buffer.from('a\r\nb')), ['a', 'b'], [6n, 1n]],
    ['utf-8', marked('efbbbf', Buffer.from('\n')), [''], [4n]],
    ['utf-8', marked('efbbbf', Buffer.from('ü')), ['ü'], [5n]],
    ['utf-8', marked('efbbbfefbbbf', Buffer.from('a\n')), ['\ufeffa'], [8n]],
    ['utf-16', marked('fffe', Buffer.from('a\r\nb', 'utf16le')), ['a', 'b'], [8n, 2n]],
    ['utf-16', marked('feff', bigEndian('a\r\nb')), ['a', 'b'], [8n, 2n]],
    ['utf-16', Buffer.from('a\nb', 'utf16le'), ['a', 'b'], [4n, 2n]],
    ['utf-16le', marked('fffe', Buffer.from('a\n', 'utf16le')), ['a'], [6n]],
    ['utf-16be', marked('feff', bigEndian('a\n')), ['a'], [6n]],
    ['latin-1', marked('efbbbf', Buffer.from('a\n')), ['ï»¿a'], [5n]],
  ] as const)('of %s begins the first line and is not in it: %#', async (encoding, input, texts, consumed) => {
    const { exports } = await started({ ...plain, encoding });
    for (let window = 1; window <= input.length; window++) {
      exports.init({ logLevel: 'info' }, configOf({ ...plain, encoding }));
      const items = parseAll(exports, input, [window]);
      expect(items.map(({ value }) => value?.val)).toEqual(texts.map(line));
      expect(items.map((item) => item.consumed)).toEqual(consumed);
    }
  });

  test.each([
    ['utf-8', 'efbbbf'],
    ['utf-16', 'fffe'],
  ] as const)('alone is no line: %s', async (encoding, bytes) => {
    const { exports } = await started({ ...plain, encoding });
    const input = Buffer.from(bytes, 'hex');
    expect(parseAll(exports, input, [input.length])).toEqual([{ consumed: BigInt(input.length) }]);
  });

  test('of the other order than the one that is named is text', async () => {
    const { exports } = await started({ ...plain, encoding: 'utf-16le' });
    expect(parseAll(exports, Buffer.from('feff61000a00', 'hex'), [6])[0]?.value?.val).toEqual(line('\ufffea'));
  });
});

describe('encodings', () => {
  test('give the same items for all bytes, slices and settings', async () => {
    const units = [
      '\n',
      '\r\n',
      '\r',
      'a',
      'ü',
      '€',
      '😀',
      '\ud83d',
      '\ude00',
      '\0',
      '\ufeff',
      '\u0a0d',
      '\u0d0a',
      'x'.repeat(33),
    ];
    const fragment = fc.oneof(
      fc.constantFrom(...units).map((text) => Buffer.from(text, 'utf16le')),
      fc.constantFrom(...units).map((text) => Buffer.from(text, 'utf16le').swap16()),
      fc.constantFrom('a\n', '\xe4\r\n', '\xff'.repeat(40)).map((text) => Buffer.from(text, 'latin1')),
      fc.uint8Array({ maxLength: 3 }),
    );
    const settings = fc.record({
      lossy: fc.boolean(),
      prefix: fc.constantFrom('', 'präfix: '),
      columns: fc.boolean(),
      encoding: fc.constantFrom('utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'latin-1'),
    } as const);
    const windows = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 });
    const { exports } = await started();
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 60 }), windows, settings, (fragments, sizes, chosen) => {
        const input = Buffer.concat(fragments);
        exports.init({ logLevel: 'error' }, configOf(chosen));
        expect(parseAll(exports, input, sizes)).toEqual(expectedItems(input, chosen));
      }),
      { numRuns: 1500, seed: 16 },
    );
  });

  test('take a call of many lines of UTF-16 in parts, too', async () => {
    const { exports } = await started({ ...plain, encoding: 'utf-16' });
    const input = Buffer.from(`${'ab\r\n'.repeat(70_000)}end`, 'utf16le');
    const items = parseAll(exports, input, [input.length]);
    expect(items).toHaveLength(70_001);
    expect(items.at(-1)).toEqual({ value: { tag: 'message', val: line('end') }, consumed: 6n });
  });

  test('that are not offered are refused', async () => {
    const { exports } = await loadParser(component);
    const config = configOf(plain).map((item) =>
      item.id === 'encoding' ? { id: 'encoding', value: { tag: 'dropdown' as const, val: 'ebcdic' } } : item,
    );
    expect(() => exports.init({ logLevel: 'info' }, config)).toThrow();
  });

  test('name the line of UTF-16 that is skipped', async () => {
    const { exports, log } = await started({ ...plain, encoding: 'utf-16le' });
    const items = parseAll(exports, Buffer.from('3dd80a0061000a00ff', 'hex'), [4]);
    expect(items.map(({ value }) => value?.val)).toEqual([undefined, line('a'), undefined]);
    expect(log.map(({ message }) => message)).toEqual([
      'skipped a line that is not valid UTF-16: 2 bytes, 0 bytes after the start of the input',
      'skipped a line that is not valid UTF-16: 1 bytes, 8 bytes after the start of the input',
    ]);
  });
});

describe('one call', () => {
  test('puts in a bounded number of items and leaves the rest for the next', async () => {
    const { exports } = await started();
    const first = exports.parse(Buffer.alloc(200_000, '\n'));
    expect(first.length).toBeGreaterThanOrEqual(65_536);
    expect(first.length).toBeLessThan(66_000);
  });

  test.each(['\n', 'ab\r\n'])('that stops so does not take the rest for the last line (%j)', async (unit) => {
    const { exports } = await started();
    const count = 200_000;
    const input = Buffer.from(`${unit.repeat(count)}end`);
    const items = parseAll(exports, input, [input.length]);
    expect(items).toHaveLength(count + 1);
    expect(items.at(-1)).toEqual({ value: { tag: 'message', val: line('end') }, consumed: 3n });
    expect(items.reduce((sum, item) => sum + Number(item.consumed), 0)).toBe(input.length);
  });

  test('that stops at the last complete line finds the unterminated one after it', async () => {
    const { exports } = await started();
    for (const count of [65_535, 65_536, 65_600]) {
      expect(parseAll(exports, Buffer.from(`${'\n'.repeat(count)}end`), [1 << 20])).toHaveLength(count + 1);
    }
  });
});

describe('a line that is not valid UTF-8', () => {
  test('is skipped with a warning, ten times', async () => {
    const { exports, log } = await started();
    const input = Buffer.from('good\n\xff\xff\n'.repeat(20), 'latin1');
    const items = parseAll(exports, input, [7]);
    expect(items.filter((item) => item.value === undefined)).toHaveLength(20);
    expect(log).toHaveLength(10);
    expect(log[1]).toEqual({
      level: 'warn',
      message: 'skipped a line that is not valid UTF-8: 2 bytes, 13 bytes after the start of the input',
    });
    expect(log[9]?.message).toMatch(/; more of these are skipped without a message$/);
  });

  test('is mended if that is wanted', async () => {
    const { exports, log } = await started({ ...plain, lossy: true });
    const input = Buffer.from('a\xffb\xe2\x82\n', 'latin1');
    expect(parseAll(exports, input, [100])[0]?.value?.val).toEqual(line('a\ufffdb\ufffd'));
    expect(log).toEqual([]);
  });
});

describe('columns', () => {
  test('are announced when they are on', async () => {
    const lines = await started();
    expect(lines.exports.getRenderOptions().columnsOptions).toBeUndefined();
    const { exports } = await started({ ...plain, columns: true, prefix: '# ' });
    expect(exports.getRenderOptions().columnsOptions?.columns.map((column) => column.caption)).toEqual([
      'Length',
      'Message',
    ]);
    const expected = [
      ['3', '# äb'],
      ['1000', `# ${'x'.repeat(1000)}`],
    ];
    expect(textsOf(exports, `äb\n${'x'.repeat(1000)}`)).toEqual(expected.map((val) => ({ tag: 'columns', val })));
  });
});

test('describes its configuration, also before init', async () => {
  const { exports } = await loadParser(component);
  expect(exports.getConfigSchemas().map(({ id, inputType }) => [id, inputType])).toEqual([
    ['lossy', { tag: 'boolean', val: false }],
    ['prefix', { tag: 'text', val: '' }],
    ['columns', { tag: 'boolean', val: false }],
    ['encoding', { tag: 'dropdown', val: [['utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'latin-1'], 'utf-8'] }],
  ]);
  expect(exports.getVersion()).toEqual({ major: 0, minor: 1, patch: 0 });
});

test('starts anew with each init', async () => {
  const { exports } = await started();
  expect(exports.parse(Buffer.from('abc'))).toEqual([]);
  exports.init({ logLevel: 'info' }, []);
  expect(exports.parse(Buffer.from('xyz'))).toEqual([]);
  expect(exports.parse(Buffer.from('xyz'))).toHaveLength(1);
});
