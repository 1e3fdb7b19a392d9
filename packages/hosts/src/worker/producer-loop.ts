/**
 * The loop of a session: takes a slice of the input, has it parsed, publishes the items as batches, and keeps account of
 * every byte. Its rules are in docs/plugin-contract.md.
 *
 * `#work` is synchronous and runs under a time limit, over as many slices as fit a turn; whatever has to wait is returned
 * from it as a `Pause` and waited for outside.
 */
import {
  HostError,
  PluginContractError,
  PluginError,
  PluginTimeoutError,
  PluginUnrecoverableError,
  type RingWriter,
  withinTimeLimit,
} from '@chipmunk-host/runtime/worker';
import type { RunOutcome, RunRequest, WindowOptions } from '../shared/messages.js';
import { BatchPublisher } from './batch-publisher.js';
import { LenientLimits } from './lenient-limits.js';
import type { LiftedFrame, ParseOutcome, ParserRoom } from './parser-room.js';
import { Recovery, type RecoveryParts } from './recovery.js';
import type { RunStatusWriter } from './run-status.js';
import type { SliceSource } from './slice-source.js';
import { Window } from './window.js';

/** The loop gives the thread's event loop a turn this often, for control calls and log lines, in milliseconds. */
const TURN_MS = 25;
/** A call that returns fewer items than this is gathered: for more, a batch of their own costs less. */
const FEW_ITEMS = 4;

export interface ProducerParts extends RecoveryParts {
  readonly source: SliceSource;
  readonly ring: RingWriter;
  readonly window: WindowOptions;
  /** Time limit on one call of the plugin, in milliseconds; 0 means none. */
  readonly deadlineMs: number;
  /** Position in the input to begin at. */
  readonly offset: number;
  readonly failures: RunRequest['failures'];
  readonly status: RunStatusWriter;
  /** Makes an instance that has been initialised, in the place of one that has so much memory and is no longer used. */
  freshPlugin(discardedBytes: number): Promise<ParserRoom>;
  /** Called between two slices, when the event loop is about to have its turn. */
  onTurn(): void;
  /** The last lines that the plugin logged or wrote. */
  lastLines(): readonly string[];
}

/** What the synchronous part waits for. */
type Pause =
  | { readonly kind: 'turn' | 'slot' | 'flush' }
  | { readonly kind: 'pieces'; readonly frame: LiftedFrame & { kind: 'segments' } }
  | { readonly kind: 'input'; readonly ready: Promise<number> }
  | { readonly kind: 'end'; readonly reason: RunOutcome['reason'] };

/** The slice that the plugin was last given. */
interface Slice {
  /** Position in the input of its first byte. */
  readonly offset: number;
  readonly bytes: number;
  /** Whether the input ends with it. */
  readonly atEnd: boolean;
  /** Whether it is exactly what the plugin left of the slice before: the sign that the input has ended. */
  readonly lastPass: boolean;
}

/** Items of the last slice that are not all published yet. */
interface Lifting {
  readonly count: number;
  /** Position in the input where they began. */
  readonly offset: number;
  gathered: boolean;
}

export class ProducerLoop {
  readonly #parts: ProducerParts;
  readonly #ring: RingWriter;
  readonly #window: Window;
  readonly #out: BatchPublisher;
  readonly #limits = new LenientLimits();
  readonly #recovery: Recovery;
  #instance: ParserRoom | undefined;

  #slice: Slice = { offset: 0, bytes: 0, atEnd: false, lastPass: false };
  #lifting: Lifting | undefined;
  /** Bytes that the plugin left of its last slice, if it knows: a slice of this very length tells it that the input ended. */
  #rest = -1;
  #mustGrow = false;
  /** Slices that the plugin's instance was given, the last pass not counted. */
  #slices = 0;
  /** Position at which the time limit was last reached in the host's own code. */
  #interruptedAt = -1;
  /** Set while the plugin's own code runs: when it is interrupted there, the loop's state is whole. */
  #inPlugin = false;
  #callStartedAt = 0;
  #turnDue = 0;

