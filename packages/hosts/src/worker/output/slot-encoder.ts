/**
 * Encodes batches in the worker that made them: a batch is lifted behind the slots of the ring, and what becomes of its rows goes straight
 * into slots, each with the counts of its rows, so that the account of the session is as exact as with batches.
 */
import { type RingMemory, ringOffsets } from '@chipmunk-host/runtime/internal/shared';
import { ENCODED_HEAD_BYTES, type EncodedHead, writeEncodedHead } from '../../shared/encode/encoded-frame.js';
import type { EncodingPlan } from '../../shared/encode/encoding-plan.js';
import { encodingSpace } from '../../shared/encode/encoding-space.js';
import { OwnMemoryEncoder } from '../../shared/encode/own-memory-encoder.js';
import type { RowCounts } from '../../shared/encode/row-counts.js';
import { RowEncoder } from '../../shared/encode/row-encoder.js';
import { RawRows, type ReadInput } from './raw-rows.js';
import type { SlotRows } from './slot-rows.js';

/** What rows became: in the slot that was offered, or in pieces, where one row takes more than a slot. */
export interface EncodedFrame extends RowCounts {
  readonly byteLength: number;
  /** Undefined: it is in the slot. */
  readonly segments?: readonly Uint8Array[];
}

export class SlotEncoder {
  /** Where a batch is put that is to be encoded, and how many bytes it may have. */
  readonly batchAt: number;
  readonly batchBytes: number;
  readonly #plan: EncodingPlan;
  readonly #memory: WebAssembly.Memory;
  readonly #view: DataView;
  readonly #rows: SlotRows;
  readonly #input: ReadInput;

  /** @param input what the parser reads */
  constructor(ring: RingMemory, plan: EncodingPlan, input: ReadInput) {
    const { programAt, batchAt } = encodingSpace(ringOffsets(ring.shape).end);
    this.#memory = ring.memory as WebAssembly.Memory;
    this.#view = new DataView(this.#memory.buffer);
    this.#plan = plan;
    this.#input = input;
    this.batchAt = batchAt;
    this.batchBytes = ring.shape.slotBytes;
    new Uint8Array(this.#memory.buffer).set(plan.program, programAt);
    this.#rows = plan.format === 'raw' ? new RawRows(this.#memory, input) : new RowEncoder(this.#memory, programAt);
  }

  /** Whether there are rows of a batch that are not written yet. */
  get isOpen(): boolean {
    return this.#rows.isOpen;
  }

  /** Begins the batch that was put where batches are. */
  open(byteLength: number): void {
    this.#rows.open(this.batchAt, byteLength);
  }

  /** Begins a batch that is given in pieces. @returns false when it has too many bytes */
  openSegments(segments: readonly Uint8Array[], byteLength: number): boolean {
    if (byteLength > this.batchBytes) return false;
    let at = this.batchAt;
    for (const segment of segments) {
      new Uint8Array(this.#memory.buffer, at, segment.length).set(segment);
      at += segment.length;
    }
    this.open(byteLength);
    return true;
  }

  /**
   * Writes rows into a slot.
   * @param offset position in the input of the first byte that the next row accounts for
   */
  fill(slot: number, slotBytes: number, offset: number): EncodedFrame {
    const start = slot + ENCODED_HEAD_BYTES;
    const end = slot + slotBytes;
    let written = this.#rows.fill(start, end);
    if (!this.#rows.isInRow) {
      const counts = this.#rows.takeCounts();
      writeEncodedHead(this.#view, slot, { offset, ...counts });
      return { ...counts, byteLength: ENCODED_HEAD_BYTES + written };
    }
    const pieces = [this.#copy(start, written)];
    while (this.#rows.isInRow) {
      written = this.#rows.fill(start, end);
      pieces.push(this.#copy(start, written));
    }
    return withHead(pieces, { offset, ...this.#rows.takeCounts() });
  }

  /** All of a batch that is larger than there is room for. */
  encodeLarge(segments: readonly Uint8Array[], byteLength: number, offset: number): EncodedFrame {
    const bytes = new Uint8Array(byteLength);
    let at = 0;
    for (const segment of segments) {
      bytes.set(segment, at);
      at += segment.length;
    }
    const encoder = new OwnMemoryEncoder(this.#plan.program, this.batchBytes, (memory, programAt) =>
      this.#plan.format === 'raw' ? new RawRows(memory, this.#input) : new RowEncoder(memory, programAt),
    );
    const pieces: Uint8Array[] = [];
    const sum = { items: 0, filtered: 0, bytes: 0, skippedBytes: 0 };
    for (const { bytes: piece, counts } of encoder.encode(bytes)) {
      pieces.push(piece);
      sum.items += counts.items;
      sum.filtered += counts.filtered;
      sum.bytes += counts.bytes;
      sum.skippedBytes += counts.skippedBytes;
    }
    return withHead(pieces, { offset, ...sum });
  }

  /** Forgets the rows that are not written. */
  close(): void {
    this.#rows.close();
  }

  #copy(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length).slice();
  }
}

function withHead(pieces: readonly Uint8Array[], head: EncodedHead): EncodedFrame {
  const bytes = new Uint8Array(ENCODED_HEAD_BYTES);
  writeEncodedHead(new DataView(bytes.buffer), 0, head);
  const segments = [bytes, ...pieces];
  const byteLength = segments.reduce((sum, { length }) => sum + length, 0);
  return { ...head, byteLength, segments };
}
