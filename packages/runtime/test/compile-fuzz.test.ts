import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/loader.mjs';

test('no damage to a component does more than make it invalid', async () => {
  // Many mutants, of random seeds: npm run long -- fuzz-loader.
  const { executed } = await fuzz({ seconds: 120, seed: 7, mutants: 100, log: () => {} });
  expect(executed).toBeGreaterThan(0);
}, 180_000);
