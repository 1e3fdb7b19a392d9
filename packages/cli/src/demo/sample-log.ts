/** A log as servers write them, of an exact size and the same in every run: made once, kept for the next time. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageTails } from './sample-messages.js';
import { seededRandom } from './seeded-random.js';

const BLOCK_BYTES = 4 * 1024 * 1024;
/** Longer than any line. The rest of the file, when it is shorter, is one last line. */
const LAST_LINE_BYTES = 512;
const LAST_LINE = '2024-03-19 00:00:00.000 INFO  [main-1] shutting down';
const TAILS = 8192;
const SEED = 20_240_318;
const STARTED_AT = Date.UTC(2024, 2, 18, 6, 0, 0);
const PART_SUFFIX = '.part';
/** A file half written as old as this belongs to a run that was killed. */
const STALE_PART_MS = 10 * 60 * 1000;

export interface SampleLog {
  readonly path: string;
  /** Whether it had to be written. */
  readonly written: boolean;
}

/** The log at `path`; one of another size is replaced. */
export async function sampleLog(path: string, bytes: number, signal: AbortSignal): Promise<SampleLog> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile() && status.size === bytes) return { path, written: false };
  await mkdir(dirname(path), { recursive: true });
  await sweepParts(dirname(path));
  const part = `${path}.${randomUUID()}${PART_SUFFIX}`;
  try {
    await writeLog(part, bytes, signal);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return { path, written: true };
}

async function writeLog(path: string, bytes: number, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const block of logBlocks(bytes)) {
      signal.throwIfAborted();
      await file.writeFile(block);
    }
  } finally {
    await file.close();
  }
}

/** The log in blocks of whole lines. A block is overwritten when the next one is asked for. */
export function* logBlocks(bytes: number): Generator<Buffer, void, undefined> {
  const random = seededRandom(SEED);
  const tails = messageTails(random, TAILS);
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const clock = new LogClock(STARTED_AT);
  let filled = 0;
  let left = bytes;
  while (left > LAST_LINE_BYTES) {
    if (filled + LAST_LINE_BYTES > BLOCK_BYTES) {
      yield block.subarray(0, filled);
      filled = 0;
    }
    clock.advance(random() * 16);
    const start = filled;
    filled += clock.write(block, filled);
    const tail = tails[Math.floor(random() * tails.length)] as Buffer;
    filled += tail.copy(block, filled);
    left -= filled - start;
  }
  yield block.subarray(0, filled);
  if (left > 0) yield Buffer.from(`${LAST_LINE.padEnd(left - 1, '.').slice(0, left - 1)}\n`);
}

/** Writes times as `2024-03-18 06:00:00.000 `, the part above the second only when it changes. */
class LogClock {
  #ms: number;
  #second = Number.NaN;
  #text = '';

  constructor(ms: number) {
    this.#ms = ms;
  }

  advance(ms: number): void {
    this.#ms += ms;
  }

  write(into: Buffer, at: number): number {
    const now = Math.floor(this.#ms);
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(now).toISOString().slice(0, 20).replace('T', ' ');
    }
    const fraction = String(now % 1000).padStart(3, '0');
    return into.write(`${this.#text}${fraction} `, at, 'latin1');
  }
}

async function sweepParts(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(PART_SUFFIX)) continue;
    const path = join(directory, name);
    const status = await stat(path).catch(() => undefined);
    if (status !== undefined && Date.now() - status.mtimeMs > STALE_PART_MS) await rm(path, { force: true });
  }
}
