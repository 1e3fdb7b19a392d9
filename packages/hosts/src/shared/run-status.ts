/** What a worker says of itself in shared memory while it runs, for a main thread that wants to know whether it is stuck. */

export const StatusWord = {
  /** Counts up whenever a stretch of synchronous work begins or ends. */
  beat: 0,
  /** 1 while synchronous work is going on. */
  working: 1,
  /** Bytes of the slice that the plugin was last given. */
  sliceBytes: 2,
} as const;

export function createRunStatus(): SharedArrayBuffer {
  return new SharedArrayBuffer(Object.keys(StatusWord).length * Int32Array.BYTES_PER_ELEMENT);
}
