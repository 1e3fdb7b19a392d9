import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['imports', 'mutants', 'public-types', 'room-order', 'test-tiers'],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers) });
