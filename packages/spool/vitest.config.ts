import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['damage', 'public-names', 'row-set', 'spool'],
  threads: ['kills', 'search', 'search-runs'],
  slow: [],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000 }) });
