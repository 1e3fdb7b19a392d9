// npm run mutants [-- --only TEXT] [--list]: changes the code in one place at a time, and sees a test fail for each change.
// Prints a line for each mutant: killed by which test, or survived. Ends with 1 when one survived that is not known as equivalent.
// It works in a copy of the project, in a temporary folder. `--only` takes those whose name or file has TEXT in it.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allMutants } from './mutants/all-mutants.mjs';
import { Workshop } from './mutants/workshop.mjs';

/** What a run of tests may take, as a multiple of what it takes without a mutant, and on top of it. */
const PATIENCE_FACTOR = 4;
const PATIENCE_MS = 60_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { only, list } = readArguments();
const mutants = allMutants(root).filter(({ name, file }) => only === undefined || `${name} ${file}`.includes(only));
if (mutants.length === 0) usage(`There is no mutant with '${only}' in its name or file; --list shows them.`);
if (list)
  for (const { name, file, equivalent } of mutants)
    console.log(`${name}  (${file})${equivalent === undefined ? '' : `  equivalent: ${equivalent}`}`);
else process.exitCode = await runAll(mutants.filter(({ equivalent }) => equivalent === undefined));

async function runAll(mutants) {
  const startedAt = performance.now();
  const workshop = new Workshop(root);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => workshop.close().finally(() => process.exit(1)));
  try {
    const limits = new Map();
    const survivors = [];
    for (const [index, mutant] of mutants.entries()) {
      const outcome = await tryOne(workshop, mutant, limits);
      if (outcome.survived) survivors.push(mutant.name);
      console.log(
        `[${index + 1}/${mutants.length}] ${outcome.survived ? 'SURVIVED' : 'killed'} ${mutant.name} (${mutant.file}): ${outcome.text}`,
      );
    }
    const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
    console.log(`${mutants.length} mutants, ${survivors.length} survived, ${minutes} minutes`);
    for (const name of survivors) console.log(`  survived: ${name}`);
    return survivors.length === 0 ? 0 : 1;
  } finally {
    await workshop.close();
  }
}

async function tryOne(workshop, { file, project, change, tests }, limits) {
  for (const one of tests) await learnLimit(workshop, one, limits);
  return workshop.withChange(file, project, change(workshop.read(file)), async ({ built }) => {
    if (!built) return { survived: true, text: 'the build makes the same code of it' };
    let seconds = 0;
    for (const one of tests) {
      const { failed, ms } = await workshop.test(one, limits.get(keyOf(one)));
      seconds += ms / 1000;
      if (failed !== undefined) return { survived: false, text: `${failed} (${seconds.toFixed(1)} s)` };
    }
    return { survived: true, text: `all tests pass (${seconds.toFixed(1)} s)` };
  });
}

/** Tests that fail without a mutant, or that are not there, say nothing. */
async function learnLimit(workshop, tests, limits) {
  const key = keyOf(tests);
  if (limits.has(key)) return;
  const { failed, ms } = await workshop.test(tests, 600_000);
  if (failed !== undefined) throw new Error(`${key} fails without a mutant: ${failed}`);
  limits.set(key, ms * PATIENCE_FACTOR + PATIENCE_MS);
}

function keyOf({ member, files, named }) {
  return `${member}: ${files.join(' ')}${named === undefined ? '' : ` (${named})`}`;
}

function readArguments() {
  try {
    return parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean' } } }).values;
  } catch (error) {
    return usage(error.message);
  }
}

function usage(message) {
  console.error(`${message}\nUsage: npm run mutants [-- --only TEXT] [--list]`);
  process.exit(2);
}
