/**
 * Keeps the time limit of one worker, from outside of its thread: notes how long the worker has been doing the same thing, by
 * the time that this thread itself has seen pass.
 */

import type { Overrun } from '../shared/instance/instance-end.js';
import { Activity, activityOf, RunStatusReader } from '../shared/instance/run-status.js';

/** How much longer than a call of the plugin the host's own work may take, in milliseconds. */
const HOST_GRACE_MS = 1000;
/** A thread may have to start, and to load what it runs, beside many others. */
const START_GRACE_MS = 60_000;

export class CallTimeLimit {
  readonly status: RunStatusReader;
  readonly #deadlineMs: number;
  #stretch = -1;
  #elapsedMs = 0;
  #toldOfStall = false;

  /** @param deadlineMs time limit on one call of the plugin; Infinity means none */
  constructor(status: SharedArrayBuffer, deadlineMs: number) {
    this.status = new RunStatusReader(status);
    this.#deadlineMs = deadlineMs;
  }

  /** Whether the worker did nothing that has a limit when it was last looked at. */
  get isIdle(): boolean {
    return activityOf(this.#stretch) === Activity.idle;
  }

  /** @param passedMs time since the last look, in which this thread was awake */
  look(passedMs: number): Overrun | undefined {
    const { stretch } = this.status;
    if (stretch !== this.#stretch) {
      this.#stretch = stretch;
      this.#elapsedMs = 0;
      this.#toldOfStall = false;
      return undefined;
    }
    const activity = activityOf(stretch);
    if (activity === Activity.idle) return undefined;
    this.#elapsedMs += passedMs;
    if (this.#elapsedMs < this.#deadlineMs + GRACE_MS[activity]) return undefined;
    if (activity === Activity.input) {
      if (this.#toldOfStall) return undefined;
      this.#toldOfStall = true;
    }
    return { activity, elapsedMs: this.#elapsedMs, deadlineMs: this.#deadlineMs, phase: this.status.phase };
  }
}

const GRACE_MS: Readonly<Record<Activity, number>> = {
  [Activity.idle]: Number.POSITIVE_INFINITY,
  [Activity.plugin]: 0,
  [Activity.host]: HOST_GRACE_MS,
  [Activity.input]: 0,
  [Activity.starting]: START_GRACE_MS,
};
