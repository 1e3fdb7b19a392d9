// Bundles the program of sources' threads from dist/worker/source.worker.js into dist/threads/. Each source is a file of its own.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { bundleThreads, copyTerms } from '../../../scripts/bundle-threads.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** All but the program itself. */
const onDemand = {
  source: /\/sources\/dist\/(?:worker\/(?!source[.-]|ring-output|contract)|shared\/(?:compressed|expand-files))/,
  decompressing: /\/shared\/compressed\/fzstd-run/,
};
copyTerms(root, await bundleThreads({ rolldown, root, onDemand }));
