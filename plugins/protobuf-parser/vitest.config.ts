import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  threads: ['framing', 'mutants', 'settings', 'values'],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
