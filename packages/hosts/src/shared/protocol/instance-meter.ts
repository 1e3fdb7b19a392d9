/**
 * What a worker counts of its plugin's calls, in memory that the main thread reads without asking it: also while the plugin does not
 * return. It lives as long as the instance, over all of its threads. One of them writes at a time; who reads may see the numbers of one
 * moment beside those of the next.
 */
import { sharedNow } from '@chipmunk-host/runtime/internal/shared';
import { LATENCY_BUCKETS, latencyBucket } from '../latency-counts.js';

/** Indexes into the Float64Array. Times are in milliseconds; moments are by `sharedNow`, 0: not now. */
const MeterField = {
  /** Time in calls of `parse` or `read`, and the longest of them. */
  callMs: 0,
  longestMs: 1,
  /** When the call under way began. */
  callSince: 2,
  /** Time in which the plugin took back what its calls had returned. */
  releaseMs: 3,
  /** Time in which input was fetched, with the plugin's making room for it. */
  inputMs: 4,
  /** Time in which there was no input. */
  waitMs: 5,
  waitSince: 6,
  /** Time in which instances were made and initialised, and the part of it before the run. */
  startMs: 7,
  startBeforeRunMs: 8,
  runSince: 9,
  runUntil: 10,
  /** Of the plugin's memory, at the last call. */
  memoryBytes: 11,
  peakMemoryBytes: 12,
  /** Of the thread, when it was last looked at; NaN: not known. */
  heapBytes: 13,
  cpuMs: 14,
  latency: 16,
} as const;

/** Of an instance that has done nothing. */
export function createInstanceMeter(): SharedArrayBuffer {
  const meter = new SharedArrayBuffer((MeterField.latency + LATENCY_BUCKETS) * Float64Array.BYTES_PER_ELEMENT);
  const fields = new Float64Array(meter);
  fields[MeterField.heapBytes] = Number.NaN;
  fields[MeterField.cpuMs] = Number.NaN;
  return meter;
}

/** What a thread has used itself, where Node can tell. */
export interface ThreadUsage {
  readonly heapBytes: number;
  /** NaN where this version of Node cannot tell. */
  readonly cpuMs: number;
}

/** The worker's side. Moments are given by its `performance.now`. */
export class InstanceMeterWriter {
  readonly #fields: Float64Array;
  readonly #usage: () => ThreadUsage;
  /** CPU time of threads before this one, and of this one before it had this instance. */
  readonly #cpuBefore: number;

  /** @param usage tells what this thread has used so far */
  constructor(meter: SharedArrayBuffer, usage: () => ThreadUsage) {
    this.#fields = new Float64Array(meter);
    this.#usage = usage;
    const earlier = this.#get(MeterField.cpuMs);
    this.#cpuBefore = (Number.isNaN(earlier) ? 0 : earlier) - usage().cpuMs;
  }

  callBegan(now: number): void {
    this.#fields[MeterField.callSince] = performance.timeOrigin + now;
  }

  callEnded(ms: number): void {
    const fields = this.#fields;
    fields[MeterField.callSince] = 0;
    countCall(fields, ms);
  }

  released(ms: number): void {
    this.#add(MeterField.releaseMs, ms);
  }

  inputFetched(ms: number): void {
    this.#add(MeterField.inputMs, ms);
  }

  waitBegan(): void {
    this.#fields[MeterField.waitSince] = sharedNow();
  }

  waitEnded(): void {
    this.#add(MeterField.waitMs, sharedNow() - this.#get(MeterField.waitSince));
    this.#fields[MeterField.waitSince] = 0;
  }

  /** An instance was made, or initialised. */
  started(ms: number): void {
    this.#add(MeterField.startMs, ms);
  }

