import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/loader.mjs';

test('no damage to a component does more than make it invalid', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  // A seed that found something can be run again: npm run fuzz -- loader --seed SEED.
  process.stdout.write(`fuzz loader: seed ${seed}\n`);
  const { executed } = await fuzz({ seconds: 120, seed, mutants: 150, log: () => {} });
  expect(executed).toBeGreaterThan(0);
}, 180_000);
