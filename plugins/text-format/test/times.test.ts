import { describe, expect, test } from 'vitest';
import { type Settings, startPlugin, timesOf } from './feed.js';

const PATTERN = '(?<timestamp>.*)';
const at = (text: string) => BigInt(Date.parse(text)) * 1_000_000n;

/** Texts, and the point in time that they are; undefined: they are none. */
const TIMES: readonly (readonly [text: string, nanoseconds: bigint | undefined])[] = [
  ['2024-03-18T06:00:00Z', at('2024-03-18T06:00:00Z')],
  ['2024-03-18 06:00:00,013', at('2024-03-18T06:00:00.013Z')],
  ['2024/03/18 06:00:00', at('2024-03-18T06:00:00Z')],
  ['2024-03-18T06:00:00.123456789+01:00', at('2024-03-18T05:00:00Z') + 123_456_789n],
  ['2024-03-18 06:00', at('2024-03-18T06:00:00Z')],
  ['2024-03-18 06:00:00.5 +0100', at('2024-03-18T05:00:00.500Z')],
  ['2024-03-18 06:00:00 UTC', at('2024-03-18T06:00:00Z')],
  ['1969-12-31T23:59:59.5Z', -500_000_000n],
  ['22/Jan/2019:03:56:14 +0330', at('2019-01-22T00:26:14Z')],
  ['29/Feb/2024:23:59:60 -0800', at('2024-03-01T08:00:00Z')],
  ['Mar 18 06:00:00', at('2024-03-18T06:00:00Z')],
  ['Mar  8 06:00:00.25', at('2024-03-08T06:00:00.250Z')],
  ['Fri Mar 15 10:42:29.902022 2019', at('2019-03-15T10:42:29.902Z') + 22_000n],
  ['03-18 06:00:00.013', at('2024-03-18T06:00:00.013Z')],
  ['03-18 06:00:00.013 +0100', at('2024-03-18T05:00:00.013Z')],
  ['0318 06:00:00.013456', at('2024-03-18T06:00:00.013Z') + 456_000n],
  ['20230318 06:00:00.013456', at('2023-03-18T06:00:00.013Z') + 456_000n],
  ['1710741600', at('2024-03-18T06:00:00Z')],
  ['1710741600.5', at('2024-03-18T06:00:00.500Z')],
  ['1710741600013', at('2024-03-18T06:00:00.013Z')],
  ['1710741600013000', at('2024-03-18T06:00:00.013Z')],
  ['1710741600013000001', at('2024-03-18T06:00:00.013Z') + 1n],
  ['2024-02-30 06:00:00', undefined],
  ['2023-02-29 06:00:00', undefined],
  ['2024-13-01 06:00:00', undefined],
  ['2024-03-18 24:00:00', undefined],
  ['2024-03-18 06:60:00', undefined],
  ['2024-03-18 06:00:61', undefined],
  ['2024-03-18 06:00:00.', undefined],
  ['2024-03-18 06:00:00 CET', undefined],
  ['1677-12-31 00:00:00', undefined],
  ['2262-01-01 00:00:00', undefined],
  ['Foo 18 06:00:00', undefined],
  ['Feb 30 06:00:00', undefined],
  ['Mar 18 06:00:0', undefined],
  ['32/Jan/2019:03:56:14 +0330', undefined],
  ['12345', undefined],
  ['12345678901', undefined],
  ['', undefined],
  ['soon', undefined],
];

describe('times', () => {
  test('are known by their form', async () => {
    const plugin = await startPlugin();
    for (const [text, nanoseconds] of TIMES) {
      const settings: Settings = { pattern: PATTERN, year: 2024, continuation: 'none' };
      expect({ text, times: timesOf(plugin, `${text}\n${text}\n`, settings) }).toEqual({
        text,
        times: [nanoseconds, nanoseconds],
      });
    }
  });

  test.each([
    ['+01:00', '2024-03-18T05:00:00Z'],
    ['-0830', '2024-03-18T14:30:00Z'],
    ['+02', '2024-03-18T04:00:00Z'],
    ['utc', '2024-03-18T06:00:00Z'],
  ])('without a zone are of the zone %s', async (timeZone, expected) => {
    const plugin = await startPlugin();
    const settings = { pattern: PATTERN, year: 2024, timeZone, continuation: 'none' };
    const times = timesOf(plugin, '2024-03-18 06:00:00\nMar 18 06:00:00\n2024-03-18 06:00:00Z\n', settings);
    expect(times).toEqual([at(expected), at(expected), at('2024-03-18T06:00:00Z')]);
  });

  test('without a year are of the next one when the months begin anew', async () => {
    const plugin = await startPlugin();
    const texts = [
      'Nov 30 00:00:00',
      'Dec 31 23:59:59',
      'Jan  1 00:00:00',
      'Dec 31 23:59:58',
      'Jan  1 00:00:01',
      'Jul  1 00:00:00',
      'Feb  1 00:00:00',
    ];
    const settings = { preset: 'syslog', year: 2023 };
    const times = timesOf(plugin, [...texts, texts[0]].map((text) => `${text} host a: b\n`).join(''), settings);
    const years = times.map((time) => time && new Date(Number(time / 1_000_000n)).getUTCFullYear());
    expect(years.slice(0, 7)).toEqual([2023, 2023, 2024, 2023, 2024, 2024, 2024]);
  });

  test('without a year have none where no year is set, and the log says it once', async () => {
    const plugin = await startPlugin();
    const lines =
      'Mar 18 06:00:00 host a: b\nMar 18 06:00:01 host a: b\n2024-03-18T06:00:00Z host a: b\nMar 19 06:00:00 host a: b\n';
    expect(timesOf(plugin, lines, { preset: 'syslog' })).toEqual([
      undefined,
      undefined,
      at('2024-03-18T06:00:00Z'),
      undefined,
    ]);
    expect(plugin.log.map(({ message }) => message)).toEqual([expect.stringContaining("the setting 'year'")]);
  });

  test('of presets are those of their columns', async () => {
    const plugin = await startPlugin();
    const combined = '::1 - - [22/Jan/2019:03:56:14 +0330] "GET / HTTP/1.1" 200 1 "-" "x"\n';
    expect(timesOf(plugin, combined + combined, { preset: 'access-combined' })[0]).toBe(at('2019-01-22T00:26:14Z'));
    const klog = 'I0318 06:00:00.013456   12345 server.go:123] x\n';
    expect(timesOf(plugin, klog + klog, { preset: 'klog', year: 2024 })[0]).toBe(
      at('2024-03-18T06:00:00.013Z') + 456_000n,
    );
    const cat = '03-18 06:00:00.013  1702  2395 D A: b\n';
    expect(timesOf(plugin, cat + cat, { preset: 'logcat', year: 2024 })[0]).toBe(at('2024-03-18T06:00:00.013Z'));
  });
});
