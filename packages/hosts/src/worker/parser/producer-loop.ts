/**
 * The loop of a session: takes a slice of the input, has it parsed, publishes the items as batches, and keeps account of
 * every byte. Its rules are in docs/plugin-contract.md.
 *
 * `#work` is synchronous and goes over as many slices as fit a turn; whatever has to wait is returned from it as a `Pause` and
 * waited for outside. The status tells the supervisor, who keeps the time limit, what is going on.
 */
import {
  Activity,
  type BatchRingWriter,
  PluginContractError,
  PluginError,
  PluginUnrecoverableError,
  type RunStatusWriter,
} from '@chipmunk-host/runtime/internal/worker';
import type { LiftedFrame, ParseOutcome, ParserAdapter } from '../../api/contract/parser-adapter.js';
import type { RunOutcome, RunRequest, WindowOptions } from '../../shared/protocol/parser-messages.js';
import type { ByteInput } from '../input/byte-input.js';
import { restartRecord, type SourceRestarts } from '../input/source-restarts.js';
import { BatchPublisher } from '../output/batch-publisher.js';
import { InstanceReplacement, type ReplacementParts } from '../recovery/instance-replacement.js';
import { Recovery, type RecoveryParts } from '../recovery/recovery.js';
import { LenientLimits } from './lenient-limits.js';
import { describeFailure, LastFailure, lastFailure, leavesBatchesWhole, withExcerpts } from './loop-failure.js';
import { SlicePlan } from './slice-plan.js';

/** The loop gives the thread's event loop a turn this often, for control calls and log lines, in milliseconds. */
const TURN_MS = 25;
/** A call that returns fewer items than this is gathered: for more, a batch of their own costs less. */
const FEW_ITEMS = 4;

export interface ProducerParts extends RecoveryParts, ReplacementParts {
  readonly source: ByteInput;
  readonly window: WindowOptions;
  /** Position in the input to begin at. */
  readonly offset: number;
  /** Whether the session has got items from what comes before, or may have: then it is not the wrong parser that finds none at first. */
  readonly continues: boolean;
  readonly failures: RunRequest['failures'];
  /** How many of these no record tells of. */
  readonly unreported: number;
  readonly status: RunStatusWriter;
  /** Restarts of the source, which are told of in the stream. */
  readonly sourceRestarts: SourceRestarts;
  /** Called of each error for which a byte of the input is skipped. */
  onParseError(message: string, offset: number): void;
  /** The last lines that the plugin logged or wrote. */
  lastLines(): readonly string[];
  /** Whether errors carry the first bytes of the input on which the plugin failed. */
  readonly excerpts: boolean;
}

/** What the synchronous part waits for. */
type Pause =
  | { readonly kind: 'turn' | 'slot' | 'flush' | 'source-restart' | 'recycle' }
  | { readonly kind: 'pieces'; readonly frame: LiftedFrame & { kind: 'segments' } }
  | { readonly kind: 'input'; readonly ready: Promise<number> }
  | { readonly kind: 'end'; readonly reason: RunOutcome['reason'] };

/** Items of the last slice that are not all published yet. */
interface Lifting {
  readonly count: number;
  /** Position in the input where they began. */
  readonly offset: number;
  gathered: boolean;
}

export class ProducerLoop {
  readonly #parts: ProducerParts;
  readonly #ring: BatchRingWriter;
  readonly #plan: SlicePlan;
  readonly #out: BatchPublisher;
  readonly #limits = new LenientLimits();
  readonly #recovery: Recovery;
  readonly #replacement: InstanceReplacement;
  #lifting: Lifting | undefined;
  /** Set while the plugin's own code runs: when it throws there, the loop's state is whole. */
  #inPlugin = false;
  #callStartedAt = 0;
  #leftBytes = 0;
  #turnDue = 0;

  constructor(parts: ProducerParts) {
    this.#parts = parts;
    this.#ring = parts.ring;
    this.#plan = new SlicePlan(parts.window);
    this.#out = new BatchPublisher(parts.ring, parts.offset);
    this.#recovery = new Recovery(parts, this.#out);
    this.#replacement = new InstanceReplacement(parts, this.#recovery, this.#out);
  }

  /** Bytes at the end of the input that the plugin made nothing of. */
  get leftBytes(): number {
    return this.#leftBytes;
  }

  /** @throws the plugin's error when it ends the session; what was published before is delivered all the same. */
  async run(): Promise<RunOutcome> {
    try {
      return await this.#run();
    } catch (thrown) {
      const failure = lastFailure(thrown);
      if (failure === undefined) throw thrown;
      await this.#reportSourceRestarts(Number.POSITIVE_INFINITY);
      throw failure.error;
    }
  }

