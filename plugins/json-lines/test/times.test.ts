import { describe, expect, test } from 'vitest';
import { configOf, parseAll, startPlugin, timesOf } from './feed.js';

/** Whether each of the values is shown as a time. */
async function areTimes(values: readonly string[]): Promise<string[]> {
  const input = Buffer.from(values.map((value) => `{"time":${value}}\n`).join(''));
  const rows = parseAll(await startPlugin(), input);
  return values.filter((_, index) => rows[index]?.shown?.[0] !== '');
}

/** Values, and what they are in nanoseconds since 1970. */
const TIMES: readonly (readonly [value: string, nanoseconds: bigint])[] = [
  ['"2024-03-18T06:00:00Z"', 1_710_741_600_000_000_000n],
  ['"2024-03-18T06:00:00.013+01:00"', 1_710_738_000_013_000_000n],
  ['"2024-03-18 06:00:00,013456789-0830"', 1_710_772_200_013_456_789n],
  ['"2024-03-18t06:00:60z"', 1_710_741_660_000_000_000n],
  ['"2024-02-29T23:59Z"', 1_709_251_140_000_000_000n],
  ['"2024-03-18 06:00:00 +02"', 1_710_734_400_000_000_000n],
  ['"2024-03-18T06:00:00.0123456789012Z"', 1_710_741_600_012_345_678n],
  ['"1678-01-01T00:00:00Z"', -9_214_560_000_000_000_000n],
  ['"1969-12-31T23:59:59.5Z"', -500_000_000n],
  ['"1970-01-01T00:00:00Z"', 0n],
  ['123456789', 123_456_789_000_000_000n],
  ['1710741600', 1_710_741_600_000_000_000n],
  ['1710741600.25', 1_710_741_600_250_000_000n],
  ['9223372035', 9_223_372_035_000_000_000n],
  ['1710741600013', 1_710_741_600_013_000_000n],
  ['1710741600013.5', 1_710_741_600_013_500_000n],
  ['"1710741600013000"', 1_710_741_600_013_000_000n],
  ['1710741600013000001', 1_710_741_600_013_000_001n],
  ['9223372036854775806', 9_223_372_036_854_775_806n],
];

const OTHERS = [
  '"2024-03-18T06:00:00"',
  '"2024-02-30T06:00:00Z"',
  '"2023-02-29T06:00:00Z"',
  '"2024-13-18T06:00:00Z"',
  '"2024-00-18T06:00:00Z"',
  '"2024-03-00T06:00:00Z"',
  '"2024-03-18T24:00:00Z"',
  '"2024-03-18T06:60:00Z"',
  '"2024-03-18T06:00:61Z"',
  '"2024-03-18T06:00:00.Z"',
  '"2024-03-18T06:00:00+24:00"',
  '"2024-03-18T06:00:00+01:0"',
  '"2024-03-18T06:00:00Zx"',
  '"2024-03-18T06:00:0Z"',
  '"2024-03-18"',
  '"24-03-18T06:00:00Z"',
  '"1677-12-31T23:59:59Z"',
  '"2262-01-01T00:00:00Z"',
  '12345678',
  '9223372037',
  '99999999999',
  '12.5',
  '-1710741600',
  '1.71e9',
  '"0710741600"',
  '"1710741600."',
  '9223372036854775807',
  '12345678901234567890',
  'true',
  '""',
  '"soon"',
];

describe('points in time', () => {
  test('are known by their form', async () => {
    const values = TIMES.map(([value]) => value);
    expect(await areTimes([...values, ...OTHERS])).toEqual(values);
  });

  test('are the times of rows, in nanoseconds', async () => {
    const plugin = await startPlugin();
    const input = TIMES.map(([value]) => `{"time":${value}}\n{"time":"soon"}\nno JSON\n`).join('');
    expect(timesOf(plugin, input)).toEqual(TIMES.flatMap(([, nanoseconds]) => [nanoseconds, undefined, undefined]));
  });

  test('of named columns are those of the first that is named like one', async () => {
    const plugin = await startPlugin();
    plugin.exports.init({ logLevel: 'info' }, configOf({ columns: 'a,b.ts,time' }));
    const input = [
      '{"a":1710741600,"b":{"ts":1710741601},"time":1710741602}',
      '{"b":{"ts":"\\u0031710741601"}}',
      '{"b":{"ts":1710741603},"b":{"ts":1710741604}}',
      '{"b":{"ts":1710741603},"b":1}',
      '{"time":1710741602}',
    ].join('\n');
    const seconds = [1_710_741_601n, undefined, 1_710_741_604n, undefined];
    expect(timesOf(plugin, `${input}\n`)).toEqual([...seconds.map((one) => one && one * 1_000_000_000n), undefined]);
  });

  test('of one minute behind each other are looked at one by one', async () => {
    const minute = (second: string) => `"2024-03-18T06:00:${second}"`;
    const values = [minute('00Z'), minute('61Z'), minute('59Z'), minute('xxZ'), minute('01'), minute('01+01')];
    expect(await areTimes(values)).toEqual([minute('00Z'), minute('59Z'), minute('01+01')]);
  });
});
