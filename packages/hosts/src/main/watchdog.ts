/**
 * The backstop behind the time limits that a worker keeps itself: ends its thread when it is stuck where they cannot reach,
 * such as in a system call. A main thread that is busy for long neither kills a healthy worker, whose beat in shared
 * memory goes on meanwhile and whose answers are waiting, nor spares a stuck one.
 */
import { StatusWord } from '../shared/run-status.js';

/** How much longer than the plugin's own time limit, in milliseconds. */
const GRACE_MS = 1000;
/** A call may have to wait for its thread to start, and to load what it runs, beside many others. */
const START_GRACE_MS = 60_000;
const SHORTEST_LOOK_MS = 50;

/** Calls `onStuck` once when one stretch of work takes longer than the time limit and a grace. Returns how to stop watching. */
export function watchRun(status: SharedArrayBuffer, deadlineMs: number, onStuck: () => void): () => void {
  if (deadlineMs === 0) return () => {};
  const words = new Int32Array(status);
  let seenBeat = -1;
  let seenAt = 0;
  const timer = setInterval(
    () => {
      const beat = Atomics.load(words, StatusWord.beat);
      const now = performance.now();
      if (beat !== seenBeat || Atomics.load(words, StatusWord.working) === 0) {
        seenBeat = beat;
        seenAt = now;
      } else if (now - seenAt > deadlineMs + GRACE_MS) {
        clearInterval(timer);
        onStuck();
      }
    },
    Math.max(SHORTEST_LOOK_MS, deadlineMs / 4),
  );
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Settles as `call` does, and calls `onStuck` when the worker is stuck in it. Until the worker has begun, it is given more time:
 * where many start at once, that says nothing of the plugin.
 */
export async function watchCall<Value>(
  call: Promise<Value>,
  status: SharedArrayBuffer,
  deadlineMs: number,
  onStuck: () => void,
): Promise<Value> {
  if (deadlineMs === 0) return call;
  let settled = false;
  const stopWatching = watchRun(status, deadlineMs, onStuck);
  const timer = setTimeout(() => {
    // An answer that came while this thread was busy is taken first.
    setImmediate(() => setImmediate(() => !settled && onStuck()));
  }, deadlineMs + START_GRACE_MS);
  try {
    return await call;
  } finally {
    settled = true;
    stopWatching();
    clearTimeout(timer);
  }
}
