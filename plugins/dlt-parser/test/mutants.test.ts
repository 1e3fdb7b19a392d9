import { test } from 'vitest';
import { startPlugin } from './feed.js';
import { parseMutants } from './mutants.js';

const COUNT = Number(process.env.DLT_MUTANTS ?? 20_000);
const SEED = Number(process.env.DLT_MUTANTS_SEED ?? 1);

// `npm run long -- dlt-mutants` parses a million.
test(`no message behind an intact storage header is lost beside ${COUNT} changed ones`, async () => {
  parseMutants(await startPlugin(), SEED, COUNT);
}, 3_600_000);
