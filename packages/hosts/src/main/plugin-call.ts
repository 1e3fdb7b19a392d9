/** What the main thread adds to the calls and events of a plugin's worker, whatever the plugin's kind. */
import {
  callListener,
  PluginError,
  type PluginPhase,
  PluginTimeoutError,
  type WorkerInstance,
} from '@chipmunk-host/runtime';
import type { LogRecord } from '../shared/log-record.js';
import { watchCall } from './watchdog.js';

/** A line of a plugin's log or output, and whose it is. */
export interface PluginLogRecord extends LogRecord {
  readonly plugin: string;
}

export type OnLog = (record: PluginLogRecord, dropped: number) => void;

interface Callee {
  /** Name of the plugin. */
  readonly plugin: string;
  /** See shared/run-status.ts. */
  readonly status: SharedArrayBuffer;
  readonly deadlineMs: number;
  readonly instance: Pick<WorkerInstance<{ close(): void }>, 'terminate'>;
}

/**
 * Settles as `call` does, and names plugin and phase in its error. The worker keeps the time limit itself; this ends its
 * thread where it cannot.
 */
export async function watchedCall<Value>(
  { plugin, status, deadlineMs, instance }: Callee,
  phase: PluginPhase,
  call: Promise<Value>,
): Promise<Value> {
  let stuck = false;
  try {
    return await watchCall(call, status, deadlineMs, () => {
      stuck = true;
      void instance.terminate();
    });
  } catch (cause) {
    if (cause instanceof PluginError) {
      cause.plugin ??= plugin;
      cause.phase ??= phase;
    }
    throw stuck ? endedByForce(plugin, deadlineMs, phase, cause) : cause;
  }
}

export function endedByForce(
  plugin: string,
  deadlineMs: number,
  phase: PluginPhase,
  cause: unknown,
): PluginTimeoutError {
  const message = `The plugin did not return within ${deadlineMs} ms, and its thread could only be ended.`;
  return new PluginTimeoutError(message, { plugin, phase, cause });
}

/** Hands on log lines; the lines that were dropped are told of with the first. */
export function reportLogs(
  { plugin, records, dropped }: { plugin: string; records: readonly LogRecord[]; dropped: number },
  onLog: OnLog | undefined,
): void {
  let untold = dropped;
  for (const record of records) {
    callListener('onLog', onLog, { ...record, plugin }, untold);
    untold = 0;
  }
}

/** Adds the plugin's name to an error that passes. */
export async function named<Value>(plugin: string, call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof PluginError) error.plugin ??= plugin;
    throw error;
  }
}
