/**
 * From what a plugin returned to batches in the ring, in order, with the account of bytes and items. Many items at once
 * are lifted straight into a slot; few small ones are gathered over several calls, since a batch has a price of its own.
 *
 * An error of the host's own code may come at any point of the synchronous methods. `rollBack` then finds out what was really
 * published and forgets the rest.
 */

import type { GapRecord, RestartRecord, StreamRecord } from '@chipmunk-host/batch';
import { hasMessageIndexes, shiftMessageIndexes } from '@chipmunk-host/batch/internal';
import type { BatchRingWriter, RingMark } from '@chipmunk-host/runtime/internal/worker';
import { FrameBuilder } from './frame-builder.js';
import type { FrameSource } from './frame-source.js';
import type { ItemReader, LiftedFrame } from './lifted-frame.js';
import { encodeRecord } from './record-frame.js';
import { joinInto, type SlotTransform, type TransformedFrame } from './slot-transform.js';

/** What is accounted for when the ring's count of published pieces is `head`. */
interface Account {
  readonly offset: number;
  /** With those that a selection leaves out. */
  readonly items: number;
  /** Items that the conditions of a selection have let through. */
  readonly selected: number;
  readonly head: number;
}

/** Of a part of an input: attachments name the items that carried them by numbers, which the parser counts from the beginning of the part. */
export interface ItemIndexes {
  /** Items before the part; undefined as long as that is not known. */
  readonly before: number | undefined;
  /** Waits until it is known, or nothing that comes of the part is wanted. */
  whenKnown(): Promise<unknown>;
}

type Counted = Pick<TransformedFrame, 'filtered' | 'selected'>;

/** What is published as one frame, and what it accounts for. */
export interface Pieces extends Pick<LiftedFrame, 'byteLength' | 'bytes' | 'items'>, Partial<Counted> {
  readonly segments: readonly Uint8Array[];
}

export class BatchPublisher {
  readonly #ring: BatchRingWriter;
  /** The input that everything is from that is published from now on. */
  source: FrameSource;
  readonly #transform: SlotTransform | undefined;
  readonly #mostSelected: number;
  readonly #indexes: ItemIndexes | undefined;
  /** Items when a fresh instance took over, which counts from there. */
  #itemsBeforeFresh: number | undefined;
  #gathered = new FrameBuilder();
  #gatheredSince = 0;
  #published: Account;
  /** What will be published when the ring's count gets there. */
  #publishing: Account | undefined;

  /**
   * @param offset position in the input of the first byte that is to be accounted for
   * @param source the input that everything is from
   * @param transform what makes of batches what is published in their place. Default: batches are published
   * @param mostSelected when the conditions of a selection have let so many items through, nothing more is wanted
   * @param indexes where only a part of the input is accounted for
   */
  constructor(
    ring: BatchRingWriter,
    offset: number,
    source: FrameSource,
    transform?: SlotTransform,
    mostSelected = Number.POSITIVE_INFINITY,
    indexes?: ItemIndexes,
  ) {
    this.#indexes = indexes;
    this.#ring = ring;
    this.source = source;
    this.#transform = transform;
    this.#mostSelected = mostSelected;
    this.#published = { offset, items: 0, selected: ring.mark.selected, head: ring.published };
  }

  /** Position in the input of the first byte that no published or gathered batch accounts for. */
  get offset(): number {
    return this.#published.offset + this.#gathered.bytes;
  }

  /** Position in the input of the first byte that no published batch accounts for. */
  get publishedOffset(): number {
    return this.#published.offset;
  }

  /** Items published or gathered so far, with those that a selection leaves out. */
  get items(): number {
    return this.#published.items + this.#gathered.items;
  }

