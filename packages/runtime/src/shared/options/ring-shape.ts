/** What the shape of a ring may be. */
import { isSlotBytes, isSlotCount, type RingShape, SLOT_BYTES_EXPECTED, SLOTS_EXPECTED } from '../ring/ring-layout.js';
import type { OptionTable } from './option-table.js';

export const RING_SHAPE: OptionTable<RingShape> = {
  slots: { expected: SLOTS_EXPECTED, isRequired: true, accepts: isSlotCount },
  slotBytes: { expected: SLOT_BYTES_EXPECTED, isRequired: true, accepts: isSlotBytes },
};
