/** How an instance ended, as an error that says whose doing it was. */

import type { PluginPhase } from '../errors.js';
import { describe, type EnvironmentError, type HostError, PluginLostError, PluginTimeoutError } from '../errors.js';
import { environmentFault } from '../system/environment-fault.js';
import { Activity } from './run-status.js';

/** How an instance ended: by returning, or by losing its thread. */
export type InstanceEnd =
  | { readonly kind: 'returned'; readonly hangs: boolean }
  | {
      readonly kind: 'lost';
      /** Whether a thread of it is in a system call, and ends only when that returns. */
      readonly hangs: boolean;
      readonly error: HostError;
      /** What it was doing, when it was ended for taking too long. */
      readonly overrun?: Overrun;
    };

/** One stretch of work that took longer than it may. */
export interface Overrun {
  readonly activity: Activity;
  readonly phase: PluginPhase;
  /** For how long it was seen to last, in milliseconds. */
  readonly elapsedMs: number;
  /** The limit on a call of the plugin, in milliseconds. */
  readonly deadlineMs: number;
}

/** It was ended by its supervisor. */
export function overrunEnd(overrun: Overrun, hangs: boolean): InstanceEnd {
  const { phase } = overrun;
  return { kind: 'lost', error: new PluginTimeoutError(overrunMessage(overrun, hangs), { phase }), overrun, hangs };
}

function overrunMessage({ activity, deadlineMs, elapsedMs }: Overrun, hangs: boolean): string {
  if (hangs) return `The plugin did not return within ${deadlineMs} ms, and its thread hangs in a system call.`;
  if (activity === Activity.plugin) return `The plugin did not return within ${deadlineMs} ms.`;
  return `The host's own work for the plugin did not end within ${Math.round(elapsedMs)} ms; the limit for a call is ${deadlineMs} ms.`;
}

/** The end of an instance that was closed. */
export function closedEnd(hangs: boolean): InstanceEnd {
  return { kind: 'lost', hangs, error: new PluginLostError("The plugin's worker ended, as requested.") };
}

/** Its thread could not be started, or ended by itself. */
export function failedEnd(cause: unknown): InstanceEnd {
  return { kind: 'lost', hangs: false, error: lostThread(cause) };
}

/** The error for a thread that could not be started or ended by itself. */
export function lostThread(cause: unknown): PluginLostError | EnvironmentError {
  return (
    environmentFault(cause, "The plugin's thread could not be started or go on") ??
    new PluginLostError(`The plugin's worker ended: ${describe(cause)}`, { cause })
  );
}
