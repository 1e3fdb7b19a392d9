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
    renderOptions: () => runner.instance.thread.instance.call('renderOptions'),
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
    let wasLost = false;
    let failedStarts = 0;
    let startsUntil = 0;
    const mayGoOn = (error: unknown) =>
      isRecoverable(error) && !this.#isFruitless(request, failedStarts) && limit.allows(performance.now());
    try {
      const outcome = await this.instance.run(
        (thread) => thread.instance.call('run', wasLost ? this.#resume(request) : request),
        (error, thread) => {
          failedStarts = 0;
          this.#note(error, thread, request);
          if (this.#lost.tooManyHang || !mayGoOn(error)) throw error;
          wasLost = true;
          startsUntil = performance.now() + request.recovery.narrowingMs;
        },
        (error) => {
          failedStarts++;
          // It failed before it was given any input: that says nothing of the input.
          if (performance.now() >= startsUntil || !mayGoOn(error)) throw error;
        },
      );
      return outcome ?? { reason: 'stopped' };
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
    const nothing = { position: offset, part: splits?.first ?? 0, sourceRestart: 0, restarts: 0, selected: 0 };
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
}
