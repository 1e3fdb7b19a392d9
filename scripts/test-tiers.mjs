// The tiers of a package's tests, as projects of Vitest: `unit`, `threads` and `slow` (CONTRIBUTING.md says what belongs where).
// A package's vitest.config.ts lists each file of tests in one tier; a file in none, in two, or that is not there is an error.
// Which tiers are run is said by `--project`, or by the environment's TEST_TIERS: names with spaces between them.
import { readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const TIERS = ['unit', 'threads', 'slow'];

const SUFFIX = '.test.ts';
/** Beside this file, wherever the configuration that imports it was bundled to. */
const SCRIPTS = dirname(fileURLToPath(import.meta.url));

/** @see the types in test-tiers.d.mts */
export function testTiers(directory, tiers, { globalSetup, ...options } = {}) {
  checkLists(directory, tiers);
  return {
    // A package need not have tests of all tiers.
    passWithNoTests: true,
    projects: wantedTiers().map((name) => ({
      test: {
        ...options,
        name,
        root: directory,
        server: { deps: { external: [/\/dist\//] } },
        include: (tiers[name] ?? []).map((file) => `test/${file}${SUFFIX}`),
        ...(name === 'unit' ? { setupFiles: [join(SCRIPTS, 'unit-tier-setup.mjs')] } : { globalSetup }),
      },
    })),
  };
}

function wantedTiers() {
  const wanted = (process.env.TEST_TIERS ?? TIERS.join(' ')).split(' ').filter((name) => name !== '');
  const unknown = wanted.filter((name) => !TIERS.includes(name));
  if (wanted.length === 0 || unknown.length > 0)
    throw new Error(`TEST_TIERS is '${process.env.TEST_TIERS}'; it may hold some of: ${TIERS.join(', ')}`);
  return wanted;
}

function checkLists(directory, tiers) {
  const wrong = Object.keys(tiers).filter((name) => !TIERS.includes(name));
  if (wrong.length > 0)
    throw new Error(`${directory}: no such tier: ${wrong.join(', ')}; there are ${TIERS.join(', ')}`);
  const files = readdirSync(join(directory, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length).split(sep).join('/'));
  const listed = TIERS.flatMap((name) => tiers[name] ?? []);
  const problems = [
    ...files.filter((file) => !listed.includes(file)).map((file) => `${file} is in no tier`),
    ...listed.filter((file) => !files.includes(file)).map((file) => `test/${file}${SUFFIX} is listed, but not there`),
    ...listed.filter((file, at) => listed.indexOf(file) !== at).map((file) => `${file} is listed twice`),
  ];
  if (problems.length > 0)
    throw new Error(
      `${join(directory, 'vitest.config.ts')}: ${problems.join('; ')}. Name each file of tests in one list of ${TIERS.join(', ')}.`,
    );
}
