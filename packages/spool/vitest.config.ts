import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['bounds', 'damage', 'public-names', 'row-set', 'spool', 'upkeep'],
  threads: ['kills', 'search', 'search-runs', 'search-sessions', 'sessions'],
  slow: [],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000 }) });
