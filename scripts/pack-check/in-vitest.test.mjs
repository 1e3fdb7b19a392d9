import { expect, test } from 'vitest';
import { consume, EXPECTED } from './consumer.mjs';

test('a session in a test of vitest', async () => {
  expect(await consume()).toBe(EXPECTED);
});
