import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['public-names', 'row-set', 'spool'],
  threads: ['search', 'search-runs'],
  slow: [],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000 }) });
