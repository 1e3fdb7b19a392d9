/**
 * Selects rows in the worker that made them: a batch is lifted behind the slots of the ring, and a batch that has its selected rows alone
 * goes into a slot. What is left out does not cross to the main thread.
 */
import { type BatchLayout, readBatchLayout } from '@chipmunk-host/batch/internal';
import { createWasmMemory, type RingMemory, ringOffsets } from '@chipmunk-host/runtime/internal/shared';
import { slotSpace } from '../../shared/protocol/slot-space.js';
import { RowSelector, type SelectedRows } from '../../shared/select/row-selector.js';
import { selectableBytes, selectedBytes, writeSelected } from '../../shared/select/selected-batch.js';
import type { Selection } from '../../shared/select/selection-plan.js';
import { selectionBytes } from '../../shared/select/selection-space.js';
import { joinInto, type SlotTransform, type TransformedFrame } from './slot-transform.js';

const PAGE_BYTES = 65_536;

interface OpenBatch {
  readonly layout: BatchLayout;
  readonly rows: SelectedRows;
}

export class SlotSelector implements SlotTransform {
  readonly batchAt: number;
  readonly batchBytes: number;
  readonly #memory: WebAssembly.Memory;
  readonly #selection: Selection;
  readonly #selector: RowSelector;
  #batch: OpenBatch | undefined;

  constructor(ring: RingMemory, selection: Selection) {
    const { batchAt, selectionAt } = slotSpace(ringOffsets(ring.shape).end, ring.shape);
    this.#memory = ring.memory as WebAssembly.Memory;
    this.#selection = selection;
    this.#selector = new RowSelector(this.#memory, selectionAt, selection);
    this.batchAt = batchAt;
    this.batchBytes = selectableBytes(ring.shape.slotBytes);
  }

  get isOpen(): boolean {
    return this.#batch !== undefined;
  }

  open(byteLength: number, selected: number): void {
    const layout = readBatchLayout(new Uint8Array(this.#memory.buffer, this.batchAt, byteLength));
    this.#batch = { layout, rows: this.#selector.select(this.batchAt, layout, selected) };
  }

  openSegments(segments: readonly Uint8Array[], byteLength: number, selected: number): boolean {
    if (byteLength > this.batchBytes) return false;
    joinInto(new Uint8Array(this.#memory.buffer, this.batchAt, byteLength), segments);
    this.open(byteLength, selected);
    return true;
  }

  fill(slot: number): TransformedFrame {
    const { layout, rows } = this.#batch as OpenBatch;
    this.#batch = undefined;
    const written = writeSelected(this.#memory, this.#selector, rows, this.batchAt, layout, slot);
    return { ...written, selected: written.items + rows.dropped };
  }

  transformLarge(batch: Uint8Array, _offset: number, selected: number): TransformedFrame {
    const { memory, selector, rows, layout, outAt } = selectLarge(batch, this.#selection, selected);
    const written = writeSelected(memory, selector, rows, 0, layout, outAt);
    const segments = [new Uint8Array(memory.buffer, outAt, written.byteLength)];
    return { ...written, selected: written.items + rows.dropped, segments };
  }

  close(): void {
    this.#batch = undefined;
  }
}

/** Selects of a batch that is put into a memory of its own, at 0, with room for what it becomes at `outAt`. */
export function selectLarge(batch: Uint8Array, selection: Selection, selected: number) {
  const selectorAt = aligned(batch.length + PAGE_BYTES);
  const outAt = aligned(selectorAt + selectionBytes(batch.length));
  const pages = Math.ceil((outAt + selectedBytes(batch.length)) / PAGE_BYTES) + 1;
  const descriptor = { initial: pages, maximum: pages, shared: true };
  const memory = createWasmMemory(descriptor, 'a batch of which items are selected') as WebAssembly.Memory;
  new Uint8Array(memory.buffer).set(batch);
  const selector = new RowSelector(memory, selectorAt, selection);
  const layout = readBatchLayout(new Uint8Array(memory.buffer, 0, batch.length));
  const rows = selector.select(0, layout, selected);
  return { memory, selector, rows, layout, outAt };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
