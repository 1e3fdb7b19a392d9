/**
 * Encodes batches in the worker that made them: a batch is lifted behind the slots of the ring, and what becomes of its rows goes straight
 * into slots, each with the counts of its rows, so that the account of the session is as exact as with batches.
 */
import { type RingMemory, ringOffsets } from '@chipmunk-host/runtime/internal/shared';
import { ENCODED_HEAD_BYTES, type EncodedHead, writeEncodedHead } from '../../shared/encode/encoded-frame.js';
import type { EncodingPlan } from '../../shared/encode/encoding-plan.js';
import { OwnMemoryEncoder } from '../../shared/encode/own-memory-encoder.js';
import { NO_ROWS, type RowCounts } from '../../shared/encode/row-counts.js';
import { slotSpace } from '../../shared/protocol/slot-space.js';
import type { RowPicker } from './row-picker.js';
import type { SlotRows } from './slot-rows.js';
import { joinInto, type SlotTransform, type TransformedFrame } from './slot-transform.js';

const COUNTS = Object.keys(NO_ROWS) as (keyof RowCounts)[];

/** Makes what writes rows in a memory that has the program of the plan. */
export type RowsOver = (memory: WebAssembly.Memory, programAt: number) => SlotRows;

export class SlotEncoder implements SlotTransform {
  readonly batchAt: number;
  readonly batchBytes: number;
  readonly #plan: EncodingPlan;
  readonly #memory: WebAssembly.Memory;
  readonly #view: DataView;
  readonly #rows: SlotRows;
  readonly #rowsOver: RowsOver;
  readonly #picker: RowPicker | undefined;
  /** Items of the batch that are left out since they are to be skipped, until they are counted. */
  #dropped = 0;

  /**
   * @param rowsOver makes what writes the rows
   * @param picker says which rows are encoded. Default: all are
   */
  constructor(ring: RingMemory, plan: EncodingPlan, rowsOver: RowsOver, picker?: RowPicker) {
    const { programAt, batchAt } = slotSpace(ringOffsets(ring.shape).end, ring.shape);
    this.#memory = ring.memory as WebAssembly.Memory;
    this.#view = new DataView(this.#memory.buffer);
    this.#plan = plan;
    this.#rowsOver = rowsOver;
    this.#picker = picker;
    this.batchAt = batchAt;
    this.batchBytes = ring.shape.slotBytes;
    new Uint8Array(this.#memory.buffer).set(plan.program, programAt);
    this.#rows = rowsOver(this.#memory, programAt);
  }

  get isOpen(): boolean {
    return this.#rows.isOpen;
  }

  open(byteLength: number, selected: number): void {
    const picked = this.#picker?.pick(this.batchAt, byteLength, selected);
    this.#dropped = picked?.dropped ?? 0;
    this.#rows.open(this.batchAt, byteLength, picked?.bitsAt, picked?.end);
  }

  openSegments(segments: readonly Uint8Array[], byteLength: number, selected: number): boolean {
    if (byteLength > this.batchBytes) return false;
    joinInto(new Uint8Array(this.#memory.buffer, this.batchAt, byteLength), segments);
    this.open(byteLength, selected);
    return true;
  }

  fill(slot: number, slotBytes: number, offset: number): TransformedFrame {
    const start = slot + ENCODED_HEAD_BYTES;
    const end = slot + slotBytes;
    let written = this.#rows.fill(start, end);
    if (!this.#rows.isInRow) {
      const counts = this.#rows.takeCounts();
      writeEncodedHead(this.#view, slot, { offset, ...counts });
      return { ...counts, byteLength: ENCODED_HEAD_BYTES + written, selected: this.#selectedOf(counts.items) };
    }
    const pieces = [this.#copy(start, written)];
    while (this.#rows.isInRow) {
      written = this.#rows.fill(start, end);
      pieces.push(this.#copy(start, written));
    }
    const counts = this.#rows.takeCounts();
    return { ...withHead(pieces, { offset, ...counts }), selected: this.#selectedOf(counts.items) };
  }

  transformLarge(batch: Uint8Array, offset: number, selected: number): TransformedFrame {
    const encoder = new OwnMemoryEncoder(this.#plan.program, this.batchBytes, this.#rowsOver);
    const picked = this.#picker?.pickLarge(batch, selected);
    this.#dropped = picked?.dropped ?? 0;
    const pieces: Uint8Array[] = [];
    const sum: Record<keyof RowCounts, number> = { ...NO_ROWS };
    for (const { bytes: piece, counts } of encoder.encode(batch, picked?.bits, picked?.end)) {
      pieces.push(piece);
      for (const name of COUNTS) sum[name] += counts[name];
    }
    return { ...withHead(pieces, { offset, ...sum }), selected: this.#selectedOf(sum.items) };
  }

  /** Forgets the rows that are not written. */
  close(): void {
    this.#rows.close();
  }

  /** What is to be skipped comes before all that is written. */
  #selectedOf(items: number): number {
    if (this.#picker === undefined) return 0;
    const selected = items + this.#dropped;
    this.#dropped = 0;
    return selected;
  }

  #copy(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length).slice();
  }
}

function withHead(pieces: readonly Uint8Array[], head: EncodedHead): Omit<TransformedFrame, 'selected'> {
  const bytes = new Uint8Array(ENCODED_HEAD_BYTES);
  writeEncodedHead(new DataView(bytes.buffer), 0, head);
  const segments = [bytes, ...pieces];
  const byteLength = segments.reduce((sum, { length }) => sum + length, 0);
  return { ...head, byteLength, segments };
}
