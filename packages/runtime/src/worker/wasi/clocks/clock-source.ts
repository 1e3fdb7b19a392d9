/** The time that a plugin sees: the machine's, or one that stands still and repeats. */
import type { FixedClock } from '../../../shared/wasi-grants.js';

const NS_PER_MS = 1_000_000n;

export interface ClockSource {
  /** Nanoseconds since some moment before the plugin began. */
  monotonicNs(): bigint;
  /** Nanoseconds since 1970. */
  wallNs(): bigint;
  readonly monotonicResolutionNs: bigint;
  readonly wallResolutionNs: bigint;
  /** Returns when the monotonic clock has reached an instant, or after `maxMs`. */
  sleepUntil(instantNs: bigint, maxMs: number): void;
}

export function clockSource(fixed: FixedClock | undefined): ClockSource {
  return fixed === undefined ? machineClock() : fixedClock(fixed);
}

function machineClock(): ClockSource {
  // Nothing notifies it, so a wait on it is a sleep of the plugin's thread. The supervisor keeps the time limit of the call and also ends
  // this wait.
  const never = new Int32Array(new SharedArrayBuffer(4));
  const begin = process.hrtime.bigint();
  const monotonicNs = () => process.hrtime.bigint() - begin;
  return {
    monotonicNs,
    // Node has no finer one that also follows the machine's clock when it is set.
    wallNs: () => BigInt(Date.now()) * NS_PER_MS,
    monotonicResolutionNs: 1n,
    wallResolutionNs: NS_PER_MS,
    sleepUntil(instantNs, maxMs) {
      const leftMs = Number(instantNs - monotonicNs()) / 1e6;
      if (leftMs > 0) Atomics.wait(never, 0, 0, Math.min(leftMs, maxMs));
    },
  };
}

function fixedClock({ unixMs, stepNs = 0 }: FixedClock): ClockSource {
  const begin = BigInt(Math.round(unixMs)) * NS_PER_MS;
  const step = BigInt(Math.round(stepNs));
  let passed = 0n;
  const read = () => {
    const now = passed;
    passed += step;
    return now;
  };
  return {
    monotonicNs: read,
    wallNs: () => begin + read(),
    monotonicResolutionNs: 1n,
    wallResolutionNs: 1n,
    sleepUntil(instantNs, maxMs) {
      const latest = passed + BigInt(Math.round(maxMs)) * NS_PER_MS;
      if (instantNs > passed) passed = instantNs < latest ? instantNs : latest;
    },
  };
}
