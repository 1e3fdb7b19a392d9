/**
 * Watches the calls of a plugin that pass or read input: notes for the supervisor, which keeps the time limits, what the thread is
 * doing, measures for the main thread how long it takes, and keeps the details of a call for its error.
 *
 * A look at the clock costs more than all the rest here, so each serves for all that ends and begins there.
 */
import { Activity, type FailureDetails, type RunStatusWriter } from '@chipmunk-host/runtime/internal/worker';
import type { InstanceMeterWriter } from '../../shared/protocol/instance-meter.js';
import type { InstanceSlot } from './instance-manager.js';

export interface CallMonitorParts {
  readonly status: RunStatusWriter;
  /** Undefined to measure what measuring costs. */
  readonly meter: InstanceMeterWriter | undefined;
  readonly instance: Pick<InstanceSlot<unknown>, 'memoryBytes'>;
  /** The last lines that the plugin logged or wrote. */
  lastLines(): readonly string[];
}

export class CallMonitor {
  readonly #status: RunStatusWriter;
  readonly #meter: InstanceMeterWriter | undefined;
  readonly #instance: CallMonitorParts['instance'];
  readonly #lastLines: () => readonly string[];
  #inPlugin = false;
  #callStartedAt = 0;
  /** When the counted call began that is under way, or whose end was not measured yet; 0: there is none. */
  #countedSince = 0;
  /** When input began to be fetched that the next call is about; 0: it was not. */
  #fetchingSince = 0;
  /** When the plugin began to take back what a call had returned; 0: it does not, or that was measured. */
  #releasingSince = 0;

  constructor({ status, meter, instance, lastLines }: CallMonitorParts) {
    this.#status = status;
    this.#meter = meter;
    this.#instance = instance;
    this.#lastLines = lastLines;
  }

  /** Whether the plugin's own code runs, or has thrown in this stretch: the state of the host's loop is then whole. */
  get inPlugin(): boolean {
    return this.#inPlugin;
  }

  /** Work that does not wait, of which the time limits hold. */
  stretch<Result>(phase: 'parse' | 'read', work: () => Result): Result {
    this.#inPlugin = false;
    this.#status.phase(phase);
    this.#status.enter(Activity.host);
    try {
      return work();
    } finally {
      this.#status.enter(Activity.idle);
      this.looked(performance.now());
      if (this.#fetchingSince > 0) this.#meter?.inputFetched(performance.now() - this.#fetchingSince);
      this.#fetchingSince = 0;
    }
  }

  /** Waits for input. */
  async waiting<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.#meter?.waitBegan();
    try {
      return await wait();
    } finally {
      this.#meter?.waitEnded();
    }
  }

  /**
   * Calls the plugin to make room for input.
   * @param now when that began, by `performance.now`
   */
  prepare<Result>(now: number, call: () => Result): Result {
    this.looked(now);
    this.#fetchingSince = now;
    return this.#called(now, call);
  }

  /**
   * Calls `parse` or `read`. It lasts until the clock is looked at next (`looked`).
   * @param now when that began, by `performance.now`
   */
  call<Result>(call: () => Result, now = performance.now()): Result {
    if (this.#fetchingSince > 0) this.#meter?.inputFetched(now - this.#fetchingSince);
    this.#fetchingSince = 0;
    this.#meter?.callBegan(now);
    this.#countedSince = now;
    return this.#called(now, call);
  }

  /** Calls the plugin to take back what a call has returned. It lasts until the clock is looked at next. */
  release(call: () => void): void {
    const now = performance.now();
    this.looked(now);
    this.#releasingSince = now;
    this.#called(now, call);
  }

  /** The clock was looked at, and showed `now`: what the plugin did until then is over. */
  looked(now: number): void {
    if (this.#countedSince > 0) this.#meter?.callEnded(now - this.#countedSince);
    this.#countedSince = 0;
    if (this.#releasingSince > 0) this.#meter?.released(now - this.#releasingSince);
    this.#releasingSince = 0;
  }

  /** A read of the input begins: it may take as long as its file system does. It ends with the next call of the plugin. */
  readsInput(): void {
    this.#status.enter(Activity.input);
  }

  /** The plugin is about to be given a slice, or asked for one. */
  slice(bytes: number, isFirst: boolean, offset: number): void {
    const { memoryBytes } = this.#instance;
    this.#status.slice(bytes, isFirst, memoryBytes, offset);
    this.#meter?.memory(memoryBytes);
  }

  /** What an error says of the call that has failed. */
  details(offset: number, sliceBytes: number, excerpt = ''): FailureDetails {
    return {
      offset,
      sliceBytes,
      excerpt,
      durationMs: performance.now() - this.#callStartedAt,
      memoryBytes: this.#instance.memoryBytes,
      lastLines: this.#lastLines(),
    };
  }

  #called<Result>(now: number, call: () => Result): Result {
    this.#callStartedAt = now;
    this.#inPlugin = true;
    this.#status.enter(Activity.plugin);
    const result = call();
    this.#status.enter(Activity.host);
    this.#inPlugin = false;
    return result;
  }
}
