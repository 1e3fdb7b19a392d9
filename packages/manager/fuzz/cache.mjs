/**
 * Fuzz target `cache`: damaged cache files and damaged binaries must cost time, and never make a manager fail, hang, or tell
 * something of a plugin that is not so. Of both, most are judged by the part that has to refuse them; some go the whole
 * way through a manager.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { toolchain } from '@chipmunk-host/runtime/internal';
import { readCacheFile } from '#examination/cache/cache-file.js';
import { PluginsManager } from '#index.js';
import { requireComponent } from '../../runtime/dist/shared/component/component-header.js';
import { DEFAULT_LIMITS } from '../../runtime/dist/shared/component/component-limits.js';
import { readComponent } from '../../runtime/dist/worker/component/component-binary.js';
import { mutate } from '../../runtime/fuzz/mutations.mjs';
import { Random } from '../../runtime/fuzz/random.mjs';
import { mutateJson, mutateText } from './json-mutations.mjs';

const BINARIES = ['parsers/string-parser/string-parser.wasm', 'bytesources/file-source/file-source.wasm'];
const EXPECTED_CODES = [
  'ERR_PLUGIN_INVALID',
  'ERR_PLUGIN_MEMORY',
  'ERR_PLUGIN_TIMEOUT',
  'ERR_PLUGIN_TRAP',
  'ERR_PLUGIN_CONTRACT',
  'ERR_PLUGIN_LOST',
  // What only another Node has.
  'ERR_ENVIRONMENT',
];
/** Of so many mutants one goes through a manager; binaries do so together. */
const WHOLE_FILES_EVERY = 200;
const WHOLE_BINARIES_EVERY = 150;
const BINARIES_AT_ONCE = 5;
const PROGRESS_MS = 10_000;

/**
 * @param {{ seconds: number, seed: number, log: (line: string) => void, mutants?: number }} options
 *   `seconds` to go on for, at most; `mutants` to try of each kind, at most (default: no limit); `log` is told of progress.
 * @returns {Promise<{ executed: number, summary: string }>} when nothing was found.
 * @throws Error for the first finding, with seed, number and the mutant itself.
 */
