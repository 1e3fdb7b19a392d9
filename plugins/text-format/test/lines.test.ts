import { describe, expect, test } from 'vitest';
import { configOf, parseAll, type Settings, type Shown, startPlugin } from './feed.js';

const PATTERN = '(?<level>[A-Z]): (?<message>.*)';

describe('lines', () => {
  test.each<[string, Settings, readonly Shown[]]>([
    [
      'A: x\r\nB: y\r',
      {},
      [
        ['A', 'x'],
        ['B', 'y'],
      ],
    ],
    ['\ufeffA: x\nB: \n', {}, [undefined, ['A', 'x'], ['B', '']]],
    ['A: x', {}, [['A', 'x']]],
    ['', {}, []],
    [
      'none\nA: x\n',
      {},
      [
        ['', 'none'],
        ['A', 'x'],
      ],
    ],
    [
      'A: x\n\tat y\nz\n\nB: y\n',
      {},
      [
        ['A', 'x\n\tat y\nz\n'],
        ['B', 'y'],
      ],
    ],
    [
      'A: x\r\n\tat y\r\nB: y\r\nz\r\n',
      {},
      [
        ['A', 'x\r\n\tat y'],
        ['B', 'y\r\nz'],
      ],
    ],
    [
      'A: x\n\tat y\nz\n w\nB: y\n',
      { continuation: 'indented' },
      [
        ['A', 'x\n\tat y'],
        ['', 'z'],
        ['', ' w'],
        ['B', 'y'],
      ],
    ],
    [
      'A: x\n\tat y\nB: y\n',
      { continuation: 'none' },
      [
        ['A', 'x'],
        ['', '\tat y'],
        ['B', 'y'],
      ],
    ],
    [
      'A: x\x04y\nB: y\n',
      {},
      [
        ['A', 'x\x04y'],
        ['B', 'y'],
      ],
    ],
    // The message does not end its line, so what follows is added to a copy.
    [
      'x (A)\n y\nz (B)\n',
      { pattern: '(?<message>.*) \\((?<level>[A-Z])\\)' },
      [
        ['x\n y', 'A'],
        ['z', 'B'],
      ],
    ],
    [
      ' (A)\n y\n',
      { pattern: '(?<message>.*) \\((?<level>[A-Z])\\)' },
      [['y', 'A']].map(([a, b]) => [` ${a}`, b]) as Shown[],
    ],
  ])('%j with %j, wherever slices end', async (input, settings, expected) => {
    const plugin = await startPlugin();
    const bytes = Buffer.from(input);
    for (let window = 1; window <= bytes.length; window++) {
      const items = parseAll(plugin, bytes, { pattern: PATTERN, ...settings }, [window]);
      expect(items.map((item) => item.shown)).toEqual(expected);
      expect(items.reduce((sum, item) => sum + item.bytes, 0)).toBe(bytes.length);
    }
  });

  test('that are not valid UTF-8 have U+FFFD in place of what is not, and the log tells of ten', async () => {
    const plugin = await startPlugin();
    const input = Buffer.from(`A: ok\n${'A: x\xff\n \xc3\n'.repeat(8)}B: \xff`, 'latin1');
    for (const window of [3, 50, 1000]) {
      const before = plugin.log.length;
      const items = parseAll(plugin, input, { pattern: PATTERN }, [window]);
      expect(items.map(({ shown }) => shown)).toEqual([
        ['A', 'ok'],
        ...Array(8).fill(['A', 'x\ufffd\n \ufffd']),
        ['B', '\ufffd'],
      ]);
      if (window === 1000) {
        const log = plugin.log.slice(before);
        expect(log).toHaveLength(10);
        expect(log[0]?.message).toContain('in the line 6 bytes after the start of the input');
      }
    }
  });

  test('of a message are a MiB at most', async () => {
    const plugin = await startPlugin();
    const input = Buffer.from(`A: x\n${' y\n'.repeat(500_000)}B: z\n`);
    for (const window of [1 << 18, 1 << 20, 1 << 23]) {
      const items = parseAll(plugin, input, { pattern: PATTERN }, [window, 2 * window, 4 * window, 8 * window]);
      expect(items[0]?.bytes).toBe(5 + 3 * Math.floor((1_048_576 - 5) / 3));
      expect(items[1]?.shown).toEqual(['', ' y']);
      expect(items.at(-1)?.shown).toEqual(['B', 'z']);
      expect(items.reduce((sum, item) => sum + item.bytes, 0)).toBe(input.length);
    }
  });

  test('may have many MiB', async () => {
    const plugin = await startPlugin();
    const long = 'ä'.repeat(4 << 20);
    const items = parseAll(plugin, Buffer.from(`A: x\nA: ${long}\nB: z`), { pattern: PATTERN }, [
      1 << 20,
      4 << 20,
      32 << 20,
    ]);
    expect(items.map(({ shown }) => shown)).toEqual([
      ['A', 'x'],
      ['A', long],
      ['B', 'z'],
    ]);
  });

  test('of one call are bounded, and the rest comes with the next', async () => {
    const plugin = await startPlugin();
    for (const continuation of ['none', 'all']) {
      plugin.exports.init({ logLevel: 'info' }, configOf({ pattern: PATTERN, continuation }));
      const input = Buffer.from('A: x\n'.repeat(100_000));
      expect(plugin.exports.parse(input)).toHaveLength(65_536);
      expect(parseAll(plugin, input, { pattern: PATTERN, continuation })).toHaveLength(100_000);
    }
  });
});
