/**
 * What a worker says of itself in shared memory while it works, for the supervisor that keeps its time limits. The worker
 * changes the first word whenever it begins to do something else: as long as the word stays the same, it is doing the same thing.
 */
import type { PluginPhase } from '../errors.js';

/** What a worker is doing. */
export const Activity = {
  /** It waits on its event loop. No time limit applies. */
  idle: 0,
  /** The plugin's own code runs, or a host function that it called. */
  plugin: 1,
  /** The host's own code runs: it takes over items, or makes an instance. */
  host: 2,
  /** A read of the input is under way. It may hang for as long as its file system does. */
  input: 3,
  /** The thread is being started, and loads what it runs. */
  starting: 4,
} as const;
export type Activity = (typeof Activity)[keyof typeof Activity];

const ACTIVITY_BITS = 3;
const ACTIVITY_MASK = (1 << ACTIVITY_BITS) - 1;

/** Indexes into the status, an Int32Array. */
export const StatusWord = {
  /** An `Activity` in the low bits; above them a number that counts up with each change. */
  activity: 0,
  /** What the plugin is asked to do: an index into `PHASES`. */
  phase: 1,
  /** Bytes of the slice that the plugin was last given; 0 before the first. */
  sliceBytes: 2,
  /** 1 when that slice was the first one of its instance. */
  sliceIsFirst: 3,
  /** The plugin's memory, in pages of 64 KiB, when it was given that slice. */
  memoryPages: 4,
  /** Position in the input of that slice: its low and its high 32 bits. */
  offsetLow: 5,
  offsetHigh: 6,
  words: 7,
} as const;

const PHASES = ['load', 'instantiate', 'info', 'init', 'parse', 'read', 'close'] as const satisfies PluginPhase[];
const PAGE_BYTES = 65_536;
const TWO_TO_32 = 2 ** 32;

/** The status of a worker that has not begun. */
export function createRunStatus(): SharedArrayBuffer {
  const status = new SharedArrayBuffer(StatusWord.words * Int32Array.BYTES_PER_ELEMENT);
  new Int32Array(status)[StatusWord.activity] = Activity.starting;
  return status;
}

/** The supervisor's and the main thread's view. */
export class RunStatusReader {
  readonly #words: Int32Array;

  constructor(status: SharedArrayBuffer) {
    this.#words = new Int32Array(status);
  }

  /** Differs from what it was before whenever the worker has begun to do something else. */
  get stretch(): number {
    return Atomics.load(this.#words, StatusWord.activity);
  }

  get phase(): PluginPhase {
    return PHASES[Atomics.load(this.#words, StatusWord.phase)] ?? 'load';
  }

  get sliceBytes(): number {
    return Atomics.load(this.#words, StatusWord.sliceBytes);
  }

  get sliceIsFirst(): boolean {
    return Atomics.load(this.#words, StatusWord.sliceIsFirst) === 1;
  }

  get memoryBytes(): number {
    return Atomics.load(this.#words, StatusWord.memoryPages) * PAGE_BYTES;
  }

  /** Position in the input of the slice. */
  get sliceOffset(): number {
    const low = Atomics.load(this.#words, StatusWord.offsetLow) >>> 0;
    return Atomics.load(this.#words, StatusWord.offsetHigh) * TWO_TO_32 + low;
  }
}

export function activityOf(stretch: number): Activity {
  return (stretch & ACTIVITY_MASK) as Activity;
}

/** The worker's side. */
export class RunStatusWriter {
  readonly #words: Int32Array;
  #count = 0;

  constructor(status: SharedArrayBuffer) {
    this.#words = new Int32Array(status);
  }

  /** Says that the worker begins to do something else. It costs a few nanoseconds. */
  enter(activity: Activity): void {
    this.#count = (this.#count + 1) | 0;
    Atomics.store(this.#words, StatusWord.activity, (this.#count << ACTIVITY_BITS) | activity);
  }

  phase(phase: PluginPhase): void {
    Atomics.store(this.#words, StatusWord.phase, PHASES.indexOf(phase));
  }

  /** The plugin is about to be given a slice. */
  slice(bytes: number, isFirst: boolean, memoryBytes: number, offset: number): void {
    // Plain stores: the next `enter` makes them seen.
    this.#words[StatusWord.sliceBytes] = bytes;
    this.#words[StatusWord.sliceIsFirst] = isFirst ? 1 : 0;
    this.#words[StatusWord.memoryPages] = memoryBytes / PAGE_BYTES;
    this.#words[StatusWord.offsetLow] = (offset % TWO_TO_32) | 0;
    this.#words[StatusWord.offsetHigh] = Math.floor(offset / TWO_TO_32);
  }
}
