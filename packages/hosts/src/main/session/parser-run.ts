/** One instance's part in a session: a parser host that has been given its input, and the ring that its batches come through. */
import { BatchRingReader, type RingFrame } from '@chipmunk-host/runtime/internal';
import type { EncodingPlan } from '../../shared/encode/encoding-plan.js';
import type { RunOutcome, RunRequest } from '../../shared/protocol/parser-messages.js';
import type { ParserHost } from '../host/parser-host.js';
import { withContext } from '../host/plugin-call.js';
import { type InputHold, ringHold } from '../input/input-hold.js';

/** How a run ended. */
export type RunEnd =
  | { readonly kind: 'ended'; readonly outcome: RunOutcome }
  | { readonly kind: 'failed'; readonly error: unknown };

export class ParserRun implements AsyncDisposable {
  readonly host: ParserHost;
  /** Never rejects. */
  readonly end: Promise<RunEnd>;
  readonly #reader: BatchRingReader;
  #begin: (encoding: EncodingPlan | undefined) => void = () => {};
  #isStarted = false;

  constructor(
    host: ParserHost,
    request: Pick<
      RunRequest,
      'source' | 'origin' | 'window' | 'recovery' | 'offset' | 'splits' | 'selection' | 'maxLatencyMs'
    >,
  ) {
    this.host = host;
    this.#reader = new BatchRingReader(host.ring);
    const whole = { ...request, failures: [], unreported: 0, sourceRestarts: [] };
    const begun = new Promise<EncodingPlan | undefined>((resolve) => {
      this.#begin = resolve;
    });
    const run = begun.then((encoding) => host.instance.call('run', { ...whole, encoding }));
    this.end = withContext(host.plugin, 'parse', run).then(
      (outcome): RunEnd => ({ kind: 'ended', outcome }),
      // That it was closed, and left the call without an answer, is no failure.
      (error: unknown): RunEnd =>
        host.instance.isClosed ? { kind: 'ended', outcome: { reason: 'stopped' } } : { kind: 'failed', error },
    );
    // Where the supervisor is gone, nobody else closes the ring.
    void host.instance.ended.then(() => this.#reader.closeForWriter());
  }

  /**
   * Begins to parse. Only the first call counts.
   * @param encoding what the worker makes of batches. Default: nothing, they are published as they are
   */
  start(encoding?: EncodingPlan): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#begin(encoding);
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** The next frame; undefined when nothing more is published. */
  next(): Promise<RingFrame | undefined> {
    return this.#reader.next();
  }

  /** Tells the worker which split of the file is being delivered, whether it is this run's, and how many items come before it. */
  tellSplit(split: number, isHere: boolean, itemsBefore: number): void {
    this.#reader.tellPart(split, isHere, itemsBefore);
  }

  /** For an input that the worker reads itself. */
  get hold(): InputHold {
    return ringHold(this.host.ring);
  }

  /** Wakes a pending `next` with nothing, and asks the worker to end. */
  stop(): void {
    this.#reader.requestStop();
    this.#reader.closeForWriter();
    // One that never began ends all the same.
    this.start();
  }

  async close(): Promise<void> {
    this.stop();
    await this.host.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
