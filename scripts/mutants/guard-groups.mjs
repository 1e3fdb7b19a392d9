/**
 * Files whose guards are removed one by one, and the tests that are to notice. Steps of tests run in this order, up to the first
 * that fails: those that take least come first.
 */
import { BATCH, HOSTS, RUNTIME, tests } from './test-files.mjs';

const API = `${HOSTS}/src/api/v0_1_0`;
const LIFTER = `${API}/lifter`;
const FILESYSTEM = `${RUNTIME}/src/worker/wasi/filesystem`;

const LIFTER_TESTS = [
  tests(HOSTS, 'lifter-breach'),
  tests(HOSTS, 'direct-calls', 'host-functions', 'lifter-modules', 'lifter-slots'),
  tests(HOSTS, 'lifter', 'lifter-text', 'joined-columns'),
];

export const GUARD_GROUPS = [
  {
    files: below(`${LIFTER}/assembly`, 'measure', 'walk', 'write', 'separators', 'utf8', 'frame-header'),
    tests: LIFTER_TESTS,
  },
  {
    files: [
      ...below(LIFTER, 'attachment-lifter', 'attachment-reader', 'bindings-lifter', 'record-reader', 'result-area'),
      ...below(LIFTER, 'result-lifter', 'slot-lifter'),
      ...below(API, 'common/bindings-bounds', 'common/host-functions', 'common/plugin-memory', 'parser/direct-parse'),
    ],
    tests: LIFTER_TESTS,
  },
  {
    files: below(API, 'byte-source/direct-read', 'byte-source/read-path'),
    tests: [tests(HOSTS, 'direct-calls')],
  },
  {
    files: [
      ...below(
        `${RUNTIME}/src/shared/ring`,
        'byte-ring-writer',
        'ring-bells',
        'ring-consumer',
        'ring-ends',
        'ring-layout',
      ),
      ...below(`${RUNTIME}/src/shared/ring`, 'ring-mark', 'ring-memory', 'ring-producer'),
      ...below(
        `${RUNTIME}/src`,
        'main/ring/batch-ring-reader',
        'worker/ring/batch-ring-writer',
        'worker/ring/byte-ring-reader',
      ),
    ],
    tests: [tests(RUNTIME, 'ring-limits', 'ring-steps', 'ring-model')],
  },
  {
    files: [
      ...below(
        `${BATCH}/src`,
        'attachment',
        'batch',
        'batch-layout',
        'batch-text',
        'item',
        'line-encoder',
        'msgpack-cursor',
      ),
      ...below(`${BATCH}/src`, 'msgpack-value', 'record-frame', 'base64', 'text-decoder'),
    ],
    tests: [tests(BATCH, 'damaged', 'vectors', 'msgpack-value', 'display', 'other-runtimes'), tests(HOSTS, 'batch')],
  },
  {
    files: below(FILESYSTEM, 'granted-tree', 'host-directory', 'path-operations', 'path-resolution', 'tree-bounds'),
    tests: [tests(RUNTIME, 'wasi-paths', 'wasi-adversary', 'wasi-refusals', 'wasi-tree-bounds')],
  },
];

function below(folder, ...names) {
  return names.map((name) => `${folder}/${name}.ts`);
}
