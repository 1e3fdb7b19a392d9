/**
 * A run with checkpoints that is killed at random moments, while another program writes the log and rotates it: the output of all runs
 * together has each line once, in a file; on standard output, lines behind the last checkpoint come again. `npm run long -- checkpoint`
 * kills 200 times.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LogWriter, type Step } from '../../sources/test/log-writer.js';
import { PROGRAM, setStage } from './support.js';

const KILLS = Number(process.env.CHECKPOINT_KILLS ?? 2);
const SEED = Number(process.env.CHECKPOINT_SEED ?? 23);

const stage = setStage();
let writer: LogWriter;
beforeAll(() => {
  writer = new LogWriter();
});
afterAll(() => writer[Symbol.asyncDispose]());

/** The same numbers for the same seed: mulberry32. */
function randomOf(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % (most + 1);
  };
}

const sizeOf = (path: string) => (existsSync(path) ? statSync(path).size : 0);

async function killed(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

test.skipIf(process.platform === 'win32').each(['a file', 'standard output'] as const)(
  `loses nothing in ${KILLS} kills, with the items in %s (seed ${SEED})`,
  { timeout: 60_000 + KILLS * 10_000 },
  async (where) => {
    const random = randomOf(SEED);
    const directory = join(stage.directory, where.replace(' ', '-'));
    mkdirSync(directory);
    const log = join(directory, 'app.log');
    const output = join(directory, 'items.txt');
    const checkpoint = join(directory, 'checkpoint');
    const started = (...more: string[]) => {
      const descriptor = where === 'a file' ? undefined : openSync(output, 'a');
      const to = where === 'a file' ? ['--output', output] : [];
      const args = ['ingest', '--follow', log, '--checkpoint', checkpoint, '--parser', 'string-parser', '--quiet'];
      const child = spawn(process.execPath, [PROGRAM, ...args, ...to, ...more], {
        env: stage.env,
        stdio: ['ignore', descriptor ?? 'ignore', 'inherit'],
      });
      if (descriptor !== undefined) closeSync(descriptor);
      return child;
    };
    let lines = 0;
    const burst = () => {
      const text = Array.from({ length: 1 + random(400) }, () => `line ${lines++} ${'.'.repeat(random(60))}\n`).join(
        '',
      );
      const late = `line ${lines++} late\n`;
      const steps: Step[] = [{ kind: 'write', text }];
      if (random(3) === 0) steps.push({ kind: 'rotate', createFirst: random(1) === 0, late });
      else steps.push({ kind: 'write', text: late });
      return steps;
    };
    await writer.do({ kind: 'open', path: log });
    for (let kill = 0; kill < KILLS; kill++) {
      const before = sizeOf(output);
      const child = started();
      // It is killed some time after it has written something, or while it starts.
      const startsOnly = random(7) === 0;
      const end = random(1500);
      // A run without a checkpoint begins with the file that is there, whatever was rotated away before.
      while (!existsSync(checkpoint)) await setTimeout(20);
      const begun = performance.now();
      for (let written = false; !written || performance.now() - begun < end; ) {
        await writer.do(...burst());
        await setTimeout(5 + random(60));
        written = (startsOnly && kill > 0) || sizeOf(output) !== before || child.exitCode !== null;
      }
      expect(child.exitCode).toBe(null);
      await killed(child);
    }
    const files = await writer.do({ kind: 'write', text: `line ${lines++} the last\n` });
    const last = started('--follow-idle', '2s');
    expect((await once(last, 'close'))[0]).toBe(0);
    const expected = files.map(({ text }) => text).join('');
    const found = readFileSync(output, 'utf8');
    if (where === 'a file') expect(found === expected, firstDifference(found, expected)).toBe(true);
    else {
      // What comes again is a stretch of lines in their order, of which the one before may be torn by the kill.
      const seen = new Set(found.split('\n'));
      expect(expected.split('\n').filter((line) => !seen.has(line))).toEqual([]);
    }
  },
);

function firstDifference(found: string, expected: string): string {
  const lines = expected.split('\n');
  const at = found.split('\n').findIndex((line, index) => line !== lines[index]);
  return `line ${at} is '${found.split('\n')[at]}'; expected '${lines[at]}'`;
}
