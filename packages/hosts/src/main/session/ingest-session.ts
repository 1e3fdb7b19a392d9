/**
 * One source, one parser, one stream of batches. Iterating pulls: the next batch is taken from the ring when it is asked
 * for, a full ring stops the worker, and so memory stays bounded however slow the consumer is.
 */

import type { Readable } from 'node:stream';
import { type Batch, type ItemJson, readElement, type StreamElement } from '@chipmunk-host/batch';
import { callListener, type RingFrame } from '@chipmunk-host/runtime/internal';
import { isEncodedFrame } from '../../shared/encode/encoded-frame.js';
import type { EncodedFormat, EncodingOptions } from '../../shared/encode/encoding-options.js';
import type { ParserInfo } from '../../shared/plugin-info.js';
import { reportLogs } from '../host/plugin-call.js';
import type { OpenedInput } from '../input/opened-input.js';
import { takenError, takeSession } from '../streams/chunk-reader.js';
import { collectItems } from '../streams/collected-items.js';
import { sessionReadable } from '../streams/session-readable.js';
import { sessionStream } from '../streams/session-stream.js';
import type { CollectOptions, SessionStreamOptions, StreamAs, StreamChunks } from '../streams/stream-options.js';
import { SessionCheckpoints } from './checkpoint.js';
import type { Checkpoint } from './checkpoint-form.js';
import { batchesAmong, closingGenerator } from './closing-generator.js';
import { type EncodedElement, type EncodedItems, encodedElements, encodedItems } from './encoded-items.js';
import { rawTooLate, sessionEncoding } from './encoding-request.js';
import { FruitlessLimit } from './fruitless-limit.js';
import type { IngestOptions } from './ingest-options.js';
import type { Progress, SessionAccount, SessionSummary, SplitsSummary } from './ingest-progress.js';
import { Lane } from './lane.js';
import type { LaneTurns } from './lane-turns.js';
import { ParserRun } from './parser-run.js';
import { SessionControl } from './session-control.js';
import { laneOf, lend, type SessionOptions, turnsOf } from './session-lanes.js';
import { SessionMeters, type SessionMetrics } from './session-metrics.js';
import { openSession, type SessionParts } from './session-opening.js';
import { type SessionEnd, SessionResources } from './session-resources.js';

const PROGRESS_INTERVAL_MS = 100;

/** One source, one parser, one stream of batches, gaps and restarts. Iterating pulls: memory stays bounded however slow the consumer is. */
export class IngestSession implements AsyncIterableIterator<StreamElement>, AsyncDisposable {
  /** What the plugin said of itself, with the columns that it has with this configuration. */
  readonly info: ParserInfo;
  readonly #options: SessionOptions;
  readonly #input: OpenedInput;
  readonly #account: SessionAccount;
  readonly #meters: SessionMeters;
  readonly #resources: SessionResources;
  readonly #lanes: readonly Lane[];
  readonly #turns: LaneTurns;
  readonly #fruitless: FruitlessLimit;
  readonly #control: SessionControl;
  readonly #checkpoints: SessionCheckpoints;
  /** Position in the input at which it began. */
  readonly #begin: number;
  /** Position behind what was delivered last. */
  #position: number;
  #lastProgress = 0;
  /** What was delivered last. It is the consumer's until the next is asked for, whatever becomes of the session. */
  #current: { readonly element: StreamElement | EncodedItems; readonly frame: RingFrame } | undefined;
  /** Calls of `next` are served one after the other, as async generators serve theirs. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor({ hosts, options, plan, split, workers, input, account, source }: SessionParts) {
    this.#position = plan.offset;
    this.#begin = plan.offset;
    this.#checkpoints = new SessionCheckpoints(input, source);
    this.#account = account;
    this.info = hosts[0].configuredInfo;
    this.#input = input;
    this.#options = options;
    this.#fruitless = new FruitlessLimit(plan.recovery);
    this.#lanes = hosts.map((host, lane) => {
      lend(input, host);
      const splits = split?.plans[lane];
      return new Lane(new ParserRun(host, { ...plan, ...laneOf(input, plan, lane), splits }), splits);
    });
    const { plugin } = hosts[0];
    this.#control = new SessionControl(this.#lanes, input);
    this.#turns = turnsOf(this.#lanes, split, (event) => {
      if (event.kind === 'log') reportLogs({ plugin, ...event }, options.onLog);
      else account.addParseErrors(event.errors);
    });
    if (this.#turns.splits !== undefined) account.splits = () => this.#turns.splits as SplitsSummary;
    this.#meters = new SessionMeters({ account, parsers: hosts, input });
    const { signal } = options;
    this.#resources = new SessionResources({
      account: this.#account,
      meters: this.#meters,
      lanes: this.#lanes,
      input,
      workers,
      signal,
      plugin,
    });
    this.#resources.belongTo(this);
    // Whoever opened it may say first what the workers are to make of batches.
    const runs = this.#lanes.map(({ run }) => run);
    setImmediate(() => {
      for (const run of runs) run.start();
    });
  }

  /**
   * Starts a session: when this resolves, the source is open, the plugin has accepted its configuration and reads it.
   *
   * @throws HostError `ERR_INVALID_OPTION` when an option is not what it may be, `ERR_SOURCE_OPEN` when the source cannot be read,
   * `ERR_BUSY` when no worker is free within `waitMs`, `ERR_QUARANTINE` when nothing can be kept in `quarantineDirectory`; ConfigError;
   * PluginError; the signal's reason.
   */
  static async open(options: IngestOptions): Promise<IngestSession> {
    return new IngestSession(await openSession(options));
  }

