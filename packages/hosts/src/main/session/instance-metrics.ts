/** What instances of a plugin cost: read from what their workers count, and summed up. */
import type { RingUsage } from '@chipmunk-host/runtime/internal';
import { bucketEndMs } from '../../shared/latency-counts.js';
import { type MeterReading, readInstanceMeter } from '../../shared/protocol/instance-meter.js';

/** How long calls took. Times in milliseconds. */
export interface CallLatency {
  /** Calls that have ended, those in which the plugin failed included. */
  readonly count: number;
  readonly sumMs: number;
  /** Half of the calls took at most so long; up to an eighth too much. 0 without calls, as are the others. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The calls that took at least as long as the bucket before ends, and less than this one does; without those that have none. */
  readonly buckets: readonly LatencyBucket[];
}

/** How many calls of a plugin took about the same time. */
export interface LatencyBucket {
  /** Calls in it took less than this, in milliseconds; Infinity in the last one. Eight buckets for each doubling, from 2^-10 ms on. */
  readonly endMs: number;
  readonly count: number;
}

/** Where the time of a run went, in milliseconds. `pluginMs`, `inputMs`, `outputMs` and `hostMs` add up to `runMs`. */
export interface InstanceTimes {
  /** From when the instance was given its input to its end, or to now. */
  readonly runMs: number;
  /** In the plugin: its calls, with the one under way; taking back what they returned; making fresh instances. */
  readonly pluginMs: number;
  /** Input was read, or waited for. */
  readonly inputMs: number;
  /** There was no room for what the plugin had delivered: the consumer was waited for, or of a byte-source the parser. */
  readonly outputMs: number;
  /** The rest: the host took over items, or waited for its turn on the processor. */
  readonly hostMs: number;
  /** Making and initialising instances, also before the run. */
  readonly startMs: number;
}

/** One instance of a plugin, or several together. */
export interface InstanceMetrics {
  /** Name or path of the plugin. */
  readonly plugin: string;
  /** Calls of `parse`, or of a byte-source's `read`. */
  readonly calls: CallLatency;
  /** For how long the call under way has lasted, in milliseconds; of several, the longest. Undefined when there is none. */
  readonly callUnderWayMs: number | undefined;
  readonly time: InstanceTimes;
  /** Of the plugin's memory when it was last called; 0 when it cannot be seen. */
  readonly memoryBytes: number;
  /** The most that `memoryBytes` was. */
  readonly peakMemoryBytes: number;
  /** Of the worker's JavaScript heap when it last turned to its event loop: every 25 ms, but not in a call. Undefined before that. */
  readonly workerHeapBytes: number | undefined;
  /**
   * Processor time of the workers, in milliseconds, as of the same moment. Undefined where Node cannot tell: before 22.19, and in 23
   * before 23.9.
   */
  readonly workerCpuMs: number | undefined;
}

/** What a queue between two threads holds, and who has waited for whom. */
export interface QueueMetrics {
  readonly slots: number;
  /** Slots that are written and not given back. */
  readonly usedSlots: number;
  /** How often the side that writes has waited for a free slot. */
  readonly writerWaits: number;
  /** For how long, in milliseconds, the wait under way included. */
  readonly writerWaitMs: number;
  /** How often the side that reads has waited for something to read. */
  readonly readerWaits: number;
  readonly readerWaitMs: number;
  /** Who waits now. */
  readonly waiting: 'writer' | 'reader' | undefined;
}

/**
 * @param output of the ring that the instance writes
 * @param ended whether it has ended
 */
export function instanceMetrics(
  plugin: string,
  meter: SharedArrayBuffer,
  output: RingUsage,
  ended: boolean,
): InstanceMetrics {
  const reading = readInstanceMeter(meter, ended);
  const { underWayMs, memoryBytes, peakMemoryBytes, heapBytes, cpuMs } = reading;
  return {
    plugin,
    calls: callLatency(reading),
    callUnderWayMs: underWayMs,
    time: times(reading, output.writer.ms),
    memoryBytes: ended ? 0 : memoryBytes,
    peakMemoryBytes,
    workerHeapBytes: ended ? 0 : heapBytes,
    workerCpuMs: cpuMs,
  };
}

