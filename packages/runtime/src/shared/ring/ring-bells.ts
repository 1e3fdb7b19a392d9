/**
 * How the two sides of a ring wake each other. Nobody waits on a counter: each side waits on a bell of its own, which the other side
 * increments before it notifies. A waiter reads its bell before it looks at the counters, so it cannot miss a change.
 */

import type { RingWaits } from './ring-waits.js';

/** Wakes the side that waits on `bell`. Call it after the change that the side is waiting for. */
export function ringBell(words: Int32Array, bell: number): void {
  Atomics.add(words, bell, 1);
  Atomics.notify(words, bell);
}

/**
 * Settles when `isDone` returns true, which is asked again whenever the bell has rung.
 * @param blockingMs how long to wait with the thread blocked first, which is the quickest way to go on, in milliseconds; 0: not at all
 * @param waits told when it begins to wait and when it has waited
 */
export async function waitForBell(
  words: Int32Array,
  bell: number,
  isDone: () => boolean,
  blockingMs: number,
  waits: RingWaits,
): Promise<void> {
  for (let blocks = blockingMs > 0; ; blocks = false) {
    const rung = Atomics.load(words, bell);
    if (isDone()) return waits.end();
    waits.begin();
    if (blocks) {
      Atomics.wait(words, bell, rung, blockingMs);
      continue;
    }
    // Without a time limit: with one, a wait that is notified early keeps its timer until the limit has passed. Every change
    // of the awaited words rings the bell, and ring-ends.ts rings it for a thread that has died.
    const wait = Atomics.waitAsync(words, bell, rung);
    if (wait.async) await wait.value;
  }
}

/**
 * Blocks the thread until `isDone` returns true, for up to `limitMs` milliseconds. Returns false when that time has passed.
 * @param waits told when it begins to wait and when it has waited; undefined: this is no wait for the other side
 */
export function blockForBell(
  words: Int32Array,
  bell: number,
  isDone: () => boolean,
  limitMs: number,
  waits?: RingWaits,
): boolean {
  const end = performance.now() + limitMs;
  for (;;) {
    const rung = Atomics.load(words, bell);
    const done = isDone();
    const left = done ? 0 : end - performance.now();
    if (left <= 0) {
      waits?.end();
      return done;
    }
    waits?.begin();
    Atomics.wait(words, bell, rung, left);
  }
}
