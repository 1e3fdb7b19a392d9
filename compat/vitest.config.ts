import { defineConfig } from 'vitest/config';
import { testTiers } from '../scripts/test-tiers.mjs';

const tiers = {
  unit: ['committed'],
  threads: ['cases', 'differences', 'failures', 'host-side', 'oracle', 'selftest-world'],
  slow: ['endurance', 'large-component', 'variants'],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
