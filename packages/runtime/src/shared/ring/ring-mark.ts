/**
 * What a writer of batches notes in the ring with each slot that it publishes, so that a thread that takes over from one that
 * was lost knows how far it had come: both become visible in one step.
 */
import { RingDescriptor, RingWord, ringViews } from './ring-layout.js';
import { type RingMemory, ringBuffer } from './ring-memory.js';

/** The state behind all frames that were published whole. */
export interface RingMark {
  /** Position in the input behind what they account for. */
  readonly position: number;
  /** Number of the next part of the input to work on, where it is shared by several writers. */
  readonly part: number;
  /** Number of the last restart of the input's source that they tell of; 0 when of none. */
  readonly sourceRestart: number;
  /** Fresh instances of the writer's plugin that they tell of. */
  readonly restarts: number;
  /** Items that the conditions of a selection have let through, whether they were then skipped or published. */
  readonly selected: number;
}

const TWO_TO_32 = 2 ** 32;

/** @param at index of the slot's descriptor */
export function writeRingMark(descriptors: Int32Array, at: number, mark: RingMark): void {
  descriptors[at + RingDescriptor.positionLow] = (mark.position % TWO_TO_32) | 0;
  descriptors[at + RingDescriptor.positionHigh] = Math.floor(mark.position / TWO_TO_32);
  descriptors[at + RingDescriptor.part] = mark.part;
  descriptors[at + RingDescriptor.sourceRestart] = mark.sourceRestart;
  descriptors[at + RingDescriptor.restarts] = mark.restarts;
  descriptors[at + RingDescriptor.selectedLow] = (mark.selected % TWO_TO_32) | 0;
  descriptors[at + RingDescriptor.selectedHigh] = Math.floor(mark.selected / TWO_TO_32);
}

/** The mark of the last slot that was published; undefined when there was none. Only for rings that nobody writes to at the moment. */
export function readRingMark(ring: RingMemory): RingMark | undefined {
  const { words, descriptors } = ringViews(ringBuffer(ring), ring.shape);
  const head = Atomics.load(words, RingWord.head) >>> 0;
  const at = (((head - 1) >>> 0) % ring.shape.slots) * RingDescriptor.words;
  // The counter may have wrapped, but then there are slots with bytes in them.
  if (head === 0 && descriptors[at + RingDescriptor.byteLength] === 0) return undefined;
  const word = (index: number) => descriptors[at + index] ?? 0;
  return {
    position: word(RingDescriptor.positionHigh) * TWO_TO_32 + (word(RingDescriptor.positionLow) >>> 0),
    part: word(RingDescriptor.part),
    sourceRestart: word(RingDescriptor.sourceRestart),
    restarts: word(RingDescriptor.restarts),
    selected: word(RingDescriptor.selectedHigh) * TWO_TO_32 + (word(RingDescriptor.selectedLow) >>> 0),
  };
}
