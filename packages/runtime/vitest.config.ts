import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: [
    'copy-bytes',
    'documented-limits',
    'lift-bounds',
    'permits',
    'public-names',
    'byte-ring-marks',
    'ring-limits',
    'ring-model',
    'ring-steps',
    'wasi-adversary',
    'wasi-output',
    'wasi-paths',
    'wasi-refusals',
    'wasi-tree-bounds',
  ],
  threads: [
    'byte-ring',
    'control-calls',
    'compile',
    'compile-caps',
    'compile-features',
    'compile-names',
    'compile-options',
    'compile-refusals',
    'component-links',
    'environment-fault',
    'make-folder',
    'process-mark',
    'ring',
    'wasi-descriptors',
    'wasi-imports',
    'wasi-programs',
    'worker-pool',
  ],
  slow: ['compile-fuzz', 'compile-limits', 'wasi-hostile-trees'],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
