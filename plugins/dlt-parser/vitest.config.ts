import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  threads: ['generated', 'mutants', 'rows', 'settings', 'text', 'version-2'],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
