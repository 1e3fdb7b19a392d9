/**
 * Folders and files whose guards are removed one by one, and the tests that are to notice. Steps of tests run in this order, up to
 * the first that fails: those that take least come first.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BATCH, HOSTS, RUNTIME, tests } from './test-files.mjs';

const API = `${HOSTS}/src/api/v0_1_0`;
const FILESYSTEM = `${RUNTIME}/src/worker/wasi/filesystem`;

const [NODE] = process.versions.node.split('.').map(Number);

const LIFTER_TESTS = [
  tests(HOSTS, 'lifter-breach'),
  tests(HOSTS, 'direct-calls', 'host-functions', 'item-times', 'lifter-modules', 'lifter-slots', 'lifter-ways'),
  tests(HOSTS, 'lifter', 'lifter-text', 'lifter-utf8', 'joined-columns'),
];

/** A path that ends in `.ts` is one file; of a folder all files are meant, but not those of folders in it. */
const GROUPS = [
  {
    paths: [
      `${API}/lifter/assembly`,
      // Node 20 does not take the module that is built of them.
      ...(NODE >= 22 ? [`${API}/lifter/assembly/two-memories`] : []),
      `${API}/lifter`,
      `${API}/common/bindings-bounds.ts`,
      `${API}/common/host-functions.ts`,
      `${API}/common/plugin-memory.ts`,
      `${API}/parser/direct-parse.ts`,
    ],
    tests: LIFTER_TESTS,
  },
  {
    paths: [`${API}/byte-source/direct-read.ts`, `${API}/byte-source/read-path.ts`],
    tests: [tests(HOSTS, 'direct-calls')],
  },
  {
    paths: [`${RUNTIME}/src/shared/ring`, `${RUNTIME}/src/main/ring`, `${RUNTIME}/src/worker/ring`],
    tests: [tests(RUNTIME, 'ring-limits', 'ring-steps', 'ring-model')],
  },
  {
    paths: [`${BATCH}/src`],
    tests: [
      tests(BATCH, 'damaged', 'damaged-version-2', 'header', 'msgpack-value', 'vectors', 'display', 'other-runtimes'),
      tests(HOSTS, 'batch'),
    ],
  },
  {
    paths: ['granted-tree', 'host-directory', 'path-operations', 'path-resolution', 'tree-bounds'].map(
      (name) => `${FILESYSTEM}/${name}.ts`,
    ),
    tests: [tests(RUNTIME, 'wasi-refusals', 'wasi-adversary', 'wasi-tree-bounds'), tests(RUNTIME, 'wasi-paths')],
  },
];

/** @returns {readonly { files: readonly string[], tests: readonly { member: string, files: readonly string[] }[] }[]} */
export function guardGroups(root) {
  return GROUPS.map(({ paths, tests }) => ({ files: paths.flatMap((path) => filesAt(root, path)), tests }));
}

function filesAt(root, path) {
  if (path.endsWith('.ts')) return [path];
  return readdirSync(join(root, path))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && statSync(join(root, path, name)).isFile())
    .map((name) => `${path}/${name}`);
}
