import { describe, expect, test } from 'vitest';
import { parseAll, type Settings, startPlugin } from './feed.js';
import { logMessage, number, raw, text } from './log-message.js';

async function applicationsShown(settings: Settings): Promise<string[]> {
  const input = Buffer.concat([
    logMessage({ application: 'NAV1', context: 'MAIN', ecu: 'ECU1', level: 1 }),
    logMessage({ application: 'NAV2', context: 'GPS', ecu: 'ECU2', level: 3 }),
    logMessage({ application: 'HMI', context: 'MAIN', ecu: 'ECU1', level: 6 }),
    logMessage({ application: 'ODD', context: 'X', ecu: 'ECU3', level: 9 }),
  ]);
  const { rows, skipped } = parseAll(await startPlugin(), input, settings);
  expect(rows.reduce((sum, { bytes }) => sum + bytes, skipped)).toBe(input.length);
  return rows.map(({ columns }) => columns[7] ?? '');
}

describe('settings', () => {
  test.each<[Settings, string[]]>([
    [{}, ['NAV1', 'NAV2', 'HMI', 'ODD']],
    // What is no level is shown.
    [{ level: 'error' }, ['NAV1', 'ODD']],
    [{ level: 'warn' }, ['NAV1', 'NAV2', 'ODD']],
    [{ applications: 'HMI' }, ['HMI']],
    [{ applications: 'NAV*' }, ['NAV1', 'NAV2']],
    [{ applications: 'NAV*, !NAV2' }, ['NAV1']],
    [{ applications: '!NAV*' }, ['HMI', 'ODD']],
    [{ contexts: 'MAIN' }, ['NAV1', 'HMI']],
    [{ ecus: 'ECU1,ECU3' }, ['NAV1', 'HMI', 'ODD']],
    [{ ecus: '!ECU1', contexts: 'GPS' }, ['NAV2']],
    [{ applications: 'NAV1', strict: true }, ['NAV1']],
  ])('%j show %j', async (settings, applications) => {
    expect(await applicationsShown(settings)).toEqual(applications);
  });

  test.each<[Settings, RegExp]>([
    [{ applications: 'TOOLONG' }, /applications: 'TOOLONG' is longer than an id, which has up to 4 bytes/],
    [{ contexts: '!' }, /contexts: '!' is no id/],
    [{ transferMebibytes: -1 }, /transfer-mebibytes: expected 0 to 1024, not -1/],
  ])('%j are refused', async (settings, expected) => {
    const plugin = await startPlugin();
    const refused = () => parseAll(plugin, Buffer.alloc(1), settings);
    expect(refused).toThrow();
    try {
      refused();
    } catch (error) {
      expect(JSON.stringify(error)).toMatch(expected);
    }
  });

  test('the time at which a message was received stands in for a storage header', async () => {
    const bare = logMessage({ application: 'APP' }).subarray(16);
    const { rows } = parseAll(await startPlugin(), bare, {}, [bare.length], 1_700_000_000_123n);
    expect(rows[0]?.columns.slice(0, 2)).toEqual(['2023-11-14T22:13:20.123000000Z', 'ECU1']);
  });
});

describe('files inside the log', () => {
  const message = (...args: Buffer[]) => logMessage({ application: 'FT', args });
  const begin = (id: number, name: string, size: number) =>
    message(text('FLST'), number(id), text(name), number(size), text('today'), number(2), number(8), text('FLST'));
  const part = (id: number, index: number, data: string) =>
    message(text('FLDA'), number(id), number(index), raw(Buffer.from(data)), text('FLDA'));
  const end = (id: number) => message(text('FLFI'), number(id), text('FLFI'));

  async function files(settings: Settings, ...messages: Buffer[]) {
    // Slices end within messages, but not so often that large ones take long.
    const window = 1 + Math.ceil(Math.max(...messages.map(({ length }) => length)) * 0.7);
    const { attachments, log, rows } = parseAll(await startPlugin(), Buffer.concat(messages), settings, [
      window,
      window * 3,
    ]);
    expect(rows).toHaveLength(messages.length);
    return {
      files: attachments.map(({ name, size, createdDate, messages: indexes, data }) => [
        name,
        Number(size),
        createdDate,
        [...indexes].map(Number),
        Buffer.from(data).toString(),
      ]),
      log: log.map((line) => line.message),
    };
  }

  test('may overlap each other', async () => {
    const found = await files(
      {},
      begin(1, 'a', 4),
      begin(2, 'b', 2),
      part(1, 1, 'aa'),
      part(2, 1, 'bb'),
      end(2),
      part(1, 2, 'AA'),
      end(1),
    );
    expect(found).toEqual({
      files: [
        ['b', 2, 'today', [1, 3, 4], 'bb'],
        ['a', 4, 'today', [0, 2, 5, 6], 'aaAA'],
      ],
      log: [],
    });
  });

  test('are joined by the numbers of their parts, except as Chipmunk joins them', async () => {
    const parts = [begin(1, 'a', 6), part(1, 3, '33'), part(1, 1, '11'), part(1, 2, '22'), part(1, 1, 'xx'), end(1)];
    expect((await files({}, ...parts)).files[0]?.[4]).toBe('112233');
    expect((await files({ strict: true }, ...parts)).files[0]?.[4]).toBe('331122xx');
  });

  test('of which something is missing are reported', async () => {
    expect((await files({}, begin(1, 'a', 9), part(1, 1, 'aa'), end(1))).log).toEqual([
      "2 of the 9 bytes of file 'a' had come when it ended",
    ]);
    expect((await files({}, begin(1, 'a', 9), part(1, 1, 'aa'))).log).toEqual([
      "2 of the 9 bytes of file 'a' had come when the input ended",
    ]);
    expect((await files({}, begin(1, 'a', 9), begin(1, 'b', 0), end(1))).log).toEqual([
      "0 of the 9 bytes of file 'a' had come when another one with its number began",
    ]);
  });

  test('do not take more memory than they may', async () => {
    const big = 'x'.repeat(60_000);
    const many = Array.from({ length: 20 }, (_, i) => part(1, i + 1, big));
    const found = await files(
      { transferMebibytes: 1 },
      begin(2, 'small', 2),
      begin(1, 'large', 1_200_000),
      ...many,
      end(1),
      part(2, 1, 'ok'),
      end(2),
    );
    expect(found.files).toEqual([]);
    expect(found.log[0]).toMatch(/of file 'small' had come when there is no more memory for it/);
    expect(found.log[1]).toMatch(/of file 'large' had come when there is no more memory for it/);
    expect((await files({ transferMebibytes: 0 }, begin(1, 'a', 2), part(1, 1, 'aa'), end(1))).files).toEqual([]);
  });
});