  /** Settles when the session has ended and everything of it is gone; never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#resources.ended;
  }

  /** How far it has come, by what was delivered. */
  get progress(): Progress {
    const { totalBytes } = this.#input;
    const total = totalBytes && totalBytes - this.#begin;
    return this.#account.progress(total, this.#input.share?.());
  }

  /**
   * A copy of what the input begins with, up to 512 bytes, to tell what kind of file it is when the plugin makes nothing of it. Of a
   * stream: as far as it has arrived. Empty when the source is a plugin.
   */
  get inputHead(): Uint8Array {
    return Uint8Array.from(this.#input.head?.() ?? []);
  }

  /**
   * Where another session can go on: give it as its option `from`. Take it while the session is open; behind its end, there is that of the
   * end alone.
   * @param element what was used last of what the session delivered. Default: what it delivered last
   * @throws HostError `ERR_CHECKPOINT` when the source cannot go back, such as a connection; `ERR_CLOSED`
   */
  checkpoint(element?: Pick<StreamElement, 'offset' | 'consumedBytes'>): Promise<Checkpoint> {
    return this.#checkpoints.at(element === undefined ? this.#position : element.offset + element.consumedBytes);
  }

  /** The account so far; final when the iteration has ended. */
  get summary(): SessionSummary {
    return this.#account.summary();
  }

  /**
   * What the session costs, where its time goes, and who waits for whom in it; also while the plugin does not return. Takes some
   * microseconds. When the session has ended, it is final, and the same object each time.
   */
  metrics(): SessionMetrics {
    return this.#meters.metrics();
  }

  /**
   * The next batch, gap or restart. A batch that came before it becomes invalid, unless it was retained; nothing else makes a batch invalid.
   * @throws what ended the session early, after everything that was published before; the signal's reason when aborted.
   */
  next(): Promise<IteratorResult<StreamElement, undefined>> {
    if (this.#isEncoded) return Promise.reject(takenError());
    return this.#inTurn() as Promise<IteratorResult<StreamElement, undefined>>;
  }

  #isEncoded = false;

  #inTurn(): Promise<IteratorResult<StreamElement | EncodedItems, undefined>> {
    const result = this.#turn.then(() => this.#next());
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Ends the session before the end of the input, as `break` in a loop does. */
  async return(): Promise<IteratorResult<StreamElement, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** The session itself: a loop over it that ends early ends the session. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * The batches alone, for those who need no place in the stream for what was given up: `summary` counts gaps and restarts all the same.
   * Ending this iteration ends the session, as it does with the session itself.
   * @throws what `next` throws
   */
  batches(): AsyncGenerator<Batch, undefined, undefined> {
    return closingGenerator(batchesAmong(this), () => this.close());
  }

  /**
   * The session as a stream of Node's, in object mode, or with `as: 'bytes'` a stream of bytes. What ends the session early destroys the
   * stream, once, with the same error; a session that is closed before the end of its input destroys it with `ERR_CLOSED`. Destroying the
   * stream ends the session. When it has emitted `close`, everything is given back and `summary` is final.
   * @throws HostError `ERR_INVALID_OPTION`; `ERR_SESSION_TAKEN` when a stream or `collect` has this session already
   */
  readable(options: SessionStreamOptions = {}): Readable {
    return sessionReadable(this, options);
  }

  /**
   * The session as a stream of the web, such as the body of a `Response` (`as: 'bytes'`). Errors and its end are as those of `readable`;
   * cancelling it ends the session.
   * @throws HostError `ERR_INVALID_OPTION`; `ERR_SESSION_TAKEN` when a stream or `collect` has this session already
   */
  stream<As extends StreamAs = 'elements'>(options: SessionStreamOptions<As> = {}): ReadableStream<StreamChunks[As]> {
    return sessionStream(this, options);
  }

  /**
   * The items as text, ndjson, csv, Arrow, or the bytes that they were made of (`raw`), made without a string for any of them. Called as soon as
   * the session is open, before anything else is awaited, it has the parser's workers make the output, all of them with `parallel`. Later the
   * main thread does, of the batches as they come. The output is the same, byte for byte; of Arrow the rows are. Ending this iteration ends
   * the session.
   * @throws HostError `ERR_INVALID_OPTION`, also for `raw` when the workers have begun already; `ERR_SESSION_TAKEN` when a stream or
   * `collect` has this session
   */
  encoded(
    format: EncodedFormat,
    options: Omit<EncodingOptions, 'format'> = {},
  ): AsyncGenerator<EncodedElement, undefined, undefined> {
    const encoding = sessionEncoding(format, options, this.info, this.#options.component);
    if (format === 'raw' && this.#lanes.some(({ run }) => run.isStarted)) throw rawTooLate();
    takeSession(this);
    for (const { run } of this.#lanes) run.start(encoding.plan);
    this.#isEncoded = true;
    const account = this.#account;
    const source = {
      next: () => this.#inTurn(),
      close: () => this.close(),
      get isComplete() {
        return account.status === 'completed';
      },
    };
    return closingGenerator(encodedElements(source, encoding), source.close);
  }

  /**
   * All items as plain objects, as JSON can keep them, and the end of the session: for small inputs. `summary` says what was skipped.
   * @throws HostError `ERR_COLLECT_LIMIT` when there are more than `maxItems` or `maxBytes`; what `next` throws
   */
  collect(options: CollectOptions = {}): Promise<ItemJson[]> {
    return collectItems(this, options);
  }

  /**
   * Reads no more of the input. What was read is parsed and delivered, as if the input ended there, and the iteration ends as it does at
   * the end of an input: the summary says `completed`, with `inputStopped`. Of a regular file it is the slice that the parser is at; no
   * item is cut. Does nothing when the session has ended, or was stopped before. `close` ends it at once.
   */
  stop(): void {
    if (this.#account.status !== 'running' || this.#resources.isClosing) return;
    this.#account.stopInput();
    this.#control.stop();
  }

  /**
   * Takes nothing more from the input until `resume`: nothing is read, and a source that is no file waits, or loses what it cannot keep
   * (UDP). What was read before is still parsed and delivered. A session that is paused can be closed, stopped and aborted.
   */
  pause(): void {
    this.#control.pause();
  }

  /** Goes on with the input behind `pause`. */
  resume(): void {
    this.#control.resume();
  }

  /** Whether it was paused, and not resumed or stopped since. */
  get isPaused(): boolean {
    return this.#control.isPaused;
  }

  /**
   * Ends the session, its worker and its temporary directory. Calling it again does nothing. A pending `next` ends. The batch that was delivered last
   * can still be read.
   */
  close(): Promise<void> {
    this.#closing ??= this.#resources
      .close()
      .then(() => callListener('onProgress', this.#options.onProgress, this.progress));
    return this.#closing;
  }

  #closing: Promise<void> | undefined;

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #next(): Promise<IteratorResult<StreamElement | EncodedItems, undefined>> {
    this.#releaseCurrent();
    for (const { run } of this.#lanes) run.start();
    while (!this.#resources.isClosing) {
      const fruitless = this.#fruitless.error();
      if (fruitless !== undefined) {
        this.#fail(fruitless);
        break;
      }
      const frame = await this.#turns.next();
      if (this.#resources.isClosing) break;
      if (frame !== undefined) return { done: false, value: this.#take(frame) };
      await this.#ended();
      await this.#checkpoints.end(this.#position);
      break;
    }
    await this.close();
    if (this.#account.status === 'aborted') this.#resources.error ??= { thrown: this.#options.signal?.reason };
    const { error } = this.#resources;
    if (error !== undefined && !this.#errorThrown) {
      this.#errorThrown = true;
      throw error.thrown;
    }
    return { done: true, value: undefined };
  }

  #errorThrown = false;

  #take(frame: RingFrame): StreamElement | EncodedItems {
    const element = isEncodedFrame(frame.bytes) ? encodedItems(frame.bytes) : readElement(frame.bytes);
    this.#current = { element, frame };
    this.#account.add(element);
    this.#position = element.offset + element.consumedBytes;
    this.#fruitless.add(element);
    const now = performance.now();
    if (now - this.#lastProgress >= PROGRESS_INTERVAL_MS) {
      this.#lastProgress = now;
      callListener('onProgress', this.#options.onProgress, this.progress);
    }
    return element;
  }

  /** Everything that was published was delivered. */
  async #ended(): Promise<void> {
    const end = await this.#turns.end();
    if (this.#resources.isClosing) return;
    if (end.kind === 'ended') {
      const { reason } = end.outcome;
      if (reason === 'limit') this.#account.reachedLimit();
      this.#account.end(reason === 'stopped' ? 'stopped' : 'completed');
    } else this.#fail(await this.#input.explain(end.error));
  }

  #fail(error: unknown): void {
    this.#resources.error = { thrown: error };
    this.#account.addError(error);
    this.#account.end('failed');
  }

  #releaseCurrent(): void {
    const element = this.#current?.element;
    if (element?.type === 'batch' || element?.type === 'encoded') element.release();
    this.#current?.frame.release();
    this.#current = undefined;
  }
}
