import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: [
    'damaged',
    'damaged-version-2',
    'display',
    'header',
    'msgpack-value',
    'other-runtimes',
    'public-names',
    'safe-file-name',
    'vectors',
  ],
  threads: ['declarations'],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000 }) });
