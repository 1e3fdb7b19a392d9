/**
 * Looks after one byte-source's instance, in the supervisor's thread: when its thread is lost, another one goes on at the byte behind
 * the last that was delivered, with the same ring. Named by main/byte-source-host.ts; the worker's program is
 * worker/byte-source.worker.ts.
 */
import {
  ChunkWriter,
  endRingForWriter,
  type RunnerTask,
  serializeError,
  serveControl,
  type WasiGrants,
} from '@chipmunk-host/runtime/supervisor';
import type {
  ByteSourceControl,
  ByteSourceOutcome,
  ByteSourcePayload,
  ByteSourceThreadControl,
  ByteSourceThreadEvent,
  LostSource,
  SourceRunRequest,
  SourceTrouble,
} from '../shared/byte-source-messages.js';
import type { ConfigItem } from '../shared/config-schema.js';
import type { LogEvent } from '../shared/log-record.js';
import type { ByteSourceInfo } from '../shared/plugin-info.js';
import { RestartLimit } from '../shared/restart-limit.js';
import { forgetRestarts, restartsOf } from './restarts-by-input.js';
import { isRecoverable, MAX_HANGING_THREADS, SupervisedThread } from './supervised-thread.js';

export default function runByteSource({
  controlPort,
  eventPort,
  payload,
  launcher,
}: RunnerTask<ByteSourcePayload>): Promise<void> {
  return new Promise((closed) => {
    const runner = new ByteSourceRunner(payload, launcher, (event) => eventPort.postMessage(event));
    const control: ByteSourceControl = {
      open: () => runner.open(),
      init: (config, grants) => runner.init(config, grants),
      run: () => runner.run(),
      async close() {
        await runner.close();
        // The answer to this call is posted first.
        setImmediate(closed);
      },
    };
    serveControl(controlPort, control);
  });
}

class ByteSourceRunner {
  readonly #payload: ByteSourcePayload;
  readonly #start: () => SupervisedThread<ByteSourceThreadControl>;
  readonly #limit: RestartLimit;
  #thread: SupervisedThread<ByteSourceThreadControl> | undefined;
  #config: readonly ConfigItem[] = [];
  #grants: WasiGrants = {};
  /** Threads that were lost since the last bytes came. */
  #failures: LostSource[] = [];
  /** How many of them `#troubles` knows of. */
  #known = 0;
  #troubles: readonly SourceTrouble[] = [];
  #failingSince = 0;
  #hanging = 0;
  #closing = false;

  constructor(payload: ByteSourcePayload, launcher: RunnerTask['launcher'], post: (event: LogEvent) => void) {
    this.#payload = payload;
    this.#limit = new RestartLimit(payload.recovery);
    this.#start = () =>
      new SupervisedThread(launcher, payload, post, (event) =>
        this.#take(event as Exclude<ByteSourceThreadEvent, LogEvent>),
      );
  }

  open(): Promise<ByteSourceInfo> {
    this.#thread = this.#start();
    return this.#thread.instance.call('open');
  }

  init(config: readonly ConfigItem[], grants: WasiGrants): Promise<void> {
    this.#config = config;
    this.#grants = grants;
    return this.#running.instance.call('init', config, grants);
  }

  /** @throws the error that cannot be recovered from; the ring is at its end then, and says so to its reader */
  async run(): Promise<ByteSourceOutcome> {
    try {
      for (;;) {
        const { instance } = this.#running;
        try {
          return await instance.call('run', this.#request);
        } catch (error) {
          if (instance.loss === undefined) throw error;
          if (!this.#mayReplace(error)) throw await this.#failInRing(error);
          await this.#replace(error);
        }
      }
    } finally {
      // A thread that was lost has not done it itself.
      endRingForWriter(this.#payload.ring);
    }
  }

  /** Has the reader meet the error, too, behind the bytes that came before it. A thread that goes on with its own does so itself. */
  async #failInRing(error: unknown): Promise<unknown> {
    const { instance, status } = this.#running;
    if (instance.loss !== undefined) this.#running.describeLoss(error, status.sliceOffset);
    // This thread looks after others, too, and must not block.
    if (!this.#closing) await new ChunkWriter(this.#payload.ring, { blockingWaitMs: 0 }).fail(error);
    return error;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#thread?.instance.close();
    forgetRestarts(this.#payload.input);
  }

  get #running(): SupervisedThread<ByteSourceThreadControl> {
    if (this.#thread === undefined) throw new Error('The control call came before `open`.');
    return this.#thread;
  }

  get #request(): SourceRunRequest {
    const restarts = restartsOf(this.#payload.input).length;
    return { failures: this.#failures, known: this.#known, troubles: this.#troubles, restarts };
  }

  #take(event: Exclude<ByteSourceThreadEvent, LogEvent>): void {
    if (event.kind === 'troubles') {
      this.#troubles = event.troubles;
      this.#known = this.#failures.length;
      return;
    }
    restartsOf(this.#payload.input).push(event.restart);
    this.#failures = [];
    this.#known = 0;
  }

  #mayReplace(error: unknown): boolean {
    if (this.#closing || !isRecoverable(error)) return false;
    if (this.#thread?.instance.loss?.hangs === true && ++this.#hanging >= MAX_HANGING_THREADS) return false;
    const { maxGapsInRow, narrowingMs } = this.#payload.recovery;
    const now = performance.now();
    // That bytes came since is told by `#take`.
    if (this.#failures.length === 0) this.#failingSince = now;
    const outOfTime = narrowingMs > 0 && now - this.#failingSince > narrowingMs;
    const isFruitless = maxGapsInRow > 0 && this.#failures.length + 1 >= maxGapsInRow;
    return !outOfTime && !isFruitless && this.#limit.allows(now);
  }

  /** Has another thread go on. @throws the error of the instance that failed to start last */
  async #replace(cause: unknown): Promise<void> {
    this.#addFailure(cause, this.#running);
    await this.#running.instance.close();
    for (;;) {
      this.#thread = this.#start();
      const { instance } = this.#thread;
      try {
        await instance.call('open');
        await instance.call('init', this.#config, this.#grants);
        // Closed meanwhile: `close` has only seen the thread that was lost.
        if (this.#closing) await instance.close();
        return;
      } catch (error) {
        await instance.close();
        if (!this.#mayReplace(error)) throw await this.#failInRing(error);
        this.#addFailure(error, undefined);
      }
    }
  }

  /** @param thread undefined for an instance that has failed to start: it has not come to a read */
  #addFailure(error: unknown, thread: SupervisedThread<ByteSourceThreadControl> | undefined): void {
    const { sliceOffset = 0, sliceBytes = 0 } = thread?.status ?? {};
    thread?.describeLoss(error, sliceOffset);
    this.#failures.push({ error: serializeError(error), offset: sliceOffset, asked: sliceBytes });
  }
}
