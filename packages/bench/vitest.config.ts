import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['performance-page', 'worker-profile'],
  threads: ['instrument', 'node-versions'],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers) });
