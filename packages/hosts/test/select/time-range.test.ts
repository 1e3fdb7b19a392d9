import { Batch, timeText } from '@chipmunk-host/batch';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeSelected } from '#shared/select/selected-batch.js';
import { loadSelection, selectionPlan } from '#shared/select/selection-plan.js';
import { parseTime, timeRange } from '#shared/select/time-range.js';
import { selectLarge } from '#worker/output/slot-selector.js';
import { randomBatch, seeded } from '../encode/random-batches.js';

const LEAST = -(2n ** 63n) + 1n;
const MOST = 2n ** 63n - 1n;
const time = fc.bigInt({ min: LEAST, max: MOST });

test.each<[string, string]>([
  ['2024-02-20', '2024-02-20T00:00:00.000000000Z'],
  ['2024-02-20T13:17', '2024-02-20T13:17:00.000000000Z'],
  ['2024-02-20 13:17:26', '2024-02-20T13:17:26.000000000Z'],
  ['2024-02-20t13:17:26.5z', '2024-02-20T13:17:26.500000000Z'],
  ['2024-02-20T13:17:26,000000001', '2024-02-20T13:17:26.000000001Z'],
  ['2024-02-20T13:17:26+01:00', '2024-02-20T12:17:26.000000000Z'],
  ['2024-02-20T13:17:26 +0130', '2024-02-20T11:47:26.000000000Z'],
  ['2024-02-20T23:17:26.713537-05', '2024-02-21T04:17:26.713537000Z'],
  ['1969-12-31T23:59:59.999999999', '1969-12-31T23:59:59.999999999Z'],
  ['@0', '1970-01-01T00:00:00.000000000Z'],
  ['@1708435046.713537', '2024-02-20T13:17:26.713537000Z'],
  ['@-0.000000001', '1969-12-31T23:59:59.999999999Z'],
])('%s is %s', (text, expected) => {
  expect(timeText(parseTime(text) as bigint)).toBe(expected);
});

test.each([
  ['', 'yesterday', '2024', '1708435046', '1708435046713', '@', '@1.2.3', '@1708435046713000', '13:17', '2024-02'],
  ['2024-02-30', '2023-02-29', '2024-13-01', '2024-00-10', '2024-02-20T24:00', '2024-02-20T13:60', '2024-02-20T13'],
  ['2024-02-20T13:17:60', '2024-02-20T13:17:26.1234567890', '2024-02-20T13:17+25:00', '2024-02-20Z', ' 2024-02-20'],
])('%s and others are no times', (...texts) => {
  for (const text of texts) expect(parseTime(text), text).toBeUndefined();
});

test('what items show as their time is that time', () => {
  fc.assert(
    fc.property(time, (value) => {
      expect(parseTime(timeText(value))).toBe(value);
    }),
    { seed: 1 },
  );
});

test('bounds beyond all times are none', () => {
  expect(timeRange('0001-01-01', '9999-12-31')).toEqual({ first: LEAST, last: MOST });
  expect(timeRange(5n, undefined)).toEqual({ first: 5n, last: MOST });
  expect(timeRange(undefined, 5n)).toEqual({ first: LEAST, last: 4n });
  expect(timeRange(undefined, undefined)).toBeUndefined();
});

test('a range with nothing in it is refused', () => {
  expect(() => timeRange('2024-02-20', '2024-02-20T00:00:00Z')).toThrow(
    'The option select.until is 2024-02-20T00:00:00Z; expected a time behind select.since, 2024-02-20.',
  );
});

test('items of random batches are selected by their times, with other conditions, and keep them', async () => {
  let some = 0;
  for (let seed = 0; seed < 150; seed++) {
    const random = seeded(seed);
    const batch = randomBatch(random, 0);
    const times = [...batch].flatMap((item) => item.time ?? []);
    const pick = () => times[Math.floor(random() * times.length)] ?? 0n;
    const [a, b] = [pick(), pick() + BigInt(Math.floor(random() * 2))];
    const [since, until] = a < b ? [a, b] : [b, a + 1n];
    const options = {
      ...(random() < 0.8 ? { since } : { match: 'a' }),
      ...(random() < 0.8 ? { until } : { invert: true, match: 'a' }),
    };
    const isIn = (at: bigint | undefined) =>
      ('since' in options || 'until' in options ? at !== undefined : true) &&
      (!('since' in options) || (at as bigint) >= since) &&
      (!('until' in options) || (at as bigint) < until);
    const holds = (text: string) => !('match' in options) || text.includes('a') !== 'invert' in options;
    const expected = [...batch].filter(
      (item) => isIn(item.time) && holds(item.kind === 3 ? '' : item.columns.join('\t')),
    );
    const selection = await loadSelection(await selectionPlan(options, []));
    const { memory, selector, rows, layout, outAt } = selectLarge(batch.bytes, selection, 0);
    const { byteLength } = writeSelected(memory, selector, rows, 0, layout, outAt);
    const made = Batch.from(new Uint8Array(memory.buffer, outAt, byteLength).slice());
    const about = `seed ${seed}`;
    expect(
      [...made].map((item) => item.toJSON()),
      about,
    ).toEqual(expected.map((item) => item.toJSON()));
    expect(made.filteredItems, about).toBe(batch.count - expected.length);
    if (expected.length > 0 && expected.length < batch.count) some++;
  }
  expect(some).toBeGreaterThan(20);
});