  constructor(plugin: ParserRoom, parts: ProducerParts) {
    this.#parts = parts;
    this.#ring = parts.ring;
    this.#window = new Window(parts.window);
    this.#out = new BatchPublisher(parts.ring, parts.offset);
    this.#recovery = new Recovery(parts, this.#out);
    this.#instance = plugin;
  }

  /** @throws the plugin's error when it ends the session; what was published before is delivered all the same. */
  async run(): Promise<RunOutcome> {
    await this.#recovery.resume(this.#parts.failures);
    this.#turnDue = performance.now() + TURN_MS;
    for (;;) {
      try {
        const pause = this.#guardedWork();
        const outcome = await this.#await(pause);
        if (outcome !== undefined) return outcome;
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  #guardedWork(): Pause {
    const { deadlineMs, status } = this.#parts;
    status.begin();
    try {
      return withinTimeLimit(deadlineMs === 0 ? 0 : deadlineMs + TURN_MS, () => this.#work());
    } finally {
      status.end();
    }
  }

  #work(): Pause {
    for (;;) {
      if (this.#ring.stopRequested) return { kind: 'end', reason: 'stopped' };
      if (this.#recovery.freshIsDue) return { kind: 'flush' };
      if (performance.now() > this.#turnDue) return { kind: 'turn' };
      if (this.#lifting !== undefined) {
        const pause = this.#lift(this.#lifting);
        if (pause !== undefined) return pause;
        continue;
      }
      const { probeBytes } = this.#recovery;
      // One more than a slice that is tried, to know whether the input ends with it.
      const wanted = probeBytes === undefined ? this.#nextSliceBytes() : probeBytes + 1;
      const { source } = this.#parts;
      // The least that tells the plugin anything is what it left and one byte more; a slice that is tried has to be whole.
      const atLeast = probeBytes === undefined ? Math.min(wanted, Math.max(this.#rest, 0) + 1) : wanted;
      const available = source.available(this.#out.offset, wanted, atLeast);
      if (typeof available !== 'number') return { kind: 'input', ready: available };
      if (available === 0) return { kind: 'end', reason: 'end' };
      const bytes = Math.min(available, probeBytes ?? available);
      const ended = this.#parse(bytes, source.endsAt(this.#out.offset + bytes));
      if (ended !== undefined) return { kind: 'end', reason: ended };
    }
  }

  #nextSliceBytes(): number {
    const wanted = this.#mustGrow ? Math.max(this.#window.bytes, this.#rest + 1) : this.#window.bytes;
    return wanted === this.#rest ? wanted + 1 : wanted;
  }

  #parse(bytes: number, atEnd: boolean): 'eof' | undefined {
    const lastPass = bytes === this.#rest;
    if (!lastPass) this.#slices++;
    this.#slice = { offset: this.#out.offset, bytes, atEnd, lastPass };
    this.#parts.status.slice(bytes);
    this.#mustGrow = false;
    const memory = this.#call(() => this.#plugin.prepare(bytes));
    const filled = this.#parts.source.read(memory, this.#out.offset);
    // The input turned out to be shorter than it was: what the plugin left is not what it gets.
    if (filled < bytes) this.#rest = -1;
    if (filled === 0) return undefined;
    return this.#took(this.#call(() => this.#plugin.parse(filled)));
  }

  #took(outcome: ParseOutcome): 'eof' | undefined {
    switch (outcome.kind) {
      case 'items':
        this.#lifting = { count: outcome.count, offset: this.#out.offset, gathered: false };
        return undefined;
      case 'incomplete':
        this.#release();
        this.#incomplete();
        return undefined;
      case 'parse':
        this.#release();
        this.#limits.parseError(outcome.message, this.#out.items, this.#out.offset);
        this.#drop();
        this.#window.foundNothing();
        return undefined;
      case 'eof':
        this.#release();
        return 'eof';
      case 'unrecoverable':
        throw new PluginUnrecoverableError(outcome.message, { phase: 'parse' });
    }
  }

  /** Publishes the items of the last slice, as far as the ring has room; undefined when all are. */
  #lift(lifting: Lifting): Pause | undefined {
    if (lifting.count > 0 && lifting.count < FEW_ITEMS) {
      if (!lifting.gathered) this.#out.gather(this.#plugin);
      lifting.gathered = true;
      if (this.#out.mustFlush || (this.#recovery.troubled && this.#out.hasGathered)) return { kind: 'flush' };
    } else if (lifting.count > 0) {
      if (this.#out.hasGathered) return { kind: 'flush' };
      for (;;) {
        const slot = this.#ring.tryAcquire();
        if (slot === undefined) return { kind: 'slot' };
        const frame = this.#plugin.next(slot, this.#ring.shape.slotBytes, this.#out.offset);
        if (frame === undefined) break;
        if (frame.kind === 'segments') return { kind: 'pieces', frame };
        this.#out.place(frame);
        if (performance.now() > this.#turnDue) return { kind: 'turn' };
      }
    }
    this.#lifting = undefined;
    this.#release();
    return this.#consumed(this.#out.offset - lifting.offset, lifting.count);
  }

  #consumed(bytes: number, items: number): Pause | undefined {
    this.#limits.succeeded();
    this.#rest = this.#slice.bytes - bytes;
    this.#parts.source.consume(this.#out.publishedOffset);
    if (bytes > 0) {
      this.#recovery.progressed();
      this.#window.used(bytes, this.#slice.bytes);
    } else if (this.#slice.lastPass) {
      return { kind: 'end', reason: 'end' };
    } else {
      this.#needsMore(items === 0 ? 'no items' : 'items of no bytes');
    }
    return undefined;
  }

  #incomplete(): void {
    if (this.#slice.atEnd) {
      this.#drop(this.#limits.incompleteAtEnd() ? 1 : this.#slice.bytes);
      return;
    }
    this.#rest = this.#slice.bytes;
    if (!this.#window.shortened && !this.#recovery.probing) this.#limits.incomplete(this.#out.offset);
    this.#needsMore("'incomplete'");
  }

  /** The slice yielded nothing: the next one has to be longer. At the end of the input it is as long. */
  #needsMore(returned: string): void {
    if (this.#slice.atEnd) return;
    if (this.#recovery.probing) {
      this.#recovery.passed(this.#slice.bytes);
      return;
    }
    this.#mustGrow = true;
    if (this.#slice.bytes < this.#window.bytes || this.#window.grow()) return;
    this.#recovery.giveUpWholeSlice();
    throw new PluginContractError(
      `The plugin returned ${returned} and consumed nothing of ${this.#slice.bytes} bytes, which is the longest window.`,
      { phase: 'parse', help: 'Raise window.hardMaxBytes if items are meant to be that long.' },
    );
  }

  /** Bytes that are in no item. */
  #drop(bytes = 1): void {
    this.#out.skip(bytes);
    this.#rest = -1;
    this.#recovery.progressed();
    this.#parts.source.consume(this.#out.publishedOffset);
  }

  #release(): void {
    this.#call(() => this.#plugin.release());
  }

  #call<Result>(call: () => Result): Result {
    this.#callStartedAt = performance.now();
    this.#inPlugin = true;
    const result = call();
    this.#inPlugin = false;
    return result;
  }

  async #await(pause: Pause): Promise<RunOutcome | undefined> {
    switch (pause.kind) {
      case 'turn':
        await this.#giveTurn();
        break;
      case 'slot':
        await this.#ring.acquire();
        break;
      case 'flush':
        await this.#out.flush();
        break;
      case 'pieces':
        await this.#out.publishPieces(pause.frame);
        break;
      case 'input':
        await this.#out.flush();
        await pause.ready;
        break;
      case 'end':
        return this.#end(pause.reason);
    }
    if (this.#recovery.freshIsDue) await this.#startAfresh(this.#recovery.dueGap());
    return undefined;
  }

  /** The rest of the input, as far as it is known, is in no item. */
  async #end(reason: RunOutcome['reason']): Promise<RunOutcome> {
    if (reason === 'stopped') return { reason };
    const { size } = this.#parts.source;
    const behindEof = size === undefined ? this.#slice.bytes : size - this.#out.offset;
    const rest = reason === 'eof' ? behindEof : this.#slice.lastPass ? this.#rest : 0;
    if (rest > 0) this.#out.skip(rest);
    await this.#recovery.report();
    await this.#out.flush();
    return { reason };
  }

  async #giveTurn(): Promise<void> {
    this.#parts.onTurn();
    await new Promise((resolve) => setImmediate(resolve));
    await this.#out.flush();
    await this.#recovery.report();
    this.#turnDue = performance.now() + TURN_MS;
  }

  /** @throws the error when it cannot be recovered from */
  async #recover(thrown: unknown): Promise<void> {
    // Of phase 'read' are errors of a byte-source, for which this parser is not to blame. They only come while input is
    // waited for, when everything is published.
    if (thrown instanceof PluginError && thrown.phase === 'read') throw thrown;
    const inPlugin = this.#inPlugin;
    this.#inPlugin = false;
    let error = thrown;
    if (!inPlugin && !leavesBatchesWhole(thrown)) this.#out.rollBack();
    const position = this.#out.offset;
    // The limit is on a whole turn: a call that began late in a long one may not have had its time.
    const hadItsTime = inPlugin && performance.now() - this.#callStartedAt >= this.#parts.deadlineMs - TIMER_SLACK_MS;
    if (thrown instanceof PluginTimeoutError && !hadItsTime) {
      error = new PluginTimeoutError(TOO_SLOW, { phase: 'parse', cause: thrown });
      // Once, that says nothing of the plugin (a slow disk, say). Twice at one position, less of it may do.
      if (this.#interruptedAt !== position) {
        this.#interruptedAt = position;
        await this.#recovery.interrupted(error as PluginTimeoutError);
        return this.#startAfresh(undefined);
      }
    }
    if (error instanceof PluginError) {
      error.phase ??= 'parse';
      error.details ??= this.#describeFailure();
    }
    const { offset, bytes } = this.#slice;
    const rest = Math.max(1, bytes - (position - offset));
    const gap = await this.#recovery.failed(error, rest, this.#slices === 1 && position === offset);
    await this.#startAfresh(gap);
  }

  get #plugin(): ParserRoom {
    if (this.#instance === undefined) throw new Error('An instance is used while it is being replaced.');
    return this.#instance;
  }

  async #startAfresh(gapBytes: number | undefined): Promise<void> {
    this.#lifting = undefined;
    this.#rest = -1;
    this.#mustGrow = false;
    this.#slices = 0;
    if (gapBytes !== undefined) await this.#recovery.reportGap(gapBytes);
    this.#parts.source.consume(this.#out.publishedOffset);
    const { memoryBytes } = this.#plugin;
    this.#instance = undefined;
    this.#instance = await this.#parts.freshPlugin(memoryBytes);
    this.#turnDue = performance.now() + TURN_MS;
  }

  #describeFailure() {
    const excerpt = Buffer.alloc(Math.min(EXCERPT_BYTES, this.#slice.bytes));
    const filled = this.#slice.bytes === 0 ? 0 : this.#parts.source.read(excerpt, this.#out.offset);
    return {
      offset: this.#out.offset,
      sliceBytes: this.#slice.bytes,
      excerpt: excerpt.subarray(0, filled).toString('hex'),
      durationMs: performance.now() - this.#callStartedAt,
      memoryBytes: this.#plugin.memoryBytes,
      lastLines: this.#parts.lastLines(),
    };
  }
}

/** Bytes of input that an error carries. */
const EXCERPT_BYTES = 32;
/** Timers are exact to a millisecond. */
const TIMER_SLACK_MS = 2;
const TOO_SLOW = 'Reading the input and taking over the items took longer than a call of the plugin may.';

/** Whether an error of the host's own code came at a point where what was gathered is as it should be. */
function leavesBatchesWhole(error: unknown): boolean {
  return error instanceof PluginContractError || error instanceof PluginUnrecoverableError || isHostsOwn(error);
}

function isHostsOwn(error: unknown): boolean {
  return error instanceof HostError && !(error instanceof PluginError);
}
