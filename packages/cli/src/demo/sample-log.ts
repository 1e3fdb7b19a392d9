/** A log as servers write them, of an exact size and the same in every run: made once, kept for the next time. */
import { type KeptFile, keptFile } from './kept-file.js';
import { messageTails } from './sample-messages.js';
import { seededRandom } from './seeded-random.js';

const BLOCK_BYTES = 4 * 1024 * 1024;
/** Longer than any line. The rest of the file, when it is shorter, is one last line. */
const LAST_LINE_BYTES = 512;
const LAST_LINE = '2024-03-19 00:00:00.000 INFO  [main-1] shutting down';
const TAILS = 8192;
const SEED = 20_240_318;
const STARTED_AT = Date.UTC(2024, 2, 18, 6, 0, 0);
/** The log at `path`; one of another size is replaced. */
export function sampleLog(path: string, bytes: number, signal: AbortSignal): Promise<KeptFile> {
  return keptFile(path, bytes, logBlocks(bytes), signal);
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
