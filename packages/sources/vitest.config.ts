import { defineConfig } from 'vitest/config';
import { testTiers } from '../../scripts/test-tiers.mjs';

const tiers = {
  unit: ['recorder', 'compressed/gzip', 'pcap-formats', 'pcap-packets', 'pcap-tcp', 'public-names', 'ring-output'],
  threads: ['compressed/damaged', 'compressed/zstd', 'files/files', 'follow', 'pcap-tshark', 'source-url'],
  slow: ['follow-rotation'],
};

export default defineConfig({ test: testTiers(import.meta.dirname, tiers, { testTimeout: 120_000 }) });
