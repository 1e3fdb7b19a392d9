// Bundles the programs of plugins' threads from dist/worker/*.worker.js into dist/threads/.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { bundleThreads, copyTerms } from '../../../scripts/bundle-threads.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** What each program loads only when it needs it. */
const onDemand = {
  parser:
    /\/(?:wasi\/|byte-source|quarantine|tree-removal|encode\/|shared\/select\/|slot-encoder|raw-rows|selecting|row-picker|slot-selector|cpu-profile)/,
  'byte-source': /\/(?:(?:wasi|parser|lifter|output)\/|tree-removal|cpu-profile)/,
};
copyTerms(root, await bundleThreads({ rolldown, root, onDemand }));
