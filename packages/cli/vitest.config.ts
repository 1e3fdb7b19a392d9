import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['bottlenecks', 'documents'],
  threads: [
    'terminal',
    'manners',
    'loss',

    'completion',
    'failures',
    'filenames',
    'formats',
    'inputs',
    'outputs',
    'pages',
    'parallel',
    'plugins',
    'prompts',
    'running',

    'usage',
  ],
  slow: ['demo', 'every-command', 'limits', 'new-user', 'packed'],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
