/** What the main thread adds to the calls and events of a plugin's worker, whatever the plugin's kind. */
import type { PluginPhase } from '@chipmunk-host/runtime';
import { addContext, callListener, onAbort } from '@chipmunk-host/runtime/internal';
import type { LogLine } from '../../shared/protocol/log-line.js';

/** A line of a plugin's log or output, and whose it is. */
export interface PluginLogLine extends LogLine {
  readonly plugin: string;
}

/** Gets each line that a plugin logs or prints, and how many lines were dropped before it because of `logLimits`. */
export type OnLog = (line: PluginLogLine, dropped: number) => void;

/** Passes on log lines; the number of dropped lines goes with the first. */
export function reportLogs(
  { plugin, lines, dropped }: { plugin: string; lines: readonly LogLine[]; dropped: number },
  onLog: OnLog | undefined,
): void {
  let unreported = dropped;
  for (const line of lines) {
    callListener('onLog', onLog, { ...line, plugin }, unreported);
    unreported = 0;
  }
}

/** Settles as `call` does, and adds the plugin's name and what it was asked to do to an error that passes. */
export async function withContext<Value>(plugin: string, phase: PluginPhase, call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    throw addContext(error, { plugin, phase });
  }
}

/** Settles as `call` does; when the signal is aborted first, `end` is called and the signal's reason thrown. */
export async function untilAborted<Value>(
  call: Promise<Value>,
  signal: AbortSignal | undefined,
  end: () => void,
): Promise<Value> {
  const stopListening = onAbort(signal, end);
  if (signal?.aborted) end();
  try {
    return await call;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    stopListening();
  }
}
