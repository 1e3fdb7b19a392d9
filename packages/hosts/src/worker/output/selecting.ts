/** What a worker loads when its session selects items: it makes the batches, or tells the encoder which rows to write. */
import type { RingMemory } from '@chipmunk-host/runtime/internal/shared';
import { loadSelection, type Selection, type SelectionPlan } from '../../shared/select/selection-plan.js';
import { RowPicker } from './row-picker.js';
import { SlotSelector } from './slot-selector.js';

export class Selecting {
  readonly #ring: RingMemory;
  readonly #selection: Selection;

  private constructor(ring: RingMemory, selection: Selection) {
    this.#ring = ring;
    this.#selection = selection;
  }

  static async load(ring: RingMemory, plan: SelectionPlan): Promise<Selecting> {
    return new Selecting(ring, await loadSelection(plan));
  }

  slotSelector(): SlotSelector {
    return new SlotSelector(this.#ring, this.#selection);
  }

  rowPicker(): RowPicker {
    return new RowPicker(this.#ring, this.#selection);
  }
}
