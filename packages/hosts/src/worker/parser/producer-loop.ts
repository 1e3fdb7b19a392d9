/**
 * The loop of a session: takes a slice of the input, has it parsed, publishes the items as batches, and keeps account of
 * every byte. Its rules are in docs/plugin-contract.md.
 *
 * `#work` does not wait and goes over as many slices as fit a turn; whatever has to wait is returned from it as a `Pause` and
 * waited for outside.
 */
import { addContext, type BatchRingWriter, PluginError } from '@chipmunk-host/runtime/internal/worker';
import type { ParserAdapter } from '../../api/contract/parser-adapter.js';
import type { RunOutcome, RunRequest, WindowOptions } from '../../shared/protocol/parser-messages.js';
import type { RecoveryOptions } from '../../shared/protocol/recovery-options.js';
import type { RestartLimit } from '../../shared/restart-limit.js';
import type { ByteInput, FollowingInput } from '../input/byte-input.js';
import { noticeRecord, type SourceRestarts } from '../input/source-restarts.js';
import type { CallMonitor } from '../instance/call-monitor.js';
import type { InstanceSlot } from '../instance/instance-manager.js';
import { alternate, type Turns } from '../instance/turns.js';
import { BatchPublisher } from '../output/batch-publisher.js';
import { frameSource } from '../output/frame-source.js';
import type { SlotTransform } from '../output/slot-transform.js';
import { replaceInstance } from '../recovery/fresh-instance.js';
import { Recovery, type RecoveryParts } from '../recovery/recovery.js';
import { ItemLift, type ItemLiftParts, type LiftPause } from './item-lift.js';
import { excerptAt, LastFailure, lastFailure, leavesBatchesWhole, withExcerpts } from './loop-failure.js';
import { SliceOutcomes } from './slice-outcome.js';
import { SlicePlan } from './slice-plan.js';

export interface ProducerParts {
  /** Name or path, for errors. */
  readonly plugin: string;
  /** Where the plugin is, which has been initialised. */
  readonly instance: InstanceSlot<ParserAdapter>;
  readonly calls: CallMonitor;
  readonly turns: Turns;
  readonly ring: BatchRingWriter;
  readonly input: ByteInput;
  /** What makes of batches what is published in their place. Undefined: batches are published. */
  readonly transform: SlotTransform | undefined;
  /** The session ends when a selection has let so many items through. */
  readonly mostSelected: number;
  /** What batches say of the input. */
  readonly origin: RunRequest['origin'];
  /** Position in the input to begin at. */
  readonly offset: number;
  /** Restarts of the source, which are reported in the stream. */
  readonly sourceRestarts: SourceRestarts;
  readonly window: WindowOptions;
  /** How long an item may wait for others that are published with it, in milliseconds. */
  readonly maxLatencyMs: number;
  readonly recovery: RecoveryOptions;
  readonly restartLimit: RestartLimit;
  /** Bytes of memory beyond which an instance is replaced between two slices; Infinity: never. */
  readonly recycleBytes: number;
  /** See SliceOutcomeParts. */
  readonly continues: boolean;
  readonly failures: RunRequest['failures'];
  /** How many of these no record reports. */
  readonly unreported: number;
  /** Whether errors carry the first bytes of the input on which the plugin failed. */
  readonly excerpts: boolean;
  /** See SliceOutcomeParts. */
  onParseError(message: string, offset: number): void;
  readonly onLostInput: RecoveryParts['onLostInput'];
}

/** What the synchronous part waits for. */
type Pause =
  | LiftPause
  | { readonly kind: 'recycle' }
  | { readonly kind: 'input'; readonly ready: Promise<number> }
  | { readonly kind: 'end-of-part' }
  | { readonly kind: 'end'; readonly reason: RunOutcome['reason'] };

export class ProducerLoop {
  readonly #parts: ProducerParts;
  readonly #plan: SlicePlan;
  readonly #out: BatchPublisher;
  readonly #recovery: Recovery;
  readonly #outcomes: SliceOutcomes;
  /** Items of the last slice that are not all published yet. */
  #lift: ItemLift | undefined;
  readonly #liftParts: ItemLiftParts;
  readonly #sourceRestartIsDue = () => this.#parts.sourceRestarts.dueAt <= this.#out.offset;

