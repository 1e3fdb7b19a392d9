import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/cache.mjs';

test('2,000 damaged cache files and 2,000 damaged binaries mislead nobody', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  // A seed that found something can be run again: npm run fuzz -- cache --seed SEED.
  process.stdout.write(`fuzz cache: seed ${seed}\n`);
  const { executed } = await fuzz({ seconds: 280, seed, mutants: 2000, log: () => {} });
  expect(executed).toBe(4000);
}, 300_000);