  /** Items of the instance that is there. */
  get itemsOfInstance(): number {
    return this.items - (this.#itemsBeforeFresh ?? 0);
  }

  /** Whether a fresh instance took over. */
  get isFresh(): boolean {
    return this.#itemsBeforeFresh !== undefined;
  }

  /** A fresh instance takes over. Of an input that is a part, nothing may be gathered. */
  begunAfresh(): void {
    this.#itemsBeforeFresh = this.items;
  }

  /** Whether the batch where batches are placed names items by numbers that have to be changed first (`placeIndexed`). */
  hasIndexes(slot: number, { byteLength }: LiftedFrame): boolean {
    return this.#indexes !== undefined && hasMessageIndexes(this.#ring.memoryAt(this.batchPlace(slot), byteLength));
  }

  /** `place` for such a batch. Waits until the numbers are known. */
  async placeIndexed(slot: number, frame: LiftedFrame): Promise<void> {
    await this.#correct(this.#ring.memoryAt(this.batchPlace(slot), frame.byteLength));
    this.place(frame);
  }

  async #correct(batch: Uint8Array): Promise<void> {
    await this.#indexes?.whenKnown();
    const before = this.isFresh ? 0 : this.#indexes?.before;
    if (before !== undefined) shiftMessageIndexes(batch, before);
  }

  /** The same pieces, or the batch with other numbers. */
  async #indexed<Frame extends Pieces>(frame: Frame): Promise<Frame> {
    if (this.#indexes === undefined) return frame;
    const batch = joinInto(new Uint8Array(frame.byteLength), frame.segments);
    if (!hasMessageIndexes(batch)) return frame;
    await this.#correct(batch);
    return { ...frame, segments: [batch] };
  }

  /** Whether all is published that a selection wants. */
  get isEnough(): boolean {
    return this.#published.selected >= this.#mostSelected;
  }

  get hasGathered(): boolean {
    return this.#gathered.entries > 0;
  }

  /** Whether what was gathered should be published now. */
  get mustFlush(): boolean {
    return this.#gathered.mustFlush || this.#gathered.byteLength > this.#ring.shape.slotBytes / 2;
  }

  /** Accounts for input that is in no item. */
  skip(bytes: number): void {
    this.#noteFirst();
    this.#gathered.addSkipped(bytes);
  }

