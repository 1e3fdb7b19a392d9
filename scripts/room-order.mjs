// Checks which files may import which: the order of the rooms (folders) of each package in packages/*/src, no circles, no other
// package's insides, and no file of more than 400 lines. `npm run lint` runs it; CONTRIBUTING.md says how to read its messages.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importFaults, lengthFaults, withoutKnown } from './import-rules.mjs';

/**
 * Rooms of each package from the top to the bottom. A room is a folder or a file below `src` with all in it that is no room of its
 * own; `.` is `src` itself. A file imports from its own room and from rooms in lower rows; rooms in one row do not know each other.
 *
 * - `apart`: folders for different threads. None imports from another, whatever the rows say.
 * - `light`: folders that each thread of a plugin loads, and packages that are not loaded as a whole there.
 * - `portable`: it runs in any JavaScript runtime, so it has nothing of Node's, and imports only packages that have nothing, either: all of the
 *   package, or the rooms that are named.
 */
export const ROOMS = {
  batch: { portable: true, rows: [['.']] },
  spool: {
    portable: ['portable'],
    rows: [
      ['index.ts'],
      ['spool.ts', 'spool-session.ts'],
      ['search'],
      ['writer'],
      ['append-notices.ts', 'file-store.ts'],
      ['zstd.ts'],
      ['portable'],
    ],
  },
  runtime: {
    apart: ['main', 'supervisor', 'worker'],
    rows: [
      ['main/index.ts', 'main/internal.ts'],
      ['main/compile', 'main/pool', 'main/ring'],
      ['main'],
      ['supervisor'],
      ['worker'],
      ['worker/compile', 'worker/instance', 'worker/ring', 'worker/wasi'],
      ['worker/component', 'worker/positional-read.ts'],
      ['shared/index.ts', 'shared/options'],
      ['shared/instance'],
      ['shared/ring'],
      ['shared/component'],
      ['shared/system'],
      ['shared'],
    ],
  },
  sources: {
    apart: ['main', 'worker'],
    light: { rooms: ['worker', 'shared/index.ts'], packages: ['@chipmunk-host/batch'] },
    rows: [
      ['main/index.ts', 'main/internal.ts'],
      ['main'],
      ['worker/index.ts'],
      ['worker'],
      ['worker/pcap'],
      ['worker/contract.ts'],
      ['shared/index.ts'],
      ['shared'],
    ],
  },
  hosts: {
    apart: ['main', 'supervisor', 'worker'],
    light: { rooms: ['worker', 'api', 'shared', 'supervisor'], packages: ['@chipmunk-host/batch'] },
    rows: [
      ['main/index.ts', 'main/internal.ts'],
      ['main/session'],
      ['main/streams'],
      ['main/input'],
      ['main/host'],
      ['main/grants', 'main/options'],
      ['supervisor'],
      ['worker'],
      ['worker/parser', 'worker/source-plugin'],
      ['worker/recovery'],
      ['worker/instance', 'worker/input'],
      ['api'],
      ['api/v0_1_0/parser', 'api/v0_1_0/byte-source'],
      ['api/v0_1_0/lifter'],
      ['api/v0_1_0/common'],
      ['api/contract'],
      ['worker/output'],
      ['shared/protocol'],
      ['shared/encode', 'shared/select'],
      ['shared'],
      ['shared/config'],
    ],
  },
  manager: {
    rows: [
      ['index.ts', 'opentelemetry.ts'],
      ['streams'],
      ['.'],
      ['doctor'],
      ['sessions'],
      ['catalogue'],
      ['examination'],
      ['config'],
      ['store'],
      ['shared'],
    ],
  },
  cli: {
    rows: [
      ['.', 'demo'],
      ['completion', 'search', 'spool'],
      ['ingest'],
      ['loss', 'formats', 'plugins'],
      ['terminal/error-report.ts'],
      ['output'],
      ['terminal'],
    ],
  },
  sdk: { rows: [['cli', 'testing', 'index.ts'], ['.']] },
  bench: { rows: [['main.ts'], ['suites'], ['.']] },
};

/**
 * What is against the rules and known: a line here that nothing needs any more is a fault, so the list only gets shorter. Pairs of
 * rooms, names of Node's in a portable package, and paths of files that are too long.
 */
export const NOT_YET = new Set([]);

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const CODE = /\.(?:ts|mts|mjs|js|rs|c|h|sh)$/;
/** Not written by hand, or not ours. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'target', '.turbo', '.cache']);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = checkWorkspace();
  for (const { path, line, message } of faults) console.error(`${path}:${line} ${message}`);
  if (faults.length > 0) console.error(`\n${faults.length} against the order of the rooms (scripts/room-order.mjs).`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

function checkWorkspace() {
  const code = new Map();
  for (const folder of ['packages', 'plugins', 'compat', 'internal', 'examples', 'scripts', 'crates'])
    for (const path of filesBelow(folder)) if (CODE.test(path)) code.set(path, readFileSync(join(root, path), 'utf8'));
  const files = new Map(
    [...code].filter(([path]) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path) && !path.includes('/assembly/')),
  );
  const faults = [...importFaults({ files, manifests: manifests(), rooms: ROOMS }), ...lengthFaults(code)];
  return withoutKnown(faults, NOT_YET, 'scripts/room-order.mjs');
}

/** By folder, as `packages/cli`. */
function manifests() {
  const folders = ['packages', 'plugins', 'internal'].flatMap((group) =>
    namesIn(group).map((name) => `${group}/${name}`),
  );
  return new Map(
    [...folders, 'compat']
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map((folder) => [folder, JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))]),
  );
}

function namesIn(folder) {
  return existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
}

function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name)) return [];
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