  async #run(): Promise<RunOutcome> {
    const { failures, unreported, source, excerpts } = this.#parts;
    await this.#recovery.resume(excerpts ? withExcerpts(failures, source) : failures, unreported);
    this.#turnDue = performance.now() + TURN_MS;
    for (;;) {
      try {
        const pause = this.#watchedWork();
        const outcome = await this.#await(pause);
        if (outcome !== undefined) return outcome;
      } catch (error) {
        if (lastFailure(error) !== undefined) throw error;
        await this.#recover(error);
      }
    }
  }

  #watchedWork(): Pause {
    const { status } = this.#parts;
    status.phase('parse');
    status.enter(Activity.host);
    try {
      return this.#work();
    } finally {
      status.enter(Activity.idle);
    }
  }

  #work(): Pause {
    for (;;) {
      if (this.#ring.stopRequested) return { kind: 'end', reason: 'stopped' };
      if (this.#recovery.freshIsDue) return { kind: 'flush' };
      if (performance.now() > this.#turnDue) return { kind: 'turn' };
      if (this.#sourceRestartIsDue) return { kind: 'source-restart' };
      if (this.#lifting !== undefined) {
        const pause = this.#lift(this.#lifting);
        if (pause !== undefined) return pause;
        continue;
      }
      const { probeBytes } = this.#recovery;
      // One more than a slice that is tried, to know whether the input ends with it.
      const wanted = probeBytes === undefined ? this.#plan.wantedBytes : probeBytes + 1;
      const { source } = this.#parts;
      // A slice that is tried has to be whole.
      const atLeast = probeBytes === undefined ? Math.min(wanted, this.#plan.leastBytes) : wanted;
      const available = source.available(this.#out.offset, wanted, atLeast);
      if (typeof available !== 'number') return { kind: 'input', ready: available };
      if (available === 0) return { kind: 'end', reason: 'end' };
      if (probeBytes === undefined && this.#replacement.recyclingIsDue) return { kind: 'recycle' };
      const bytes = Math.min(available, probeBytes ?? available);
      const ended = this.#parse(bytes, source.endsAt(this.#out.offset + bytes));
      if (ended !== undefined) return { kind: 'end', reason: ended };
    }
  }

  #parse(bytes: number, atEnd: boolean): 'eof' | undefined {
    this.#plan.begin(this.#out.offset, bytes, atEnd);
    const { seat, source, status } = this.#parts;
    status.slice(bytes, this.#plan.isFirst, seat.memoryBytes, this.#out.offset);
    const memory = this.#call(() => this.#plugin.prepare(bytes));
    status.enter(Activity.input);
    const filled = source.read(memory, this.#out.offset);
    if (filled < bytes && !this.#cutShort(filled)) return undefined;
    return this.#took(this.#call(() => this.#plugin.parse(filled)));
  }

  /** The input turned out to be shorter, or cannot be read any further. Returns whether the plugin gets what there is. */
  #cutShort(filled: number): boolean {
    const atEnd = this.#parts.source.endsAt(this.#out.offset + filled);
    // Just what it left would tell the plugin that the input has ended.
    if (!atEnd && filled <= this.#plan.rest) return false;
    this.#plan.cutShort(filled, atEnd);
    return filled > 0;
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
        this.#limits.parseError(outcome.message, this.#parts.continues || this.#out.items > 0, this.#out.offset);
        this.#parts.onParseError(outcome.message, this.#out.offset);
        this.#drop();
        this.#plan.foundNothing();
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
        // Leaving the time limit and entering it again takes longer than most consumers do.
        const slot = this.#ring.tryAcquire() ?? this.#ring.acquireWithin(this.#turnDue - performance.now());
        if (slot === undefined) return { kind: 'slot' };
        const frame = this.#plugin.next(slot, this.#ring.shape.slotBytes, this.#out.offset);
        if (frame === undefined) break;
        if (frame.kind === 'segments') return { kind: 'pieces', frame };
        this.#out.place(frame);
        if (this.#sourceRestartIsDue) return { kind: 'source-restart' };
        if (performance.now() > this.#turnDue) return { kind: 'turn' };
      }
    }
    this.#lifting = undefined;
    this.#release();
    return this.#consumed(this.#out.offset - lifting.offset, lifting.count);
  }

  #consumed(bytes: number, items: number): Pause | undefined {
    this.#limits.succeeded();
    this.#plan.consumed(bytes);
    this.#parts.source.consume(this.#out.publishedOffset);
    if (bytes > 0) {
      this.#recovery.progressed();
    } else if (this.#plan.slice.lastPass) {
      return { kind: 'end', reason: 'end' };
    } else {
      this.#needsMore(items === 0 ? 'no items' : 'items of no bytes');
    }
    return undefined;
  }

  #incomplete(): void {
    const { atEnd, bytes } = this.#plan.slice;
    if (atEnd) {
      const dropped = this.#limits.incompleteAtEnd() ? 1 : bytes;
      this.#leftBytes += dropped;
      this.#drop(dropped);
      return;
    }
    this.#plan.consumed(0);
    if (!this.#plan.shortened && !this.#recovery.probing) this.#limits.incomplete(this.#out.offset);
    this.#needsMore("'incomplete'");
  }

  /** The slice yielded nothing: the next one has to be longer. At the end of the input it is as long. */
  #needsMore(returned: string): void {
    const { atEnd, bytes } = this.#plan.slice;
    if (atEnd) return;
    if (this.#recovery.probing) {
      this.#recovery.passed(bytes);
      return;
    }
    if (this.#plan.grow()) return;
    this.#recovery.giveUpWholeSlice();
    throw new PluginContractError(
      `The plugin returned ${returned} and consumed nothing of ${bytes} bytes, which is the longest window.`,
      { phase: 'parse', help: 'Raise window.hardMaxBytes if items are meant to be that long.' },
    );
  }

  /** Bytes that are in no item. */
  #drop(bytes = 1): void {
    this.#out.skip(bytes);
    this.#plan.forgetRest();
    this.#recovery.progressed();
    this.#parts.source.consume(this.#out.publishedOffset);
  }

  #release(): void {
    this.#call(() => this.#plugin.release());
  }

  #call<Result>(call: () => Result): Result {
    const { status } = this.#parts;
    this.#callStartedAt = performance.now();
    this.#inPlugin = true;
    status.enter(Activity.plugin);
    const result = call();
    status.enter(Activity.host);
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
        // It may be rejected while that is waited for.
        pause.ready.catch(() => {});
        await this.#out.flush();
        await pause.ready.catch((cause) => {
          if (!this.#ring.stopRequested) throw new LastFailure(cause);
        });
        break;
      case 'source-restart':
        await this.#reportSourceRestarts(this.#out.offset);
        break;
      case 'recycle':
        await this.#out.flush();
        await this.#startAfresh(undefined);
        await this.#replacement.reportRecycling();
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
    const { bytes, lastPass } = this.#plan.slice;
    const behindEof = size === undefined ? bytes : size - this.#out.offset;
    const rest = reason === 'eof' ? behindEof : lastPass ? this.#plan.rest : 0;
    if (reason === 'end') this.#leftBytes += rest;
    if (rest > 0) this.#out.skip(rest);
    await this.#recovery.report();
    await this.#reportSourceRestarts(this.#out.offset);
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

  get #sourceRestartIsDue(): boolean {
    return this.#parts.sourceRestarts.dueAt <= this.#out.offset;
  }

  /** Publishes the records of those that concern input up to `offset`. */
  async #reportSourceRestarts(offset: number): Promise<void> {
    for (const restart of this.#parts.sourceRestarts.take(offset)) {
      await this.#out.flush();
      await this.#out.publishRecord(restartRecord(restart, this.#out.offset), restart.number);
    }
  }

  /** @throws the error when it cannot be recovered from */
  async #recover(error: unknown): Promise<void> {
    const inPlugin = this.#inPlugin;
    this.#inPlugin = false;
    if (!inPlugin && !leavesBatchesWhole(error)) this.#out.rollBack();
    const position = this.#out.offset;
    const { slice, isFirst } = this.#plan;
    if (error instanceof PluginError) {
      error.phase ??= 'parse';
      const { excerpts, source, seat } = this.#parts;
      const durationMs = performance.now() - this.#callStartedAt;
      const circumstances = { durationMs, memoryBytes: seat.memoryBytes, lastLines: this.#parts.lastLines() };
      error.details ??= describeFailure(position, slice, excerpts ? source : undefined, circumstances);
    }
    const rest = Math.max(1, slice.bytes - (position - slice.offset));
    const gap = await this.#recovery.failed(error, rest, isFirst && position === slice.offset);
    await this.#startAfresh(gap);
  }

  get #plugin(): ParserAdapter {
    return this.#parts.seat.room;
  }

  async #startAfresh(gapBytes: number | undefined): Promise<void> {
    this.#lifting = undefined;
    this.#plan.startAfresh();
    if (gapBytes !== undefined) await this.#recovery.reportGap(gapBytes);
    this.#parts.source.consume(this.#out.publishedOffset);
    await this.#replacement.replace();
    this.#turnDue = performance.now() + TURN_MS;
  }
}
