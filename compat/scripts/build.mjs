// Builds the components again as far as this machine can, and holds them against those that are committed: a hash that differs
// is a failure if it was made with the same versions of all tools, and says nothing otherwise.
//
//   node scripts/build.mjs [--update] [NAME...]
//
// --update replaces the committed components, and notes hashes and versions.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECIPES } from './recipes.mjs';

const FOLDER = join(import.meta.dirname, '..', 'components', 'wasm');
const MANIFEST = join(FOLDER, 'manifest.json');

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const update = process.argv.includes('--update');
const unknown = names.filter((name) => !RECIPES.some((recipe) => recipe.name === name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; expected some of: ${RECIPES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8'));
const outcomes = [];
for (const recipe of RECIPES.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const outcome = await follow(recipe);
  outcomes.push(outcome);
  console.log(`${recipe.name}: ${outcome.text}`);
}
if (update) writeFileSync(MANIFEST, `${JSON.stringify(sorted(manifest), null, 2)}\n`);
process.exitCode = outcomes.some(({ failed }) => failed) ? 1 : 0;

async function follow({ name, missing, versions, build, varies }) {
  const why = missing();
  if (why !== undefined) return { text: `not built: ${why}`, failed: false };
  const committed = manifest[name];
  const tools = versions();
  let bytes;
  try {
    bytes = await build();
  } catch (error) {
    return { text: `failed: ${error.message}`, failed: true };
  }
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (update) {
    writeFileSync(join(FOLDER, `${name}.wasm`), bytes);
    manifest[name] = { sha256: hash, bytes: bytes.length, tools };
    return { text: `${committed?.sha256 === hash ? 'unchanged' : 'updated'}, ${bytes.length} bytes`, failed: false };
  }
  if (committed === undefined) return { text: 'built, but nothing is committed: run with --update', failed: true };
  if (committed.sha256 === hash) return { text: 'the same as committed', failed: false };
  if (varies !== undefined) return { text: `built, but not to be compared: ${varies}`, failed: false };
  const others = Object.entries(committed.tools).filter(([tool, version]) => tools[tool] !== version);
  if (others.length > 0) {
    const list = others.map(([tool, version]) => `${tool} ${tools[tool]} instead of ${version}`).join(', ');
    return { text: `built, but not to be compared: ${list}`, failed: false };
  }
  return { text: `differs from what is committed: ${hash} instead of ${committed.sha256}`, failed: true };
}

function sorted(entries) {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