  constructor(parts: ProducerParts) {
    const { window, ring, offset, recovery, restartLimit, onLostInput, input, continues, onParseError } = parts;
    const { transform, mostSelected } = parts;
    this.#parts = parts;
    this.#plan = new SlicePlan(window);
    const source = frameSource(input.origin ?? parts.origin);
    this.#out = new BatchPublisher(ring, offset, source, transform, mostSelected, input.indexes);
    this.#liftParts = { ring, out: this.#out, turns: parts.turns, sourceRestartIsDue: this.#sourceRestartIsDue };
    this.#recovery = new Recovery({ recovery, restartLimit, onLostInput }, this.#out);
    this.#outcomes = new SliceOutcomes({
      input,
      plan: this.#plan,
      out: this.#out,
      recovery: this.#recovery,
      continues,
      onParseError,
    });
  }

  /** Bytes at the end of the input that the plugin made nothing of. */
  get leftBytes(): number {
    return this.#outcomes.leftBytes;
  }

  /** Items of the parser that is there, and whether it took over from another one. */
  get itemsOfInstance(): { readonly items: number; readonly isFresh: boolean } {
    return { items: this.#out.itemsOfInstance, isFresh: this.#out.isFresh };
  }

  /** @throws the plugin's error when it ends the session; what was published before is delivered all the same. */
  async run(): Promise<RunOutcome> {
    const { failures, unreported, input, excerpts, calls } = this.#parts;
    try {
      await this.#recovery.resume(excerpts ? withExcerpts(failures, input) : failures, unreported);
      return await alternate<Pause, RunOutcome>(
        () => calls.stretch('parse', () => this.#work()),
        (pause) => this.#await(pause),
        (error) => this.#recover(error),
      );
    } catch (thrown) {
      const failure = lastFailure(thrown);
      if (failure === undefined) throw thrown;
      await this.#reportSourceRestarts(Number.POSITIVE_INFINITY);
      throw failure.error;
    }
  }

  #work(): Pause {
    const { calls, ring, turns, input, maxLatencyMs } = this.#parts;
    for (;;) {
      if (ring.stopRequested) return { kind: 'end', reason: 'stopped' };
      if (this.#out.isEnough) return { kind: 'end', reason: 'limit' };
      if (this.#lift === undefined && ring.endRequested) return { kind: 'end', reason: 'ended' };
      if (this.#recovery.freshIsDue) return { kind: 'flush' };
      if (turns.isDue) return { kind: 'turn' };
      calls.looked(turns.lookedAt);
      if (this.#sourceRestartIsDue()) return { kind: 'source-restart' };
      if (this.#lift !== undefined) {
        const pause = this.#goOn(this.#lift);
        if (pause !== undefined) return pause;
        continue;
      }
      // What was gathered is published at every turn and before every wait for input, too.
      if (this.#out.gatheredFor(turns.lookedAt) >= maxLatencyMs) return { kind: 'flush' };
      const { probeBytes } = this.#recovery;
      // One more than a slice that is tried, to know whether the input ends with it.
      const wanted = probeBytes === undefined ? this.#plan.wantedBytes : probeBytes + 1;
      // A slice that is tried has to be whole.
      const atLeast = probeBytes === undefined ? Math.min(wanted, this.#plan.leastBytes) : wanted;
      const available = input.available(this.#out.offset, wanted, atLeast);
      if (typeof available !== 'number') return { kind: 'input', ready: available };
      if (available < atLeast && this.#needsMore(available)) return { kind: 'end-of-part' };
      if (available === 0) return { kind: 'end', reason: 'end' };
      if (probeBytes === undefined && this.#recyclingIsDue) return { kind: 'recycle' };
      const bytes = Math.min(available, probeBytes ?? available);
      if (this.#parse(bytes, input.endsAt(this.#out.offset + bytes)) === 'eof') return { kind: 'end', reason: 'eof' };
    }
  }

  /** Whether the parser cannot end where its part of the input does: it has left something, or knows what decides how later input is read. */
  #needsMore(available: number): boolean {
    const { input } = this.#parts;
    if (input.mayGoOn?.() !== true) return false;
    return available > 0 || this.#keepsState();
  }

  /** Asks the parser by a slice without bytes. One that says no is as new. @throws LastFailure when it fails */
  #keepsState(): boolean {
    const { calls, turns } = this.#parts;
    const position = this.#out.offset;
    calls.slice(0, this.#plan.isFirst, position);
    try {
      calls.prepare(turns.lookedAt, () => this.#plugin.prepare(0));
      const outcome = calls.call(() => this.#plugin.parse(0));
      if (outcome.kind !== 'unrecoverable') this.#release();
      this.#plan.forgetRest();
      return outcome.kind !== 'items' || outcome.count > 0;
    } catch (error) {
      throw new LastFailure(error);
    }
  }

  #parse(bytes: number, atEnd: boolean): 'eof' | undefined {
    const { calls, input, turns } = this.#parts;
    const { offset } = this.#out;
    this.#plan.begin(offset, bytes, atEnd);
    calls.slice(bytes, this.#plan.isFirst, offset);
    const memory = calls.prepare(turns.lookedAt, () => this.#plugin.prepare(bytes));
    calls.readsInput();
    const filled = input.read(memory, offset);
    if (filled < bytes && !this.#cutShort(filled)) return undefined;
    const timeMs = input.timeBefore?.(offset + filled);
    const outcome = calls.call(() => this.#plugin.parse(filled, timeMs));
    if (outcome.kind !== 'items') {
      if (outcome.kind !== 'unrecoverable') this.#release();
      return this.#outcomes.handle(outcome);
    }
    this.#lift = new ItemLift(outcome.count, offset, this.#liftParts);
    return undefined;
  }

  /** The input turned out to be shorter, or cannot be read any further. Returns whether the plugin gets what there is. */
  #cutShort(filled: number): boolean {
    const atEnd = this.#parts.input.endsAt(this.#out.offset + filled);
    // Just what it left would tell the plugin that the input has ended.
    if (!atEnd && filled <= this.#plan.rest) return false;
    this.#plan.cutShort(filled, atEnd);
    return filled > 0;
  }

  #goOn(lift: ItemLift): Pause | undefined {
    const pause = lift.goOn(this.#plugin, this.#recovery.hasFailedHere);
    if (pause !== undefined) return pause;
    this.#lift = undefined;
    this.#release();
    const ended = this.#outcomes.consumed(this.#out.offset - lift.offset, lift.count);
    return ended ? { kind: 'end', reason: 'end' } : undefined;
  }

  async #await(pause: Pause): Promise<RunOutcome | undefined> {
    const { ring, turns } = this.#parts;
    switch (pause.kind) {
      case 'turn':
        await turns.give();
        await this.#out.flush();
        await this.#recovery.report();
        turns.restart();
        break;
      case 'slot':
        await ring.acquire();
        break;
      case 'flush':
        await this.#out.flush();
        break;
      case 'segments':
        await this.#out.publishSegments(pause.frame);
        break;
      case 'indexes':
        await this.#parts.calls.waiting(() => this.#out.placeIndexed(pause.slot, pause.frame));
        break;
      case 'pieces':
        await this.#out.publishPieces(pause.frame);
        break;
      case 'input':
        await this.#awaitInput(pause.ready);
        break;
      case 'end-of-part':
        await this.#goOnBehindPart();
        break;
      case 'source-restart':
        await this.#reportSourceRestarts(this.#out.offset);
        break;
      case 'recycle':
        await this.#out.flush();
        await this.#startAfresh(undefined);
        await this.#recovery.reportRecycling();
        break;
      case 'end':
        return this.#end(pause.reason);
    }
    if (this.#recovery.freshIsDue) await this.#startAfresh(this.#recovery.dueGap());
    return undefined;
  }

  async #goOnBehindPart(): Promise<void> {
    const { calls, input } = this.#parts;
    await this.#out.flush();
    try {
      await calls.waiting(async () => input.goOn?.());
    } catch (cause) {
      throw new LastFailure(cause);
    }
  }

  async #awaitInput(ready: Promise<number>): Promise<void> {
    // It may be rejected while the flush is waited for.
    ready.catch(() => {});
    await this.#out.flush();
    const { calls, ring, input } = this.#parts;
    if (input.isCrowded) {
      await this.#reportSourceRestarts(Number.POSITIVE_INFINITY);
      input.consume(this.#out.publishedOffset);
    }
    await calls
      .waiting(() => ready)
      .catch((cause) => {
        if (!ring.stopRequested) throw new LastFailure(cause);
      });
  }

  /** The rest of the input, as far as it is known, is in no item. */
  async #end(reason: RunOutcome['reason']): Promise<RunOutcome | undefined> {
    if (reason === 'stopped' || reason === 'limit') return { reason };
    const { size } = this.#parts.input;
    const { bytes, lastPass } = this.#plan.slice;
    const behindEof = size === undefined ? bytes : size - this.#out.offset;
    const rest = reason === 'eof' ? behindEof : reason === 'end' && lastPass ? this.#plan.rest : 0;
    if (reason === 'end') this.#outcomes.leave(rest);
    if (rest > 0) this.#out.skip(rest);
    await this.#recovery.report();
    await this.#reportSourceRestarts(this.#out.offset);
    await this.#out.flush();
    if (reason !== 'end' || this.#parts.input.following === undefined) return { reason };
    await this.#beginFollowing(this.#parts.input.following);
    return undefined;
  }

  /** Another input begins behind the end of the one before. */
  async #beginFollowing({ source, note }: FollowingInput): Promise<void> {
    const { input, ring } = this.#parts;
    const { offset } = this.#out;
    input.consume(offset);
    this.#recovery.progressed();
    this.#out.source = frameSource(source);
    if (note !== undefined && note.number > ring.mark.sourceRestart)
      await this.#out.publishRecord(noticeRecord(note, offset, offset), note.number);
    // A thread that is lost up to here has another one do the same.
    input.beginFollowing?.();
    const { hasBegun } = this.#plan;
    this.#plan.startAfresh();
    if (hasBegun) await this.#startAfresh(undefined);
  }

  /** Publishes the records of those that concern input up to `offset`. */
  async #reportSourceRestarts(offset: number): Promise<void> {
    for (const restart of this.#parts.sourceRestarts.take(offset)) {
      await this.#out.flush();
      await this.#out.publishRecord(restart.recordAt(this.#out.offset), restart.number);
    }
  }

  /** @throws the error when it cannot be recovered from */
  async #recover(error: unknown): Promise<void> {
    if (lastFailure(error) !== undefined) throw error;
    const { calls, plugin, input, excerpts } = this.#parts;
    if (!calls.inPlugin && !leavesBatchesWhole(error)) this.#out.rollBack();
    const position = this.#out.offset;
    const { slice, isFirst } = this.#plan;
    if (error instanceof PluginError) {
      const excerpt = excerpts ? excerptAt(position, slice.bytes, input) : '';
      addContext(error, { plugin, phase: 'parse', details: calls.details(position, slice.bytes, excerpt) });
    }
    const rest = Math.max(1, slice.bytes - (position - slice.offset));
    const gap = await this.#recovery.failed(error, rest, isFirst && position === slice.offset);
    await this.#startAfresh(gap);
  }

  /** @throws LastFailure when instances fail to start, and there may be no other */
  async #startAfresh(gapBytes: number | undefined): Promise<void> {
    const { input, instance, ring, turns } = this.#parts;
    this.#lift = undefined;
    this.#plan.startAfresh();
    if (input.indexes !== undefined) await this.#out.flush();
    this.#out.begunAfresh();
    if (gapBytes !== undefined) await this.#recovery.reportGap(gapBytes);
    input.consume(this.#out.publishedOffset);
    try {
      await replaceInstance(instance, turns, (error) => !ring.stopRequested && this.#recovery.startsAgain(error));
    } catch (error) {
      throw new LastFailure(error);
    }
    this.#recovery.started();
    turns.restart();
  }

  /** Whether the instance has grown beyond the high-water mark. One that has so much memory from its start is not replaced for it. */
  get #recyclingIsDue(): boolean {
    const { recycleBytes, instance } = this.#parts;
    return instance.memoryBytes > Math.max(recycleBytes, instance.startBytes);
  }

  get #plugin(): ParserAdapter {
    return this.#parts.instance.adapter;
  }

  #release(): void {
    this.#parts.calls.release(() => this.#plugin.release());
  }
}