export async function fuzz({ seconds, seed, log, mutants = Number.POSITIVE_INFINITY }) {
  const until = performance.now() + seconds * 1000;
  const directory = await mkdtemp(join(tmpdir(), 'cache-fuzz-'));
  try {
    const stage = await setStage(directory);
    const counts = { files: 0, used: 0, binaries: 0, walked: 0, loaded: 0 };
    let reported = performance.now();
    for (let index = 0; index < mutants && performance.now() < until; index++) {
      await tryFile(stage, seed, index, counts);
      await tryBinary(stage, seed, index, counts);
      if (performance.now() - reported < PROGRESS_MS) continue;
      reported = performance.now();
      log(`cache: ${counts.files} mutants of each kind so far`);
    }
    await tryLoading(stage, seed, counts);
    const summary =
      `cache: ${counts.files} cache files (${counts.used} unharmed) and ${counts.binaries} binaries ` +
      `(${counts.walked} with the structure of a component, ${counts.loaded} loaded by a manager) with seed ${seed}, no finding`;
    return { executed: counts.files + counts.binaries, summary };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A plugins directory with valid and invalid plugins, and what a manager says of them when nothing is damaged. */
async function setStage(directory) {
  const shipped = new URL('../dist/plugins/', import.meta.url);
  const corpus = await Promise.all(BINARIES.map((path) => readFile(new URL(path, shipped))));
  const plugins = join(directory, 'plugins');
  await install(plugins, 'parsers/lines', corpus[0]);
  await install(plugins, 'bytesources/file', corpus[1]);
  await install(plugins, 'parsers/truncated', corpus[0].subarray(0, 1000));
  const truth = await listed(plugins);
  const cacheFile = join(plugins, '.chipmunk-host', 'cache.json');
  const source = await readFile(cacheFile);
  const version = await toolchain();
  return {
    directory,
    plugins,
    corpus,
    truth,
    cacheFile,
    source,
    version,
    content: await readCacheFile(cacheFile, version),
    pending: [],
  };
}

async function tryFile(stage, seed, index, counts) {
  const { source, cacheFile, version, content, truth, plugins } = stage;
  const random = new Random(seed, 2 * index);
  const mutant = random.below(3) === 0 ? mutateJson(source, random) : mutateText(source, random);
  await writeFile(cacheFile, mutant);
  counts.files++;
  let found;
  try {
    found = await readCacheFile(cacheFile, version);
  } catch (error) {
    if (!(error instanceof Error)) throw finding('cache file', seed, index, mutant, 'it ended with no error');
    found = undefined;
  }
  if (found !== undefined && !isDeepStrictEqual(found, content))
    throw finding('cache file', seed, index, mutant, 'it was believed');
  if (found !== undefined) counts.used++;
  if (index % WHOLE_FILES_EVERY !== 0) return;
  const now = await listed(plugins);
  if (!isDeepStrictEqual(now, truth)) throw finding('cache file', seed, index, mutant, 'a manager was misled by it');
}

async function tryBinary(stage, seed, index, counts) {
  const mutant = mutate(stage.corpus, new Random(seed, 2 * index + 1));
  counts.binaries++;
  try {
    requireComponent(mutant);
    readComponent(mutant, DEFAULT_LIMITS);
    counts.walked++;
  } catch (error) {
    if (!EXPECTED_CODES.includes(error.code)) throw finding('binary', seed, index, mutant, error.stack);
  }
  if (index % WHOLE_BINARIES_EVERY === 0) stage.pending.push({ index, mutant });
  if (stage.pending.length >= BINARIES_AT_ONCE) await tryLoading(stage, seed, counts);
  if (index % 50 === 0) await setImmediate();
}

/** Loads the mutants that wait, beside a plugin that is well, and once more from the cache. */
async function tryLoading(stage, seed, counts) {
  const mutants = stage.pending.splice(0);
  if (mutants.length === 0) return;
  const plugins = join(stage.directory, 'mutants');
  await install(plugins, 'parsers/lines', stage.corpus[0]);
  for (const { index, mutant } of mutants) await install(plugins, `parsers/mutant-${index}`, mutant);
  const fresh = await listed(plugins);
  const cached = await listed(plugins);
  for (const { index, mutant } of mutants) {
    const entry = fresh.find(({ name }) => name === `mutant-${index}`);
    counts.loaded++;
    const isWell = entry?.state === 'valid' || EXPECTED_CODES.includes(entry?.error?.code);
    if (!isWell) throw finding('binary', seed, index, mutant, `a manager made of it ${JSON.stringify(entry)}`);
    const again = cached.find(({ name }) => name === entry.name);
    if (!isDeepStrictEqual(entry, again) && entry.error?.code !== 'ERR_PLUGIN_LOST')
      throw finding('binary', seed, index, mutant, `the cache says otherwise: ${JSON.stringify([entry, again])}`);
  }
  const healthy = fresh.find(({ name }) => name === 'lines');
  const expected = stage.truth.find(({ name }) => name === 'lines');
  if (!isDeepStrictEqual(healthy?.info, expected?.info))
    throw new Error(`cache: a healthy plugin beside mutants of seed ${seed} suffered`);
  await rm(plugins, { recursive: true, force: true });
}

/** What a manager lists, without what differs from one place to another. */
async function listed(directory) {
  const manager = await PluginsManager.open({ directory, bundled: false });
  try {
    return manager.plugins().map(({ kind, name, state, hash, apiVersion, info, error }) => ({
      kind,
      name,
      state,
      hash,
      apiVersion,
      info,
      error,
    }));
  } finally {
    await manager.close();
  }
}

async function install(plugins, place, binary) {
  const name = place.split('/').at(-1);
  const path = join(plugins, place, `${name}.wasm`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, binary);
}

function finding(what, seed, index, mutant, message) {
  const inBase64 = Buffer.from(mutant).toString('base64');
  return new Error(`cache: ${what} ${index} of seed ${seed}: ${message}\nThe mutant, in base64: ${inBase64}`);
}
