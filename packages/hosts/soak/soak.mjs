/**
 * The soak: sessions opened and closed at random, in several lanes, for as long as asked. Every ten seconds all lanes stand
 * still, and what the process holds is looked at: threads, ports and temporary files must be back to where they were, and
 * its resident memory must stay within a tenth of what it was after the first minute.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createParserPool } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import { SeededRandom } from '../fuzz/ring-case.mjs';
import { faultyPlugin } from '../test/faults/faulty-plugin.mjs';
import { LIVE_SCENARIOS } from './live-scenarios.mjs';
import { SCENARIOS } from './scenarios.mjs';

const LANES = 3;
const INTERVAL_MS = 10_000;
const WARM_UP_MS = 60_000;
const MAX_GROWTH = 1.1;
const LEAK_CAP_BYTES = 32 * 1024 * 1024;
/** What is on its way out when the lanes stand still may take so long to go. */
const SETTLE_MS = 5000;
const MIB = 1024 * 1024;

/** Of a session of a live source: its own, and its parsers'. */
const WORKERS_A_LANE = 4;
/** The event loop of a worker has a pipe of its own from the first process on that it starts. */
const DESCRIPTORS_A_WORKER = 2;

/**
 * @param {{ minutes: number, seed: number, live?: boolean, log: (line: string) => void }} options `live`: sessions of live sources only
 * @returns {Promise<{ sessions: number, faults: string[], residentMiB: number[] }>} `faults` is empty when all is well
 */
export async function soak({ minutes, seed, live = false, log }) {
  const scenarios = live ? LIVE_SCENARIOS : SCENARIOS;
  const workers = live ? LANES * WORKERS_A_LANE : LANES;
  const directory = mkdtempSync(join(tmpdir(), 'soak-'));
  const temporary = join(directory, 'tmp');
  mkdirSync(temporary);
  process.env.TMPDIR = temporary;
  const stringParser = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');
  const faulty = await faultyPlugin();
  const stage = {
    directory,
    pool: createParserPool({ maxInstances: workers, prewarm: workers }),
    stringParser: await compile(readFileSync(stringParser)),
    faulty: await compile(faulty),
    capped: await compile(faulty, { memoryBytes: LEAK_CAP_BYTES }),
  };
  const random = new SeededRandom(seed, 0);
  const faults = [];
  const counts = new Map();
  const start = performance.now();
  const end = start + minutes * 60_000;
  let sessions = 0;

  async function lane(number, until) {
    const names = Object.keys(scenarios);
    while (performance.now() < until && faults.length === 0) {
      const scenario = random.pick(names);
      const own = new SeededRandom(random.below(0x7fff_ffff), number);
      try {
        await scenarios[scenario]({ stage, random: own, name: `input-${number}` });
      } catch (error) {
        faults.push(`${scenario}: ${error.stack}`);
      }
      sessions++;
      counts.set(scenario, (counts.get(scenario) ?? 0) + 1);
    }
  }

  async function round(until) {
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number, until)));
  }

  // All that a process makes once is made: threads of the pools, compiled code, the first growth of heaps.
  await round(Math.min(end, performance.now() + INTERVAL_MS));
  await settle();
  const before = holdings(temporary);
  const samples = [];
  while (performance.now() < end && faults.length === 0) {
    await round(Math.min(end, performance.now() + INTERVAL_MS));
    const left = await settled(temporary, before, workers * DESCRIPTORS_A_WORKER);
    if (left !== undefined) faults.push(left);
    samples.push({ at: performance.now() - start, resident: process.memoryUsage.rss() });
    const { threads, ports, descriptors } = holdings(temporary);
    const seconds = Math.round((performance.now() - start) / 1000);
    log(
      `${seconds} s: ${sessions} sessions, ${mib(samples.at(-1).resident)} MiB, ${threads} threads, ${ports} ports, ${descriptors} descriptors`,
    );
  }
  const growth = growthOf(samples, minutes * 60_000);
  if (growth !== undefined) faults.push(growth);
  await stage.pool.close();
  rmSync(directory, { recursive: true, force: true });
  return {
    sessions,
    counts: Object.fromEntries(counts),
    faults,
    residentMiB: samples.map(({ resident }) => mib(resident)),
  };
}

/**
 * What the process holds once everything that was closed is gone; a text when something stays.
 * @param loops descriptors that event loops may have made for themselves
 */
async function settled(temporary, before, loops) {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    await settle();
    const { threads, ports, descriptors, files } = holdings(temporary);
    const isBack = threads <= before.threads && ports <= before.ports && descriptors <= before.descriptors + loops;
    if (isBack && files.length === 0) return undefined;
    if (performance.now() > until)
      return (
        `left over: ${threads} threads (before: ${before.threads}), ${ports} ports (${before.ports}), ` +
        `${descriptors} descriptors (${before.descriptors}), files: ${files}`
      );
  }
}

async function settle() {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 100));
}

function holdings(temporary) {
  const entries = (path) => (existsSync(path) ? readdirSync(path).length : 0);
  return {
    threads: entries('/proc/self/task'),
    descriptors: entries('/proc/self/fd'),
    ports: process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length,
    files: readdirSync(temporary),
  };
}

/**
 * Compares the medians of the first and of the last third of all looks after the first minute (in a short run: after its half). A
 * single look says little: how many workers are idle just then moves it by a fifth.
 */
function growthOf(samples, wholeMs) {
  const warm = Math.min(WARM_UP_MS, wholeMs / 2);
  const later = samples.filter(({ at }) => at >= warm);
  if (later.length < 2) return undefined;
  const size = Math.ceil(later.length / 3);
  const [first, last] = [median(later.slice(0, size)), median(later.slice(-size))];
  if (last <= first * MAX_GROWTH) return undefined;
  return `resident memory grew from ${mib(first)} to ${mib(last)} MiB`;
}

function mib(bytes) {
  return Math.round(bytes / MIB);
}

function median(samples) {
  const sorted = samples.map(({ resident }) => resident).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
