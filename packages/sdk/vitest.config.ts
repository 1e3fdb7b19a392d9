import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['core-exports', 'public-names'],
  slow: ['build', 'byte-source', 'files', 'item-times', 'lines', 'memory', 'parser', 'texts'],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
