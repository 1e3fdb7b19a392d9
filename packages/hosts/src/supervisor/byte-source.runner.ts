/**
 * Looks after one byte-source's instance, in the supervisor's thread: when its thread is lost, another one goes on at the byte behind
 * the last that was delivered, with the same ring. Named by main/host/byte-source-host.ts; the worker's program is
 * worker/byte-source.worker.ts.
 */
import {
  ByteRingWriter,
  endRingForWriter,
  type RunnerTask,
  ringState,
  serializeError,
  stopRingWriter,
} from '@chipmunk-host/runtime/internal/supervisor';
import type { ByteSourceInfo } from '../shared/plugin-info.js';
import {
  type ByteSourceControl,
  type ByteSourceOutcome,
  type ByteSourcePayload,
  type ByteSourceThreadControl,
  type ByteSourceThreadEvent,
  deliveredBytes,
  type FailedRange,
  type LostSource,
  type SourceRunRequest,
} from '../shared/protocol/byte-source-messages.js';
import type { LogEvent } from '../shared/protocol/log-line.js';
import { RestartLimit } from '../shared/restart-limit.js';
import { forgetRestarts, restartsOf } from './restarts-by-input.js';
import { SupervisedInstance, serveRunner } from './supervised-instance.js';
import { isRecoverable, MAX_HANGING_THREADS, SupervisedThread } from './supervised-thread.js';

export default function runByteSource({
  controlPort,
  eventPort,
  payload,
  launcher,
}: RunnerTask<ByteSourcePayload>): Promise<void> {
  const runner = new ByteSourceRunner(payload, launcher, (event) => eventPort.postMessage(event));
  return serveRunner({ controlPort }, {
    open: () => runner.instance.open(),
    init: (config, grants) => runner.instance.init(config, grants),
    run: () => runner.run(),
    close: () => runner.close(),
  } satisfies ByteSourceControl);
}

class ByteSourceRunner {
  readonly #payload: ByteSourcePayload;
  readonly instance: SupervisedInstance<ByteSourceInfo, ByteSourceThreadControl>;
  readonly #limit: RestartLimit;
  /** Threads that were lost since the last bytes came. */
  #failures: LostSource[] = [];
  /** How many of them `#failedRanges` knows of. */
  #known = 0;
  #failedRanges: readonly FailedRange[] = [];
  #failingSince = 0;
  #hanging = 0;

  constructor(payload: ByteSourcePayload, launcher: RunnerTask['launcher'], post: (event: LogEvent) => void) {
    this.#payload = payload;
    this.#limit = new RestartLimit(payload.recovery);
    this.instance = new SupervisedInstance(
      () =>
        new SupervisedThread(launcher, payload, post, (event) =>
          this.#take(event as Exclude<ByteSourceThreadEvent, LogEvent>),
        ),
    );
  }

  /** @throws the error that cannot be recovered from. The ring is at its end when it settles, and says so to its reader. */
  async run(): Promise<ByteSourceOutcome> {
    const { ring, progress } = this.#payload;
    try {
      const outcome = await this.instance.run(
        (thread) => thread.instance.call('run', this.#request),
        (error, thread) => this.#noteOrFail(error, thread),
        (error) => this.#noteOrFail(error, undefined),
      );
      return outcome ?? { reason: 'stopped', bytes: deliveredBytes(progress, ringState(ring).head) };
    } finally {
      // A thread that was lost has not done it itself.
      endRingForWriter(ring);
    }
  }

  /** Has the reader meet the error, too, behind the bytes that came before it. A thread that goes on with its own does so itself. */
  async #failInRing(error: unknown): Promise<unknown> {
    const { thread } = this.instance;
    const { instance, status } = thread;
    if (instance.loss !== undefined) thread.describeLoss(error, status.sliceOffset);
    // This thread looks after others, too, and must not block. `close` ends the wait for a slot.
    await new ByteRingWriter(this.#payload.ring, { blockingWaitMs: 0 }).fail(error);
    return error;
  }

  /** Ends a run that is under way, with what it has delivered. */
  async close(): Promise<void> {
    stopRingWriter(this.#payload.ring);
    await this.instance.close();
    forgetRestarts(this.#payload.input);
  }

  get #request(): SourceRunRequest {
    const restarts = restartsOf(this.#payload.input).length;
    return { failures: this.#failures, known: this.#known, failedRanges: this.#failedRanges, restarts };
  }

  #take(event: Exclude<ByteSourceThreadEvent, LogEvent>): void {
    if (event.kind === 'failed-ranges') {
      this.#failedRanges = event.ranges;
      this.#known = this.#failures.length;
      return;
    }
    restartsOf(this.#payload.input).push(event.restart);
    this.#failures = [];
    this.#known = 0;
  }

  #mayReplace(error: unknown): boolean {
    if (!isRecoverable(error)) return false;
    if (this.instance.thread.instance.loss?.hangs === true && ++this.#hanging >= MAX_HANGING_THREADS) return false;
    const { maxGapsInRow, narrowingMs } = this.#payload.recovery;
    const now = performance.now();
    // `#take` notes that bytes came since.
    if (this.#failures.length === 0) this.#failingSince = now;
    const outOfTime = this.#failures.length > 0 && now - this.#failingSince >= narrowingMs;
    const isFruitless = this.#failures.length + 1 >= maxGapsInRow;
    return !outOfTime && !isFruitless && this.#limit.allows(now);
  }

  /**
   * @param thread that was lost; undefined for an instance that has failed to start
   * @throws the error when no other thread is to go on
   */
  async #noteOrFail(error: unknown, thread: SupervisedThread<ByteSourceThreadControl> | undefined): Promise<void> {
    if (!this.#mayReplace(error)) throw await this.#failInRing(error);
    this.#addFailure(error, thread);
  }

  /** @param thread undefined for an instance that failed to start, before any read */
  #addFailure(error: unknown, thread: SupervisedThread<ByteSourceThreadControl> | undefined): void {
    const { sliceOffset = 0, sliceBytes = 0 } = thread?.status ?? {};
    thread?.describeLoss(error, sliceOffset);
    this.#failures.push({ error: serializeError(error), offset: sliceOffset, asked: sliceBytes });
  }
}
