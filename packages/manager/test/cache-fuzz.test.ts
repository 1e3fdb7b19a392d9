import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/cache.mjs';

test('300 damaged cache files and 300 damaged binaries mislead nobody', async () => {
  // Many, of random seeds: npm run long -- fuzz-cache.
  const { executed } = await fuzz({ seconds: 280, seed: 7, mutants: 300, log: () => {} });
  expect(executed).toBe(600);
}, 300_000);