  /** The first begin of an instance counts. */
  runBegan(): void {
    this.#fields[MeterField.runUntil] = 0;
    // A thread before this one may have waited when it was lost.
    this.#fields[MeterField.waitSince] = 0;
    if (this.#fields[MeterField.runSince] !== 0) return;
    this.#fields[MeterField.startBeforeRunMs] = this.#get(MeterField.startMs);
    this.#fields[MeterField.runSince] = sharedNow();
  }

  runEnded(): void {
    this.#fields[MeterField.runUntil] = sharedNow();
    this.lookAtThread();
  }

  memory(bytes: number): void {
    this.#fields[MeterField.memoryBytes] = bytes;
    if (bytes > this.#get(MeterField.peakMemoryBytes)) this.#fields[MeterField.peakMemoryBytes] = bytes;
  }

  /** Takes some microseconds. */
  lookAtThread(): void {
    const { heapBytes, cpuMs } = this.#usage();
    this.#fields[MeterField.heapBytes] = heapBytes;
    this.#fields[MeterField.cpuMs] = this.#cpuBefore + cpuMs;
  }

  #add(field: number, amount: number): void {
    this.#fields[field] = this.#get(field) + amount;
  }

  #get(field: number): number {
    return this.#fields[field] as number;
  }
}

/** Counts the call that an instance's thread was in when it was lost, if it was in one. For when that thread is gone. */
export function settleLostCall(meter: SharedArrayBuffer): void {
  const fields = new Float64Array(meter);
  const since = fields[MeterField.callSince] as number;
  if (since === 0) return;
  fields[MeterField.callSince] = 0;
  countCall(fields, sharedNow() - since);
}

function countCall(fields: Float64Array, ms: number): void {
  const bucket = MeterField.latency + latencyBucket(ms);
  fields[bucket] = (fields[bucket] as number) + 1;
  fields[MeterField.callMs] = (fields[MeterField.callMs] as number) + ms;
  if (ms > (fields[MeterField.longestMs] as number)) fields[MeterField.longestMs] = ms;
}

/** What a meter has counted, at one moment. Times in milliseconds. */
export interface MeterReading {
  /** Calls that have ended, by the buckets of latency-counts.ts. */
  readonly latency: Float64Array;
  readonly callMs: number;
  readonly longestMs: number;
  /** For how long the call under way has lasted; undefined when there is none. */
  readonly underWayMs: number | undefined;
  readonly releaseMs: number;
  /** Fetching input, and waiting for it. */
  readonly inputMs: number;
  /** Making instances, and the part of it in the run. */
  readonly startMs: number;
  readonly restartMs: number;
  /** From the begin of the run to its end, or to now; 0 before it. */
  readonly runMs: number;
  readonly memoryBytes: number;
  readonly peakMemoryBytes: number;
  readonly heapBytes: number | undefined;
  readonly cpuMs: number | undefined;
}

/** @param ended whether nothing writes any more: what was under way has ended */
export function readInstanceMeter(meter: SharedArrayBuffer, ended: boolean): MeterReading {
  const fields = new Float64Array(meter).slice();
  const now = sharedNow();
  const get = (field: number) => fields[field] as number;
  const known = (field: number) => (Number.isNaN(get(field)) ? undefined : get(field));
  const since = (field: number) => (get(field) === 0 ? 0 : Math.max(0, now - get(field)));
  const runMs =
    get(MeterField.runUntil) > 0 ? get(MeterField.runUntil) - get(MeterField.runSince) : since(MeterField.runSince);
  return {
    latency: fields.slice(MeterField.latency),
    callMs: get(MeterField.callMs),
    longestMs: get(MeterField.longestMs),
    underWayMs: ended || get(MeterField.callSince) === 0 ? undefined : since(MeterField.callSince),
    releaseMs: get(MeterField.releaseMs),
    inputMs: get(MeterField.inputMs) + get(MeterField.waitMs) + (ended ? 0 : since(MeterField.waitSince)),
    startMs: get(MeterField.startMs),
    restartMs: get(MeterField.runSince) === 0 ? 0 : get(MeterField.startMs) - get(MeterField.startBeforeRunMs),
    runMs,
    memoryBytes: get(MeterField.memoryBytes),
    peakMemoryBytes: get(MeterField.peakMemoryBytes),
    heapBytes: known(MeterField.heapBytes),
    cpuMs: known(MeterField.cpuMs),
  };
}
