import { defineConfig } from 'vitest/config';
import { testTiers } from '../scripts/test-tiers.mjs';

const tiers = {
  unit: ['committed'],
  threads: ['cases', 'differences', 'failures', 'host-side', 'oracle', 'selftest-world', 'variants'],
  slow: ['endurance', 'large-component'],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
