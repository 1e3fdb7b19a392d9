/**
 * How many calls took how long: counts in buckets that grow with the time, eight for each doubling, from a microsecond to 17 minutes. A
 * time is known to an eighth. The counts may lie in shared memory, where one thread adds and others read.
 */

const LEAST_MS = 2 ** -10;
const DOUBLINGS = 30;
const PER_DOUBLING = 8;

/** The first has all that is shorter than the least time, the last all that is longer than the longest. */
export const LATENCY_BUCKETS = DOUBLINGS * PER_DOUBLING + 2;

/** A double's exponent and the first three bits of its fraction, as they are in its upper word. */
const SHIFT = 17;
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);
/** Of a little-endian machine: WebAssembly hosts are. */
const UPPER = 1;
scratch[0] = LEAST_MS;
const LEAST = (words[UPPER] as number) >>> SHIFT;

/** The bucket of a time in milliseconds, which is not negative. */
export function latencyBucket(ms: number): number {
  scratch[0] = ms;
  const bucket = ((words[UPPER] as number) >>> SHIFT) - LEAST + 1;
  return bucket < 0 ? 0 : bucket >= LATENCY_BUCKETS ? LATENCY_BUCKETS - 1 : bucket;
}

/** Times in a bucket are shorter than this, in milliseconds. */
export function bucketEndMs(bucket: number): number {
  if (bucket >= LATENCY_BUCKETS - 1) return Number.POSITIVE_INFINITY;
  const doublings = Math.floor(bucket / PER_DOUBLING);
  return LEAST_MS * 2 ** doublings * (1 + (bucket % PER_DOUBLING) / PER_DOUBLING);
}
