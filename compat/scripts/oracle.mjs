// Builds the oracle and runs everything through it and through this project's host: the cases whose outcomes are committed, and
// random ones. Ends with one line, and with 1 when anything differs.
//
//   node scripts/oracle.mjs [--seed N] [--count N] [--update] [--binary PATH]
//
// --seed   of the first random case of each plugin; the next one has the next number. Default: from the clock
// --count  of random cases of each plugin. Default 500
// --update writes the outcomes of the oracle to oracle/expected.json, instead of comparing with them
// --binary an oracle that was built before
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Comparison } from '#comparison/comparison.js';
import { WorkingDirectory } from '#comparison/working-directory.js';

const FOLDER = join(import.meta.dirname, '..', 'oracle');

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    count: { type: 'string', default: '500' },
    update: { type: 'boolean', default: false },
    binary: { type: 'string' },
  },
});
const [seed, count] = [Number(values.seed), Number(values.count)];
if (!Number.isSafeInteger(seed) || seed < 0 || !Number.isSafeInteger(count) || count < 0) {
  console.error('--seed and --count take whole numbers');
  process.exit(2);
}

const directory = new WorkingDirectory();
try {
  const comparison = new Comparison(values.binary ?? build(), directory.path, (line) => console.log(line));
  try {
    await comparison.fixed(values.update);
    await comparison.random(seed, count);
  } finally {
    await comparison[Symbol.asyncDispose]();
  }
  console.log(comparison.summary);
  process.exitCode = comparison.failures === 0 ? 0 : 1;
} finally {
  directory[Symbol.dispose]();
}

function build() {
  const target = process.env.CARGO_TARGET_DIR ?? join(FOLDER, 'target');
  const { status, error } = spawnSync('cargo', ['build', '--release', '--locked'], {
    cwd: FOLDER,
    stdio: 'inherit',
    env: { ...process.env, CARGO_TARGET_DIR: target },
  });
  if (error !== undefined || status !== 0) {
    const why = error === undefined ? `cargo ended with ${status}` : `cargo cannot be run: ${error.message}`;
    console.error(`oracle: not compared, because ${why}. Its README says what it takes to build it.`);
    process.exit(1);
  }
  return join(target, 'release', process.platform === 'win32' ? 'oracle.exe' : 'oracle');
}
