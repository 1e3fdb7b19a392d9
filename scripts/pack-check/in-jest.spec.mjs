import { expect, test } from '@jest/globals';
import { consume, EXPECTED } from './consumer.mjs';

test('a session in a test of jest', async () => {
  expect(await consume()).toBe(EXPECTED);
});
