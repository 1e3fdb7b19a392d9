/**
 * From what a plugin returned to batches in the ring, in order, with the account of bytes and items. Many items at once
 * are lifted straight into a slot; few small ones are gathered over several calls, since a batch has a price of its own.
 *
 * An error of the host's own code may come at any point of the synchronous methods. `rollBack` then finds out what was really
 * published and forgets the rest.
 */

import type { StreamRecord } from '@chipmunk-host/batch';
import type { BatchRingWriter, RingMark } from '@chipmunk-host/runtime/internal/worker';
import { FrameBuilder } from './frame-builder.js';
import type { FrameSource } from './frame-source.js';
import type { ItemReader, LiftedFrame } from './lifted-frame.js';
import { encodeRecord } from './record-frame.js';
import type { EncodedFrame, SlotEncoder } from './slot-encoder.js';

/** Bytes and items accounted for when the ring's count of published pieces is `head`. */
interface Account {
  readonly offset: number;
  readonly items: number;
  readonly head: number;
}

/** What is published as one frame, and what it accounts for. */
export interface Pieces extends Pick<LiftedFrame, 'byteLength' | 'bytes' | 'items'> {
  readonly segments: readonly Uint8Array[];
}

export class BatchPublisher {
  readonly #ring: BatchRingWriter;
  /** The input that everything is from. */
  readonly source: FrameSource;
  readonly #encoder: SlotEncoder | undefined;
  #gathered = new FrameBuilder();
  #published: Account;
  /** What will be published when the ring's count gets there. */
  #publishing: Account | undefined;

  /**
   * @param offset position in the input of the first byte that is to be accounted for
   * @param source the input that everything is from
   * @param encoder what makes of batches what is published in their place. Default: batches are published
   */
  constructor(ring: BatchRingWriter, offset: number, source: FrameSource, encoder?: SlotEncoder) {
    this.#ring = ring;
    this.source = source;
    this.#encoder = encoder;
    this.#published = { offset, items: 0, head: ring.published };
  }

  /** Position in the input of the first byte that no published or gathered batch accounts for. */
  get offset(): number {
    return this.#published.offset + this.#gathered.bytes;
  }

  /** Position in the input of the first byte that no published batch accounts for. */
  get publishedOffset(): number {
    return this.#published.offset;
  }

  /** Items published or gathered so far. */
  get items(): number {
    return this.#published.items + this.#gathered.items;
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
    this.#gathered.addSkipped(bytes);
  }

  /** Takes all that the plugin's last `parse` returned. */
  gather(plugin: ItemReader): void {
    plugin.readInto(this.#gathered);
  }

  /** Where the next batch is to be written, when this slot is acquired. */
  batchPlace(slot: number): number {
    return this.#encoder?.batchAt ?? slot;
  }

  /** Whether rows of a batch are still to be encoded and published (`placeEncoded`), before anything else is. */
  get isEncoding(): boolean {
    return this.#encoder?.isOpen === true;
  }

  /** Publishes a batch that was written in the acquired slot, or begins to encode it. */
  place(frame: LiftedFrame): void {
    if (this.#encoder === undefined) this.#publishSlot(frame);
    else this.#encoder.open(frame.byteLength);
  }

  /**
   * Encodes the next rows into the acquired slot, and publishes it.
   * @returns what has to be published in pieces (`publishPieces`) instead, because a row takes more than a slot
   */
  placeEncoded(slot: number): Pieces | undefined {
    const encoder = this.#encoder as SlotEncoder;
    const frame = encoder.fill(slot, this.#ring.shape.slotBytes, this.#published.offset);
    if (inPieces(frame)) return frame;
    this.#publishSlot(frame);
    return undefined;
  }

  #publishSlot(frame: Pick<LiftedFrame, 'byteLength' | 'bytes' | 'items'>): void {
    const { offset, items } = this.#published;
    this.#publishing = {
      offset: offset + frame.bytes,
      items: items + frame.items,
      head: (this.#ring.published + 1) >>> 0,
    };
    this.#ring.publish(frame.byteLength, false, frame.byteLength, this.#mark(frame.bytes));
    this.#commit();
  }

  /** Publishes a batch that is given in pieces, or what becomes of it. Returns false when the consumer wants no more. */
  async publishSegments(frame: LiftedFrame & { kind: 'segments' }): Promise<boolean> {
    if (this.#encoder === undefined) return this.publishPieces(frame);
    return this.#encodeSegments(this.#encoder, frame);
  }

  async #encodeSegments(encoder: SlotEncoder, { segments, byteLength }: Pieces): Promise<boolean> {
    if (!encoder.openSegments(segments, byteLength))
      return this.publishPieces(encoder.encodeLarge(segments, byteLength, this.#published.offset) as Pieces);
    while (encoder.isOpen) {
      const slot = await this.#ring.acquire();
      if (slot === -1) return false;
      const pieces = this.placeEncoded(slot);
      if (pieces !== undefined && !(await this.publishPieces(pieces))) return false;
    }
    return true;
  }

  /** Publishes a frame that is given in pieces. Returns false when the consumer wants no more. */
  async publishPieces(frame: Pieces): Promise<boolean> {
    const mark = this.#mark(frame.bytes);
    if (!(await this.#ring.publishSegments(frame.segments, frame.byteLength, mark))) return false;
    this.#publishing = {
      offset: this.#published.offset + frame.bytes,
      items: this.#published.items + frame.items,
      head: this.#ring.published,
    };
    this.#commit();
    return true;
  }

  /** Publishes what was gathered. Returns false when the consumer wants no more. */
  async flush(): Promise<boolean> {
    if (!this.hasGathered) return true;
    const { offset, items } = this.#published;
    const frame = this.#gathered.finish(offset, this.source);
    if (this.#encoder !== undefined) return this.#encodeSegments(this.#encoder, frame);
    const mark = this.#mark(frame.bytes);
    this.#published = { offset: offset + frame.bytes, items: items + frame.items, head: this.#published.head };
    return this.#ring.publishSegments(frame.segments, frame.byteLength, mark);
  }

  /**
   * Publishes a record, behind everything that was gathered.
   * @param sourceRestart number of the restart of the source that it tells of, if it tells of one
   */
  async publishRecord(record: StreamRecord, sourceRestart = this.#ring.mark.sourceRestart): Promise<boolean> {
    if (!(await this.flush())) return false;
    const bytes = encodeRecord(record, this.source);
    const tellsOfParser = record.type === 'gap' || (record.side === 'parser' && record.reason === 'failed');
    const mark = this.#mark(record.length);
    const restarts = mark.restarts + (tellsOfParser ? record.restarts : 0);
    this.#published = { ...this.#published, offset: this.#published.offset + record.length };
    return this.#ring.publishSegments([bytes], bytes.length, { ...mark, sourceRestart, restarts });
  }

  /** After an error: what counts is what the ring says; what was only gathered is forgotten. */
  rollBack(): void {
    this.#ring.resume();
    if (this.#publishing?.head === this.#ring.published) this.#commit();
    this.#publishing = undefined;
    this.#gathered = new FrameBuilder();
    this.#encoder?.close();
  }

  /** For a thread that takes over, when a frame of so many bytes of the input was published whole. */
  #mark(bytes: number): RingMark {
    return { ...this.#ring.mark, position: this.#published.offset + bytes };
  }

  #commit(): void {
    if (this.#publishing !== undefined) this.#published = this.#publishing;
    this.#publishing = undefined;
  }
}

function inPieces(frame: EncodedFrame): frame is EncodedFrame & Pieces {
  return frame.segments !== undefined;
}
