/** One thread of a plugin's instance, as its runner in the supervisor's thread sees it. */
import {
  addContext,
  type ControlMethods,
  createRunStatus,
  type FailureDetails,
  type InstanceLauncher,
  PluginError,
  RunStatusReader,
  type WorkerInstance,
} from '@chipmunk-host/runtime/internal/supervisor';
import { LastLines } from '../shared/last-lines.js';
import { settleLostCall } from '../shared/protocol/instance-meter.js';
import type { LogEvent } from '../shared/protocol/log-line.js';

/** What the payloads of all plugins have in common. */
interface Payload {
  readonly plugin: string;
  readonly meter: SharedArrayBuffer;
  /** `deadlineMs`: time limit on one call of the plugin, in milliseconds; Infinity: no limit. */
  readonly options: { readonly deadlineMs: number };
}

export class SupervisedThread<Control extends ControlMethods> {
  readonly instance: WorkerInstance<Control>;
  readonly status: RunStatusReader;
  readonly #plugin: string;
  readonly #lastLines = new LastLines();

  /** @param post hands events to the main thread; `onEvent` receives those that are not log lines */
  constructor(
    launcher: InstanceLauncher,
    payload: Payload,
    post: (event: LogEvent) => void,
    onEvent: (event: { readonly kind: string }) => void,
  ) {
    const status = createRunStatus();
    const { deadlineMs } = payload.options;
    this.status = new RunStatusReader(status);
    this.#plugin = payload.plugin;
    this.instance = launcher.launch<Control>(
      { ...payload, status },
      {
        status,
        deadlineMs,
        onEvent: (posted) => {
          const event = posted as LogEvent | { readonly kind: 'other' };
          if (event.kind !== 'log') return onEvent(event);
          for (const { message } of event.lines) this.#lastLines.add(message);
          post(event);
        },
        onStall: ({ elapsedMs }) => {
          const message = `A read of the input has not returned for ${Math.round(elapsedMs)} ms. The session waits for it.`;
          post({ kind: 'log', lines: [{ source: 'host', level: 'warn', message, time: Date.now() }], dropped: 0 });
        },
      },
    );
    // Before another thread can be started in its place.
    void this.instance.ended.then(() => settleLostCall(payload.meter));
  }

  /**
   * Adds to the error with which the thread was lost where that was, and in which plugin.
   * @param offset position in the input where another one goes on
   */
  describeLoss(error: unknown, offset: number): void {
    if (!(error instanceof PluginError)) return;
    const { phase, sliceBytes, memoryBytes } = this.status;
    const durationMs = this.instance.loss?.overrun?.elapsedMs ?? 0;
    const details: FailureDetails = {
      offset,
      sliceBytes,
      excerpt: '',
      durationMs,
      memoryBytes,
      lastLines: this.#lastLines.lines,
    };
    addContext(error, { plugin: this.#plugin, phase, details });
  }
}

/**
 * So many threads of one instance may hang in system calls: each holds memory until its call returns, and the next one will hang
 * there, too.
 */
export const MAX_HANGING_THREADS = 3;

/** Whether another thread may do better. */
export function isRecoverable(error: unknown): boolean {
  return error instanceof PluginError && error.recoverable;
}
