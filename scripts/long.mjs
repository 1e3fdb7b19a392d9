// npm run long -- NAME [--seed N] [--minutes N]: what `npm test` does in small with a seed that is fixed, in large with random ones.
// Prints the seed of each round before it begins; ends with 1, and the line that does the round again, when something was found.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Files of tests that take their number of runs and their seed from the environment, by the names of these variables. */
const testRuns = {
  'crash-schedules': {
    file: 'packages/hosts/test/faults/crash-schedules.test.ts',
    env: { CRASH_SCHEDULES: 300 },
    seed: 'CRASH_SEED',
  },
  'source-crashes': {
    file: 'packages/hosts/test/source-recovery.test.ts',
    env: { CRASH_SCHEDULES: 300 },
    seed: 'CRASH_SEED',
  },
  inputs: { file: 'packages/hosts/test/input-schedules.test.ts', env: { INPUT_SCHEDULES: 200 }, seed: 'INPUT_SEED' },
  checkpoint: {
    file: 'packages/cli/test/checkpoint-kills.test.ts',
    env: { CHECKPOINT_KILLS: 200 },
    seed: 'CHECKPOINT_SEED',
  },
  cut: { file: 'packages/hosts/test/sources/cut.test.ts', env: { CUT_ROUNDS: 500 }, seed: 'CUT_SEED' },
  'cut-process': {
    file: 'packages/hosts/test/sources/cut-process.test.ts',
    env: { CUT_ROUNDS: 500 },
    seed: 'CUT_SEED',
  },
  rotation: {
    file: 'packages/sources/test/follow-rotation.test.ts',
    env: { ROTATION_SCHEDULES: 1000 },
    seed: 'ROTATION_SEED',
  },
  'damaged-plugins': {
    file: 'packages/hosts/test/faults/load-faults.test.ts',
    env: { FAULT_FLIPS: 300 },
    seed: 'FAULT_SEED',
  },
  'store-kills': {
    file: 'packages/manager/test/store-kills.test.ts',
    env: { STORE_KILLS: 300 },
    seed: 'STORE_KILLS_SEED',
  },
  // Sessions as streams over an input of 1 GiB: no chance in it.
  streams: { file: 'packages/manager/test/streams.test.ts', env: { STREAM_MIB: 1024 } },
  encoder: {
    file: 'packages/hosts/test/encode/encoder.test.ts',
    env: { ENCODER_CASES: 10_000 },
    seed: 'ENCODER_SEED',
  },
  arrow: {
    file: 'packages/hosts/test/encode/arrow.test.ts',
    env: { ENCODER_CASES: 10_000 },
    seed: 'ENCODER_SEED',
  },
  selection: {
    file: 'packages/hosts/test/select/selected-batch.test.ts',
    env: { SELECTION_CASES: 10_000 },
    seed: 'SELECTION_SEED',
  },
  search: { file: 'packages/spool/test/search.test.ts', env: { SEARCH_CASES: 10_000 }, seed: 'SEARCH_SEED' },
  'dlt-mutants': {
    file: 'plugins/dlt-parser/test/mutants.test.ts',
    env: { DLT_MUTANTS: 1_000_000 },
    seed: 'DLT_MUTANTS_SEED',
  },
  'json-lines-mutants': {
    file: 'plugins/json-lines/test/mutants.test.ts',
    env: { JSON_LINES_MUTANTS: 1_000_000 },
    seed: 'JSON_LINES_MUTANTS_SEED',
  },
  'protobuf-mutants': {
    file: 'plugins/protobuf-parser/test/mutants.test.ts',
    env: { PROTOBUF_MUTANTS: 200_000 },
    seed: 'PROTOBUF_MUTANTS_SEED',
  },
  'text-format-mutants': {
    file: 'plugins/text-format/test/mutants.test.ts',
    env: { TEXT_FORMAT_MUTANTS: 200_000 },
    seed: 'TEXT_FORMAT_MUTANTS_SEED',
  },
  'shipped-parsers': {
    file: 'packages/manager/test/shipped-parsers.test.ts',
    env: { SHIPPED_CALLS: 1_000_000 },
    seed: 'SHIPPED_SEED',
  },
  'dlt-parallel': {
    file: 'packages/hosts/test/dlt-parallel.test.ts',
    env: { DLT_PARALLEL: 200 },
    seed: 'DLT_PARALLEL_SEED',
  },
  'spool-kills': {
    file: 'packages/spool/test/kills.test.ts',
    env: { SPOOL_KILLS: 200 },
    seed: 'SPOOL_KILLS_SEED',
  },
  'spool-damage': {
    file: 'packages/spool/test/damage.test.ts',
    env: { SPOOL_DAMAGE: 10_000 },
    seed: 'SPOOL_DAMAGE_SEED',
  },
  compressed: {
    file: 'packages/sources/test/compressed/damaged.test.ts',
    env: { COMPRESSED_CASES: 3000 },
    seed: 'COMPRESSED_SEED',
  },
  // Tries every step: no chance in it.
  overlay: { file: 'packages/manager/test/store-overlay.test.ts', env: { OVERLAY_EVERY: 1 } },
  endurance: { file: 'compat/test/endurance.test.ts', env: { ENDURANCE_CALLS: 1_000_000 } },
};