/** Of one plugin. `memoryBytes` and the like are of all of them at once. */
export function sumOfInstances(first: InstanceMetrics, others: readonly InstanceMetrics[]): InstanceMetrics {
  return others.reduce(
    (a, b) => ({
      plugin: a.plugin,
      calls: sumOfLatencies(a.calls, b.calls),
      callUnderWayMs: known(Math.max, a.callUnderWayMs, b.callUnderWayMs),
      time: sumOfTimes(a.time, b.time),
      memoryBytes: a.memoryBytes + b.memoryBytes,
      peakMemoryBytes: a.peakMemoryBytes + b.peakMemoryBytes,
      workerHeapBytes: known(plus, a.workerHeapBytes, b.workerHeapBytes),
      workerCpuMs: known(plus, a.workerCpuMs, b.workerCpuMs),
    }),
    first,
  );
}

export function queueMetrics(rings: readonly RingUsage[]): QueueMetrics {
  const sum = (of: (ring: RingUsage) => number) => rings.map(of).reduce(plus, 0);
  return {
    slots: sum(({ slots }) => slots),
    usedSlots: sum(({ used }) => used),
    writerWaits: sum(({ writer }) => writer.count),
    writerWaitMs: sum(({ writer }) => writer.ms),
    readerWaits: sum(({ reader }) => reader.count),
    readerWaitMs: sum(({ reader }) => reader.ms),
    waiting: rings.some(({ reader }) => reader.now)
      ? 'reader'
      : rings.some(({ writer }) => writer.now)
        ? 'writer'
        : undefined,
  };
}

function times(reading: MeterReading, writerWaitMs: number): InstanceTimes {
  const { callMs, releaseMs, underWayMs = 0, startMs, restartMs, inputMs, runMs } = reading;
  // The parts are measured on their own, so together they may be a little more than the whole.
  let left = runMs;
  const part = (ms: number) => {
    const taken = Math.min(left, ms);
    left -= taken;
    return taken;
  };
  const pluginMs = part(callMs + releaseMs + underWayMs + restartMs);
  const outputMs = part(writerWaitMs);
  const fetchedMs = part(inputMs);
  return { runMs, pluginMs, inputMs: fetchedMs, outputMs, hostMs: left, startMs };
}

function sumOfTimes(a: InstanceTimes, b: InstanceTimes): InstanceTimes {
  return {
    runMs: a.runMs + b.runMs,
    pluginMs: a.pluginMs + b.pluginMs,
    inputMs: a.inputMs + b.inputMs,
    outputMs: a.outputMs + b.outputMs,
    hostMs: a.hostMs + b.hostMs,
    startMs: a.startMs + b.startMs,
  };
}

function callLatency({ latency, callMs, longestMs }: MeterReading): CallLatency {
  const buckets: LatencyBucket[] = [];
  for (const [bucket, count] of latency.entries()) if (count > 0) buckets.push({ endMs: bucketEndMs(bucket), count });
  return latencyOf(buckets, callMs, longestMs);
}

export function sumOfLatencies(a: CallLatency, b: CallLatency): CallLatency {
  const counts = new Map(a.buckets.map(({ endMs, count }) => [endMs, count]));
  for (const { endMs, count } of b.buckets) counts.set(endMs, (counts.get(endMs) ?? 0) + count);
  const buckets = [...counts].sort(([one], [other]) => one - other).map(([endMs, count]) => ({ endMs, count }));
  return latencyOf(buckets, a.sumMs + b.sumMs, Math.max(a.maxMs, b.maxMs));
}

function latencyOf(buckets: readonly LatencyBucket[], sumMs: number, maxMs: number): CallLatency {
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const quantile = (share: number) => {
    let seen = 0;
    for (const bucket of buckets) {
      seen += bucket.count;
      if (seen >= share * count) return Math.min(bucket.endMs, maxMs);
    }
    return 0;
  };
  return { count, sumMs, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs, buckets };
}

/** Of what is known; undefined when nothing is. */
function known(
  both: (a: number, b: number) => number,
  a: number | undefined,
  b: number | undefined,
): number | undefined {
  return a === undefined ? b : b === undefined ? a : both(a, b);
}

function plus(a: number, b: number): number {
  return a + b;
}
