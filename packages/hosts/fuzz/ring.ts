/**
 * Fuzz target `ring`: frames of random sizes, in random pieces, through rings of random shapes, between two real threads that
 * each dawdle at random. Every frame must arrive whole and in order; what comes behind a stop, or behind the death of the
 * writer, may be missing, but never damaged.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  BatchRingReader,
  createRingMemory,
  type RingMemory,
  ringBothBells,
  ringState,
} from '@chipmunk-host/runtime/internal';
import { byteAt, type RingCase, randomCase, SeededRandom } from './ring-case.mjs';
import { type FuzzOptions, type FuzzResult, rounds } from './rounds.js';

const WRITER = new URL('./ring-writer-fixture.mjs', import.meta.url);
const CASES_PER_ROUND = 20;
const PATIENCE_MS = 30_000;

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  return rounds('ring', options, async (seed) => {
    const writer = new Worker(WRITER);
    try {
      for (let number = 0; number < CASES_PER_ROUND; number++) await play(writer, randomCase(seed, number));
      await playDeath(randomCase(seed, CASES_PER_ROUND));
    } finally {
      await writer.terminate();
    }
    return CASES_PER_ROUND + 1;
  });
}

async function play(writer: Worker, ringCase: RingCase): Promise<void> {
  const ring = createRingMemory(ringCase.shape);
  const ended = once(writer, 'message');
  writer.postMessage({ ring, ringCase });
  const read = await inTime(readFrames(new BatchRingReader(ring), ringCase), ring);
  await inTime(ended, ring);
  const expected = ringCase.stopAfter ?? ringCase.frames.length;
  if (read < expected) throw new Error(`${read} of ${expected} frames arrived`);
}

/** The writer's thread dies at some point; whoever owns it closes the ring in its place. */
async function playDeath(ringCase: RingCase): Promise<void> {
  const ring = createRingMemory(ringCase.shape);
  const reader = new BatchRingReader(ring);
  const writer = new Worker(WRITER);
  writer.once('exit', () => reader.closeForWriter());
  writer.postMessage({ ring, ringCase });
  const reading = readFrames(reader, ringCase);
  for (let turns = ringCase.deathAfter; turns > 0; turns--) await turn();
  await writer.terminate();
  await inTime(reading, ring);
}

async function readFrames(reader: BatchRingReader, ringCase: RingCase): Promise<number> {
  const random = new SeededRandom(ringCase.seed, 1);
  for (let count = 0; ; count++) {
    if (count === ringCase.stopAfter) reader.requestStop();
    for (let turns = random.below(ringCase.readerIdles + 1); turns > 0; turns--) await turn();
    const frame = await reader.next();
    if (frame === undefined) return count;
    const length = ringCase.frames[count];
    if (frame.bytes.length !== length)
      throw new Error(`frame ${count} has ${frame.bytes.length} bytes, expected ${length}`);
    for (let at = 0; at < length; at++) {
      if (frame.bytes[at] !== byteAt(count, at)) throw new Error(`frame ${count} is damaged at byte ${at}`);
    }
    frame.release();
  }
}

/** A ring is given up when nothing has moved in it for so long; a machine that is busy only makes it slow. */
async function inTime<Value>(work: Promise<Value>, ring: RingMemory): Promise<Value> {
  let before = JSON.stringify(ringState(ring));
  for (;;) {
    const end = await within(PATIENCE_MS, work);
    if (end !== undefined) return end.value;
    const now = JSON.stringify(ringState(ring));
    if (now === before) throw new Error(await standstill(work, ring, now));
    before = now;
  }
}

/** Tells a wake-up that was lost, which both sides get again here, from threads that do not get the processor, or have gone astray. */
async function standstill(work: Promise<unknown>, ring: RingMemory, state: string): Promise<string> {
  ringBothBells(ring);
  const end = await within(PATIENCE_MS, work);
  const after = JSON.stringify(ringState(ring));
  const what =
    end !== undefined || hasMoved(state, after)
      ? 'It went on when both bells were rung: a wake-up was lost, or the machine was too busy for the threads until then'
      : 'It did not go on when both bells were rung: no wake-up was lost';
  const shape = `${ring.shape.slots} slots of ${ring.shape.slotBytes} bytes`;
  return `the ring (${shape}) stood still for ${PATIENCE_MS} ms: ${state}. ${what}: ${after}.`;
}

function hasMoved(before: string, after: string): boolean {
  const [a, b] = [before, after].map((state) => JSON.parse(state) as { head: number; tail: number; closed: number });
  return a?.head !== b?.head || a?.tail !== b?.tail || a?.closed !== b?.closed;
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<{ readonly value: Value } | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work.then((value) => ({ value })), late]);
  } finally {
    clearTimeout(timer);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
