/** Writers that are killed at any moment: the spool opens at its last whole frame, and goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Spool, type SpoolOptions, type SpoolReader } from '#index.js';
import { decompressor } from '#zstd.js';
import { gapOf, numberedBatches } from './batches.js';

const SEED = Number(process.env.SPOOL_KILLS_SEED ?? 3);
/** `npm run long -- spool-kills` does more. */
const KILLS = Number(process.env.SPOOL_KILLS ?? 8);
const KILLS_OF_ONE = 5;
const FIXTURE = join(import.meta.dirname, 'killed-writer-fixture.mjs');

let root = '';
let elements: readonly Uint8Array[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spool-kills-'));
  const batches = numberedBatches([3000, 1, 40, 900, 2, 7000, 300], true);
  elements = [...batches.slice(0, 3), gapOf(5, 5), ...batches.slice(3)];
  await writeFile(join(root, 'elements'), Buffer.concat(elements));
});
afterAll(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Starts a writer, and kills it some moment after it has appended so many frames. @returns how many it said to have appended */
async function killedWriter(directory: string, options: SpoolOptions, frames: number, turns: number): Promise<number> {
  const args = [FIXTURE, directory, join(root, 'elements'), JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let [first, said] = [-1, 0];
  const closed = once(child, 'close');
  for await (const line of createInterface(child.stdout)) {
    const [what, number] = line.split(' ');
    said = Number(number);
    if (what === 'open') first = said;
    if (said < first + frames || child.killed) continue;
    // The writer is in the middle of something else by then.
    for (let turn = 0; turn < turns; turn++);
    child.kill('SIGKILL');
  }
  expect((await closed)[1]).toBe('SIGKILL');
  return said;
}

async function checkPrefix(reader: SpoolReader, least: number, what: string): Promise<void> {
  let next = reader.firstFrame;
  for await (const { number, bytes } of reader.frames()) {
    if (number !== next) throw new Error(`${what}: frame ${number} follows ${next - 1}`);
    if (Buffer.compare(bytes, elements[number % elements.length] ?? new Uint8Array()) !== 0)
      throw new Error(`${what}: frame ${number} is wrong`);
    next++;
  }
  expect(next, what).toBe(reader.endFrame);
  expect(next, what).toBeGreaterThanOrEqual(least);
}

describe('a writer that is killed', () => {
  test(`leaves a spool that opens and goes on: ${KILLS} kills with seed ${SEED}`, {
    timeout: 120_000 + KILLS * 10_000,
  }, async () => {
    const random = randomOf(SEED);
    let directory = '';
    let options: SpoolOptions = {};
    for (let kill = 0; kill < KILLS; kill++) {
      if (kill % KILLS_OF_ONE === 0) {
        directory = join(root, `spool-${kill}`);
        const compression = decompressor !== undefined && random() < 0.5 ? 'zstd' : 'none';
        const maxBytes = random() < 0.3 ? 1024 * 1024 : 1024 ** 4;
        options = { segmentBytes: 64 * 1024 * (1 + Math.floor(random() * 6)), compression, maxBytes };
      }
      const what = `kill ${kill} ${JSON.stringify(options)}`;
      // One that was opened before sees the same as one that is opened behind.
      const before = kill % KILLS_OF_ONE === 0 ? undefined : await Spool.open(directory);
      const said = await killedWriter(directory, options, Math.floor(random() * 40), Math.floor(random() * 2_000_000));
      await using behind = await Spool.open(directory);
      await checkPrefix(behind, said, what);
      if (before !== undefined) {
        await before.refresh();
        await checkPrefix(before, said, `${what}, a reader that was open`);
        await before.close();
      }
    }
    await using last = await Spool.create(directory, options);
    const next = last.nextFrame;
    await last.append(elements[next % elements.length] as Uint8Array);
    await using reader = await Spool.open(directory);
    await checkPrefix(reader, next + 1, 'the last one');
    expect(reader.segments.every(({ indexState }) => indexState !== 'damaged')).toBe(true);
  });
});
