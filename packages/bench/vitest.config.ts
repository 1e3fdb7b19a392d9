import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['performance-page'],
  threads: ['instrument', 'node-versions'],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers) });
