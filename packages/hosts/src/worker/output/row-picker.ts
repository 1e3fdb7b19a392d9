/** Says which rows of batches a session selects, for an encoder: in the ring's memory, or in one of its own. */
import { readBatchLayout } from '@chipmunk-host/batch/internal';
import { type RingMemory, ringOffsets } from '@chipmunk-host/runtime/internal/shared';
import { slotSpace } from '../../shared/protocol/slot-space.js';
import { RowSelector, type SelectedRows } from '../../shared/select/row-selector.js';
import type { Selection } from '../../shared/select/selection-plan.js';
import { selectLarge } from './slot-selector.js';

export class RowPicker {
  readonly #memory: WebAssembly.Memory;
  readonly #selection: Selection;
  readonly #selector: RowSelector;

  constructor(ring: RingMemory, selection: Selection) {
    this.#memory = ring.memory as WebAssembly.Memory;
    this.#selection = selection;
    const { selectionAt } = slotSpace(ringOffsets(ring.shape).end, ring.shape);
    this.#selector = new RowSelector(this.#memory, selectionAt, selection);
  }

  /** @param selected items that the conditions have let through before the batch */
  pick(at: number, byteLength: number, selected: number): SelectedRows {
    const layout = readBatchLayout(new Uint8Array(this.#memory.buffer, at, byteLength));
    return this.#selector.select(at, layout, selected);
  }

  /** Of a batch that lies anywhere. */
  pickLarge(
    batch: Uint8Array,
    selected: number,
  ): Pick<SelectedRows, 'end' | 'dropped'> & { readonly bits: Uint8Array } {
    const { memory, rows, layout } = selectLarge(batch, this.#selection, selected);
    return { ...rows, bits: new Uint8Array(memory.buffer, rows.bitsAt, Math.ceil(layout.entries / 8)) };
  }
}
