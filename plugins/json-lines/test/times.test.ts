import { describe, expect, test } from 'vitest';
import { parseAll, startPlugin } from './feed.js';

/** Whether each of the values is shown as a time. */
async function areTimes(values: readonly string[]): Promise<string[]> {
  const input = Buffer.from(values.map((value) => `{"time":${value}}\n`).join(''));
  const rows = parseAll(await startPlugin(), input);
  return values.filter((_, index) => rows[index]?.shown?.[0] !== '');
}

const TIMES = [
  '"2024-03-18T06:00:00Z"',
  '"2024-03-18T06:00:00.013+01:00"',
  '"2024-03-18 06:00:00,013456789-0830"',
  '"2024-03-18t06:00:60z"',
  '"2024-02-29T23:59Z"',
  '"2024-03-18 06:00:00 +02"',
  '"2024-03-18T06:00:00.0123456789012Z"',
  '"1678-01-01T00:00:00Z"',
  '123456789',
  '1710741600',
  '1710741600.25',
  '9223372035',
  '1710741600013',
  '"1710741600013000"',
  '1710741600013000000',
  '9223372036854775806',
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
    expect(await areTimes([...TIMES, ...OTHERS])).toEqual(TIMES);
  });

  test('of one minute behind each other are looked at one by one', async () => {
    const minute = (second: string) => `"2024-03-18T06:00:${second}"`;
    const values = [minute('00Z'), minute('61Z'), minute('59Z'), minute('xxZ'), minute('01'), minute('01+01')];
    expect(await areTimes(values)).toEqual([minute('00Z'), minute('59Z'), minute('01+01')]);
  });
});