/** Scripts with random input, which keep to the minutes themselves. */
const scripts = {
  soak: (minutes, seed) => ['--expose-gc', 'scripts/soak.mjs', '--minutes', minutes, '--seed', seed],
  'soak-live': (minutes, seed) => ['--expose-gc', 'scripts/soak.mjs', '--live', '--minutes', minutes, '--seed', seed],
  ...Object.fromEntries(
    ['lifter', 'ring', 'loader', 'cache', 'config', 'pcap'].map((target) => [
      `fuzz-${target}`,
      (minutes, seed) => ['scripts/fuzz.mjs', target, '--seconds', Math.ceil(minutes * 60), '--seed', seed],
    ]),
  ),
};

const DEFAULT_SCRIPT_MINUTES = 10;
const names = [...Object.keys(testRuns), ...Object.keys(scripts)];
const { name, seed: firstSeed, minutes } = readArguments();
const end = performance.now() + (minutes ?? 0) * 60_000;

if (Object.hasOwn(scripts, name)) round(firstSeed, scriptRound(scripts[name]));
else {
  const run = testRuns[name];
  let seed = firstSeed;
  // One round is done wholly; the last one may go beyond the minutes.
  do {
    round(seed, () => testRound(run, seed));
    seed = randomSeed();
  } while (performance.now() < end);
}
console.log(`long ${name}: nothing found`);

function scriptRound(argumentsOf) {
  return () => node(argumentsOf(minutes ?? DEFAULT_SCRIPT_MINUTES, firstSeed).map(String), root, {});
}

function testRound({ file, env, seed: seedVariable }, seed) {
  const [group, member, ...path] = file.split('/');
  const directory = join(root, group, member);
  const variables = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]));
  if (seedVariable !== undefined) variables[seedVariable] = String(seed);
  return node([join('node_modules', 'vitest', 'vitest.mjs'), 'run', path.join('/')], directory, variables);
}

function node(args, cwd, env) {
  const { status, signal, error } = spawnSync(process.execPath, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  if (signal !== null) process.kill(process.pid, signal);
  return status;
}

function round(seed, run) {
  console.log(`long ${name}: seed ${seed}`);
  if (run() === 0) return;
  const again = minutes !== undefined && Object.hasOwn(scripts, name) ? ` --minutes ${minutes}` : '';
  console.error(
    `long ${name}: found something with seed ${seed}; again: npm run long -- ${name} --seed ${seed}${again}`,
  );
  process.exit(1);
}

function randomSeed() {
  return Math.floor(Math.random() * 1_000_000);
}

function readArguments() {
  const options = { seed: { type: 'string' }, minutes: { type: 'string' } };
  let parsed;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    usage(error.message);
  }
  const [name, ...more] = parsed.positionals;
  if (!names.includes(name) || more.length > 0) usage(`Name one run: ${names.join(', ')}.`);
  const seed = Number(parsed.values.seed ?? randomSeed());
  if (!Number.isInteger(seed) || seed < 0 || seed > 0x7fff_ffff)
    usage(`--seed must be a whole number from 0 to ${0x7fff_ffff}, got '${parsed.values.seed}'.`);
  if (parsed.values.minutes === undefined) return { name, seed };
  const minutes = Number(parsed.values.minutes);
  if (!(minutes > 0 && minutes <= 10_000)) usage(`--minutes must be a number above 0, got '${parsed.values.minutes}'.`);
  return { name, seed, minutes };
}

function usage(message) {
  console.error(`${message}\nUsage: npm run long -- NAME [--seed N] [--minutes N]`);
  process.exit(2);
}
