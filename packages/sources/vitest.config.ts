import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['public-names', 'ring-output'],
  threads: ['follow'],
  slow: ['follow-rotation'],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000 }) });
