import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['imports', 'room-order'],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers) });