  #noteFirst(): void {
    if (!this.hasGathered) this.#gatheredSince = performance.now();
  }

  /** For how long the first of what is gathered has waited, in milliseconds; -1 when nothing is. @param now by `performance.now` */
  gatheredFor(now: number): number {
    return this.hasGathered ? Math.max(0, now - this.#gatheredSince) : -1;
  }

  /** Takes all that the plugin's last `parse` returned. */
  gather(plugin: ItemReader): void {
    this.#noteFirst();
    plugin.readInto(this.#gathered);
  }

  /** Where the next batch is to be written, when this slot is acquired. */
  batchPlace(slot: number): number {
    return this.#transform?.batchAt ?? slot;
  }

  /** Bytes that it may have there. */
  get batchBytes(): number {
    return this.#transform?.batchBytes ?? this.#ring.shape.slotBytes;
  }

  /** Whether rows of a batch are still to be transformed and published (`placeTransformed`), before anything else is. */
  get isTransforming(): boolean {
    return this.#transform?.isOpen === true;
  }

  /** Publishes a batch that was written in the acquired slot, or begins to transform it. */
  place(frame: LiftedFrame): void {
    if (this.#transform === undefined) this.#publishSlot(frame);
    else this.#transform.open(frame.byteLength, this.#published.selected);
  }

  /**
   * Transforms the next rows into the acquired slot, and publishes it.
   * @returns what has to be published in pieces (`publishPieces`) instead, because a row takes more than a slot
   */
  placeTransformed(slot: number): Pieces | undefined {
    const transform = this.#transform as SlotTransform;
    const frame = transform.fill(slot, this.#ring.shape.slotBytes, this.#published.offset);
    if (inPieces(frame)) return frame;
    this.#publishSlot(frame);
    return undefined;
  }

  #publishSlot(frame: Omit<Pieces, 'segments'>): void {
    this.#publishing = this.#behind(frame, (this.#ring.published + 1) >>> 0);
    this.#ring.publish(frame.byteLength, false, frame.byteLength, this.#mark(this.#publishing));
    this.#commit();
  }

  /** Publishes a batch that is given in pieces, or what becomes of it. Returns false when the consumer wants no more. */
  async publishSegments(frame: LiftedFrame & { kind: 'segments' }): Promise<boolean> {
    const indexed = await this.#indexed(frame);
    if (this.#transform === undefined) return this.publishPieces(indexed);
    return this.#transformSegments(this.#transform, indexed);
  }

  async #transformSegments(transform: SlotTransform, { segments, byteLength }: Pieces): Promise<boolean> {
    const { offset, selected } = this.#published;
    if (!transform.openSegments(segments, byteLength, selected)) {
      const batch = joinInto(new Uint8Array(byteLength), segments);
      return this.publishPieces(transform.transformLarge(batch, offset, selected) as Pieces);
    }
    while (transform.isOpen) {
      const slot = await this.#ring.acquire();
      if (slot === -1) return false;
      const pieces = this.placeTransformed(slot);
      if (pieces !== undefined && !(await this.publishPieces(pieces))) return false;
    }
    return true;
  }

  /** Publishes a frame that is given in pieces. Returns false when the consumer wants no more. */
  async publishPieces(frame: Pieces): Promise<boolean> {
    const behind = this.#behind(frame, 0);
    if (!(await this.#ring.publishSegments(frame.segments, frame.byteLength, this.#mark(behind)))) return false;
    this.#publishing = { ...behind, head: this.#ring.published };
    this.#commit();
    return true;
  }

  /** Publishes what was gathered. Returns false when the consumer wants no more. */
  async flush(): Promise<boolean> {
    if (!this.hasGathered) return true;
    const { offset, head } = this.#published;
    const frame = await this.#indexed(this.#gathered.finish(offset, this.source));
    if (this.#transform !== undefined) return this.#transformSegments(this.#transform, frame);
    this.#published = this.#behind(frame, head);
    return this.#ring.publishSegments(frame.segments, frame.byteLength, this.#mark(this.#published));
  }

  /**
   * Publishes a record, behind everything that was gathered.
   * @param sourceRestart number of the restart or the event of the source that it tells of, if it tells of one
   */
  async publishRecord(record: StreamRecord, sourceRestart = this.#ring.mark.sourceRestart): Promise<boolean> {
    if (!(await this.flush())) return false;
    const bytes = encodeRecord(record, this.source);
    this.#published = { ...this.#published, offset: this.#published.offset + record.length };
    const mark = this.#mark(this.#published);
    const restarts = mark.restarts + (isOfParser(record) ? record.restarts : 0);
    return this.#ring.publishSegments([bytes], bytes.length, { ...mark, sourceRestart, restarts });
  }

  /** After an error: what counts is what the ring says; what was only gathered is forgotten. */
  rollBack(): void {
    this.#ring.resume();
    if (this.#publishing?.head === this.#ring.published) this.#commit();
    this.#publishing = undefined;
    this.#gathered = new FrameBuilder();
    this.#transform?.close();
  }

  /** What is accounted for when the frame is published whole. */
  #behind(
    { bytes, items, filtered = 0, selected = 0 }: Omit<Pieces, 'byteLength' | 'segments'>,
    head: number,
  ): Account {
    const before = this.#published;
    return {
      offset: before.offset + bytes,
      items: before.items + items + filtered,
      selected: before.selected + selected,
      head,
    };
  }

  /** For a thread that takes over. */
  #mark({ offset, selected }: Pick<Account, 'offset' | 'selected'>): RingMark {
    return { ...this.#ring.mark, position: offset, selected };
  }

  #commit(): void {
    if (this.#publishing !== undefined) this.#published = this.#publishing;
    this.#publishing = undefined;
  }
}

/** Whether it tells of instances of the parser that had failed. */
function isOfParser(record: StreamRecord): record is GapRecord | RestartRecord {
  return record.type === 'gap' || (record.type === 'restart' && record.side === 'parser' && record.reason === 'failed');
}

function inPieces(frame: TransformedFrame): frame is TransformedFrame & Pieces {
  return frame.segments !== undefined;
}
