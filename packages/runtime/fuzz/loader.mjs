/**
 * Fuzz target `loader`: damaged and hostile components must end as a compiled component or as an error that blames them, never
 * as a crash, a hang or code in the bindings. Mutants are compiled in workers that serve for many; one in a hundred goes the
 * whole way through `compile`, with a worker of its own.
 */
import { Worker } from 'node:worker_threads';
import { compile } from '#main/index.js';
import { DEFAULT_LIMITS } from '#shared/component/component-limits.js';
import { loadCorpus } from './corpus.mjs';
import { mutate } from './mutations.mjs';
import { Random } from './random.mjs';

// A mutant may use what only another Node has: that is `ERR_ENVIRONMENT`.
const EXPECTED_CODES = ['ERR_PLUGIN_INVALID', 'ERR_PLUGIN_MEMORY', 'ERR_PLUGIN_TIMEOUT', 'ERR_ENVIRONMENT'];
const CAPS = { memoryBytes: 512 * 1024 * 1024, tableElements: 1_000_000 };
/** Longer than any of these takes on a busy machine. */
const DEADLINE_MS = 60_000;
/** Imported bindings are never freed, so a worker serves for a while only. */
const MUTANTS_PER_WORKER = 200;
const WHOLE_WAY_EVERY = 100;
const LANES = 2;
const PROGRESS_MS = 10_000;
/** What the transpiler reports once it has panicked, and from then on always. */
const POISONED = /wasm trap|unreachable|out of bounds memory|call stack/;

/**
 * @param {{ seconds: number, seed: number, log: (line: string) => void, mutants?: number }} options
 *   `seconds` to go on for, at most; `mutants` to try, at most (default: no limit); `log` is told of progress.
 * @returns {Promise<{ executed: number, summary: string }>} when nothing was found.
 * @throws Error for the first finding, with seed, number and the mutant itself.
 */
export async function fuzz({ seconds, seed, log, mutants = Number.POSITIVE_INFINITY }) {
  const corpus = await loadCorpus();
  const until = performance.now() + seconds * 1000;
  const counts = new Map();
  let next = 0;
  let executed = 0;
  let reported = performance.now();

  const lane = async () => {
    let bench = new Bench();
    try {
      while (next < mutants && performance.now() < until) {
        const index = next++;
        const bytes = mutate(corpus, new Random(seed, index));
        const outcome = index % WHOLE_WAY_EVERY === 0 ? await compileWholly(bytes) : await bench.judge(bytes);
        const kind = kindOf(outcome);
        if (kind === undefined) throw finding(seed, index, bytes, outcome);
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
        executed++;
        if (bench.worn || POISONED.test(outcome.message ?? '')) {
          await bench.end();
          bench = new Bench();
        }
        if (performance.now() - reported > PROGRESS_MS) {
          reported = performance.now();
          log(`loader: ${executed} mutants so far`);
        }
      }
    } finally {
      next = Number.POSITIVE_INFINITY;
      await bench.end();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
  const failed = ends.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const outcomes = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return { executed, summary: `loader: ${executed} mutants with seed ${seed}, no finding (${outcomes})` };
}

/** What became of a mutant, in a word; undefined when it should not have. */
function kindOf({ compiled, code, finding }) {
  if (finding !== undefined) return undefined;
  if (compiled) return 'compiled';
  return EXPECTED_CODES.includes(code) ? code : undefined;
}

function finding(seed, index, bytes, outcome) {
  const what = outcome.finding ?? `it ended with ${outcome.code ?? 'no code'}: ${outcome.stack ?? outcome.message}`;
  return new Error(
    `loader: mutant ${index} of seed ${seed}: ${what}\nThe mutant, in base64: ${Buffer.from(bytes).toString('base64')}`,
  );
}

async function compileWholly(bytes) {
  try {
    await compile(bytes, { deadlineMs: DEADLINE_MS });
    return { compiled: true };
  } catch (error) {
    return { code: error.code, message: error.message, stack: error.stack };
  }
}

/** One worker, and the mutants that it has judged. */
class Bench {
  #served = 0;
  #worker = new Worker(new URL('./loader-worker.mjs', import.meta.url), {
    workerData: { limits: DEFAULT_LIMITS, caps: CAPS },
    execArgv: [],
    stderr: true,
  });

  constructor() {
    this.#worker.stderr.resume();
  }

  get worn() {
    return this.#served >= MUTANTS_PER_WORKER;
  }

  async judge(bytes) {
    this.#served++;
    const { promise, settle } = deferred();
    const timer = setTimeout(() => settle({ finding: `it took longer than ${DEADLINE_MS} ms` }), DEADLINE_MS);
    const onError = (error) => settle({ finding: `it ended the worker: ${error.stack}` });
    const onExit = (code) => settle({ finding: `it ended the worker with exit code ${code}` });
    this.#worker.once('message', settle).once('error', onError).once('exit', onExit);
    this.#worker.postMessage(bytes);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#worker.off('message', settle).off('error', onError).off('exit', onExit);
    }
  }

  async end() {
    await this.#worker.terminate();
  }
}

function deferred() {
  let settle;
  const promise = new Promise((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}
