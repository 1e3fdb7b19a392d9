import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['bottlenecks', 'documents', 'output-files'],
  threads: [
    'attachments',
    'terminal',
    'manners',
    'loss',
    'completion',
    'detection',
    'failures',
    'follow',
    'filenames',
    'formats',
    'pages',
    'parallel',
    'prompts',
    'rotation',
    'sources',
    'running',
    'search',
    'selection',
    'spool',
    'usage',
  ],
  slow: ['checkpoint-kills', 'demo', 'every-command', 'inputs', 'limits', 'new-user', 'outputs', 'packed', 'plugins'],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
