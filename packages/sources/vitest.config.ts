import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['pcap-formats', 'pcap-packets', 'pcap-tcp', 'public-names', 'ring-output'],
  threads: ['source-url', 'follow', 'pcap-tshark'],
  slow: ['follow-rotation'],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000 }) });
