/** The same suites on several Nodes: each suite on each Node in turn, so that a machine whose speed drifts slows them alike. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeBinary } from './node-binary.js';
import { type BenchRun, readReport, runsOf } from './report.js';

export interface NodeRuns {
  /** One for each Node that measured anything. */
  readonly runs: readonly BenchRun[];
  /** What ended without figures. */
  readonly failures: readonly string[];
}

/** @param program the bench's main.js */
export async function runOnNodes(
  program: string,
  nodes: readonly NodeBinary[],
  suites: readonly string[],
  rounds: number,
  full = false,
): Promise<NodeRuns> {
  const directory = await mkdtemp(join(tmpdir(), 'chipmunk-host-bench-nodes-'));
  const runs = new Map<string, BenchRun>();
  const failures: string[] = [];
  try {
    for (const suite of suites)
      for (const { version, path } of nodes) {
        console.error(`Node ${version}:`);
        const json = join(directory, `${suite}-${version}.json`);
        const args = [...process.execArgv, program, 'run', suite, '--rounds', String(rounds), '--json', json];
        if (full) args.push('--full');
        try {
          const end = await ended(path, args);
          const [run] = runsOf(written(json, end));
          if (run !== undefined) runs.set(version, joined(runs.get(version), run));
        } catch (cause) {
          const failure = `${suite} on Node ${version} ended without figures: ${(cause as Error).message}`;
          console.error(failure);
          failures.push(failure);
        }
      }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return { runs: nodes.flatMap(({ version }) => runs.get(version) ?? []), failures };
}

/** How the process ended. Its table is left out: one of all Nodes is printed. */
function ended(path: string, args: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', failed);
    child.on('exit', (code, signal) => done(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}

function written(json: string, end: string) {
  try {
    return readReport(json);
  } catch (cause) {
    throw new Error(`its process ended with ${end}`, { cause });
  }
}

function joined(before: BenchRun | undefined, run: BenchRun): BenchRun {
  return before === undefined ? run : { ...before, suites: [...before.suites, ...run.suites] };
}
