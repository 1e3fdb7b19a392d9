import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['filter-presets', 'install-size', 'plugin-name', 'public-names'],
  threads: [
    'chipmunk-contract',
    'claims',
    'configuration',
    'detection',
    'directory-lock',
    'dropped-session',
    'embedding-page',
    'events',
    'examples',
    'home',
    'metrics',
    'options',
    'request-json',
    'opentelemetry',
    'permission-model',
    'plugin-faults',
    'install-sources',
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
  slow: [
    'archives',
    'arrow-tools',
    'cache-fuzz',
    'component-library',
    'decisions',
    'environment',
    'plugin-cache',
    'plugin-changes',
    'plugin-store',
    'shipped-parsers',
    'store-faults',
    'store-kills',
    'store-overlay',
  ],
};

export default defineConfig({
  test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000, hookTimeout: 180_000 }),
});
