/**
 * What a thread that is on neither side of a ring does to it. It has started the threads of both, so it learns when one
 * of them ends. Nobody waits for a peer that is gone.
 */
import { ringBell } from './ring-bells.js';
import { RingDemand, RingEnd, RingWord, ringViews } from './ring-layout.js';
import { type RingMemory, ringBuffer } from './ring-memory.js';

/** Where the two sides of a ring stand: to find out why neither goes on. See ring-layout.ts. */
export interface RingState {
  readonly head: number;
  readonly tail: number;
  readonly closed: number;
  readonly stop: number;
  readonly readerBell: number;
  readonly writerBell: number;
}

export function ringState(ring: RingMemory): RingState {
  const { words } = ringViews(ringBuffer(ring), ring.shape);
  const word = (name: keyof RingState) => Atomics.load(words, RingWord[name]) >>> 0;
  return {
    head: word('head'),
    tail: word('tail'),
    closed: word('closed'),
    stop: word('stop'),
    readerBell: word('readerBell'),
    writerBell: word('writerBell'),
  };
}

/** Wakes both sides as if something had changed: they look, and wait again if nothing has. */
export function ringBothBells(ring: RingMemory): void {
  const { words } = ringViews(ringBuffer(ring), ring.shape);
  ringBell(words, RingWord.readerBell);
  ringBell(words, RingWord.writerBell);
}

/** Asks the writer to end: for a reader that wants no more, or that is gone. What was published can still be read. */
export function stopRingWriter(ring: RingMemory): void {
  const { words } = ringViews(ringBuffer(ring), ring.shape);
  Atomics.store(words, RingWord.stop, 1);
  ringBell(words, RingWord.writerBell);
}

/** No slot is free for the writer until `resumeRingWriter`: it waits. Does nothing to one that was asked to end. */
export function pauseRingWriter(ring: RingMemory): void {
  const { words } = ringViews(ringBuffer(ring), ring.shape);
  Atomics.compareExchange(words, RingWord.demand, RingDemand.all, RingDemand.paused);
}

/** Lets a writer go on that was paused. */
export function resumeRingWriter(ring: RingMemory): void {
  const { words } = ringViews(ringBuffer(ring), ring.shape);
  Atomics.compareExchange(words, RingWord.demand, RingDemand.paused, RingDemand.all);
  ringBell(words, RingWord.writerBell);
}

/** Asks the writer to come to an end where it is: what it has is published, and read. One that was paused goes on. */
export function endRingDemand(ring: RingMemory): void {
  const { words } = ringViews(ringBuffer(ring), ring.shape);
  Atomics.store(words, RingWord.demand, RingDemand.end);
  ringBell(words, RingWord.writerBell);
}

/** Says in the writer's place that its input ends behind what was published, as if it had come to its end there. */
export function closeRingForWriter(ring: RingMemory): void {
  const { words } = ringViews(ringBuffer(ring), ring.shape);
  Atomics.compareExchange(words, RingWord.closed, RingEnd.open, RingEnd.closed);
  ringBell(words, RingWord.readerBell);
}

/**
 * Says in the writer's place that nothing follows, and wakes the reader. A writer that had closed before has ended well; to a
 * ByteRingReader, any other is lost.
 */
export function endRingForWriter(ring: RingMemory): void {
  const { words } = ringViews(ringBuffer(ring), ring.shape);
  Atomics.compareExchange(words, RingWord.closed, RingEnd.open, RingEnd.lost);
  ringBell(words, RingWord.readerBell);
}
