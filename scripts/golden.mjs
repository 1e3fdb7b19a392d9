// npm run golden [-- --write FILE | --compare FILE]: runs the built command line over inputs that it makes, and prints a line for
// each case: exit code, hash of standard output, hash of standard error, name. What differs from run to run is masked before.
// `--write` keeps the lines in FILE, and the masked outputs in the folder FILE.outputs, compressed. `--compare` ends with 1 when
// a line is not that of FILE, and shows the first line of the output that differs.
import { rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { goldenCases } from './golden/cases.mjs';
import { KeptResults } from './golden/kept-results.mjs';
import { CaseRunner } from './golden/runner.mjs';
import { setStage } from './golden/stage.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { write, compare } = readArguments();
const kept = compare === undefined ? undefined : KeptResults.read(resolve(compare));
const stage = await setStage(root);
try {
  process.exitCode = await runAll();
} finally {
  rmSync(stage.folder, { recursive: true, force: true });
}

async function runAll() {
  const runner = new CaseRunner(root, stage);
  const results = [];
  for (const one of goldenCases(stage)) {
    const result = await runner.run(one);
    results.push(result);
    console.log(result.line);
  }
  if (write !== undefined) KeptResults.write(resolve(write), results);
  if (kept === undefined) return 0;
  const differences = kept.differences(results);
  for (const difference of differences) console.error(difference);
  console.error(`${results.length} cases, ${differences.length} differ from ${compare}.`);
  return differences.length === 0 ? 0 : 1;
}

function readArguments() {
  try {
    const { values } = parseArgs({ options: { write: { type: 'string' }, compare: { type: 'string' } } });
    return values;
  } catch (error) {
    console.error(`${error.message}\nUsage: npm run golden [-- --write FILE] [--compare FILE]`);
    process.exit(2);
  }
}
