/**
 * Looks after one parser's instance, in the supervisor's thread: when its thread is lost, another one goes on at the first byte
 * that no batch in the ring accounts for. Named by main/host/parser-host.ts; the worker's program is worker/parser.worker.ts.
 */
import {
  endRingForWriter,
  type RunnerTask,
  readRingMark,
  stopRingWriter,
} from '@chipmunk-host/runtime/internal/supervisor';
import type { ParserInfo } from '../shared/plugin-info.js';
import type { LogEvent } from '../shared/protocol/log-line.js';
import type { ParseErrorEvent } from '../shared/protocol/parse-errors.js';
import type { ParserControl, ParserPayload, RunOutcome, RunRequest } from '../shared/protocol/parser-messages.js';
import { RestartLimit } from '../shared/restart-limit.js';
import { LostInstances } from './lost-instances.js';
import { restartsOf } from './restarts-by-input.js';
import { SupervisedInstance, serveRunner } from './supervised-instance.js';
import { isRecoverable, SupervisedThread } from './supervised-thread.js';

export default function runParser({
  controlPort,
  eventPort,
  payload,
  launcher,
}: RunnerTask<ParserPayload>): Promise<void> {
  const runner = new ParserRunner(payload, launcher, (event) => eventPort.postMessage(event));
  return serveRunner({ controlPort }, {
    open: () => runner.instance.open(),
    init: (config, grants) => runner.instance.init(config, grants),
    run: (request) => runner.run(request),
    close: () => runner.close(),
  } satisfies ParserControl);
}

class ParserRunner {
  readonly #payload: ParserPayload;
  readonly instance: SupervisedInstance<ParserInfo, ParserControl>;
  readonly #lost = new LostInstances();

  constructor(
    payload: ParserPayload,
    launcher: RunnerTask['launcher'],
    post: (event: LogEvent | ParseErrorEvent) => void,
  ) {
    this.#payload = payload;
    this.instance = new SupervisedInstance(
      () => new SupervisedThread(launcher, payload, post, (event) => post(event as ParseErrorEvent)),
    );
  }

  /** @throws the error that cannot be recovered from. The ring is at its end when it settles. */
  async run(request: RunRequest): Promise<RunOutcome> {
    const limit = new RestartLimit(request.recovery);
    try {
      for (let next = request; !this.instance.isClosing; next = this.#resume(request)) {
        const { thread } = this.instance;
        try {
          return await thread.instance.call('run', next);
        } catch (error) {
          if (thread.instance.isClosed) break;
          if (thread.instance.loss === undefined) throw error;
          this.#note(error, thread, request);
          const isLast = this.#lost.tooManyHang || this.#isFruitless(request, 0) || !limit.allows(performance.now());
          if (!isRecoverable(error) || isLast) throw error;
        }
        await thread.instance.close();
        await this.#startAgain(request, limit);
      }
      return { reason: 'stopped' };
    } finally {
      // A thread that was lost has not done it itself.
      endRingForWriter(this.#payload.ring);
    }
  }

  /** Ends a run that is under way, with what it has published. */
  async close(): Promise<void> {
    stopRingWriter(this.#payload.ring);
    await this.instance.close();
  }

  #note(error: unknown, thread: SupervisedThread<ParserControl>, request: RunRequest): void {
    const published = this.#published(request);
    thread.describeLoss(error, Math.max(published.position, thread.status.sliceOffset));
    this.#lost.add(error, thread, published);
  }

  /** What the batches and records in the ring report. */
  #published({ offset, splits }: RunRequest) {
    const nothing = { position: offset, part: splits?.first ?? 0, sourceRestart: 0, restarts: 0 };
    return readRingMark(this.#payload.ring) ?? nothing;
  }

  #resume(request: RunRequest): RunRequest {
    const published = this.#published(request);
    const { source, splits } = request;
    const sourceRestarts =
      'input' in source ? restartsOf(source.input).filter(({ number }) => number > published.sourceRestart) : [];
    return {
      ...request,
      ...this.#lost.resumption(published),
      offset: published.position,
      sourceRestarts,
      splits: splits && { ...splits, first: published.part },
    };
  }

  /** Whether so many instances in a row came to nothing that it is enough. What came of the input counts elsewhere. */
  #isFruitless({ recovery: { maxGapsInRow } }: RunRequest, failedStarts: number): boolean {
    return this.#lost.idle + failedStarts >= maxGapsInRow;
  }

  /** @throws the error of the instance that failed to start last */
  async #startAgain(request: RunRequest, limit: RestartLimit): Promise<void> {
    const until = performance.now() + request.recovery.narrowingMs;
    for (let failedStarts = 1; ; failedStarts++) {
      try {
        return await this.instance.restart();
      } catch (error) {
        if (this.instance.isClosing) return;
        const now = performance.now();
        // It failed before it was given any input: that says nothing of the input.
        const isLast = now >= until || this.#isFruitless(request, failedStarts) || !limit.allows(now);
        if (!isRecoverable(error) || isLast) throw error;
      }
    }
  }
}
