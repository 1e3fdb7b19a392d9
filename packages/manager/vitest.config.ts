import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['install-size', 'plugin-name', 'public-names'],
  threads: [
    'archives',
    'chipmunk-contract',
    'claims',
    'component-library',
    'configuration',
    'decisions',
    'directory-lock',
    'dropped-session',
    'embedding-page',
    'environment',
    'events',
    'examples',
    'home',
    'metrics',
    'options',
    'request-json',
    'opentelemetry',
    'permission-model',
    'plugin-cache',
    'plugin-faults',
    'install-sources',
    'plugin-store',
    'plugins-directory',
    'plugins-manager',
    'profiles',
    'prometheus',
    'readme',
    'source-plugins',
    'state-file',
    'stream-uses',
    'streams',
  ],
  slow: ['cache-fuzz', 'plugin-changes', 'store-faults', 'store-kills', 'store-overlay'],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
