import { expect, test } from 'vitest';
import { FruitlessLimit } from '#main/session/fruitless-limit.js';

const FIRST = { name: 'PluginTrapError', message: 'first', code: 'ERR_PLUGIN_TRAP' } as const;
type Element = Parameters<FruitlessLimit['add']>[0];
const gap = (error: object, length = 5) =>
  ({ type: 'gap', offset: 0, length, restarts: 1, error }) as unknown as Element;
const batchOf = (count: number, filteredItems = 0) => ({ type: 'batch', count, filteredItems }) as Element;

test('as many gaps in a row as are allowed end the session, with the first of their errors', () => {
  const limit = new FruitlessLimit({ maxGapsInRow: 3 });
  limit.add(gap(FIRST));
  limit.add(gap({ ...FIRST, message: 'second' }));
  expect(limit.error()).toBeUndefined();
  limit.add(gap({ ...FIRST, message: 'third' }));
  expect(limit.error()).toMatchObject({
    code: 'ERR_PLUGIN_UNRECOVERABLE',
    message: expect.stringMatching(/15 bytes.*first/),
  });
});

test('an item between gaps begins the count again, also one that is not selected', () => {
  const limit = new FruitlessLimit({ maxGapsInRow: 2 });
  for (let round = 0; round < 5; round++) {
    limit.add(gap(FIRST));
    expect(limit.error()).toBeUndefined();
    limit.add(round % 2 === 0 ? batchOf(1) : batchOf(0, 1));
  }
});

test('a batch without an item between gaps does not', () => {
  const limit = new FruitlessLimit({ maxGapsInRow: 2 });
  limit.add(gap(FIRST));
  limit.add(batchOf(0));
  limit.add(gap(FIRST));
  expect(limit.error()).toBeDefined();
});
