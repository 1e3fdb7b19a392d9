/**
 * Watches the calls of a plugin that pass or read input: notes for the supervisor, which keeps the time limits, what the thread is
 * doing, and keeps the details of a call for its error.
 */
import { Activity, type FailureDetails, type RunStatusWriter } from '@chipmunk-host/runtime/internal/worker';
import type { InstanceSlot } from './instance-manager.js';

export interface CallMonitorParts {
  readonly status: RunStatusWriter;
  readonly instance: Pick<InstanceSlot<unknown>, 'memoryBytes'>;
  /** The last lines that the plugin logged or wrote. */
  lastLines(): readonly string[];
}

export class CallMonitor {
  readonly #status: RunStatusWriter;
  readonly #instance: CallMonitorParts['instance'];
  readonly #lastLines: () => readonly string[];
  #inPlugin = false;
  #callStartedAt = 0;

  constructor({ status, instance, lastLines }: CallMonitorParts) {
    this.#status = status;
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
    }
  }

  /** Calls the plugin. */
  call<Result>(call: () => Result): Result {
    this.#callStartedAt = performance.now();
    this.#inPlugin = true;
    this.#status.enter(Activity.plugin);
    const result = call();
    this.#status.enter(Activity.host);
    this.#inPlugin = false;
    return result;
  }

  /** A read of the input begins: it may take as long as its file system does. It ends with the next call of the plugin. */
  readsInput(): void {
    this.#status.enter(Activity.input);
  }

  /** The plugin is about to be given a slice, or asked for one. */
  slice(bytes: number, isFirst: boolean, offset: number): void {
    this.#status.slice(bytes, isFirst, this.#instance.memoryBytes, offset);
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
}
