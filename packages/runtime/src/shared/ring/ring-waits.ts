/**
 * How often and for how long each side of a ring has waited for the other one. It stands in the ring's header, each side's in its own
 * cache line, so that a third thread can see who waits for whom while both are at work. It costs nothing where nobody waits.
 */
import { sharedNow } from '../system/shared-clock.js';
import { RingWord, ringViews } from './ring-layout.js';
import { type RingMemory, ringBuffer } from './ring-memory.js';

/** Where each side's numbers begin in the header, as indexes of a Float64Array: behind its words, see `RingWord`. */
export const RingSide = { writer: 4, reader: 12 } as const;
export type RingSide = (typeof RingSide)[keyof typeof RingSide];

/** Behind the beginning of a side. */
const WaitField = {
  /** How often it has waited. */
  count: 0,
  /** For how long, the wait under way left out, in milliseconds. */
  ms: 1,
  /** Since when it waits, by `sharedNow`; 0: it does not. */
  since: 2,
} as const;

const HEADER_FLOATS = 16;

/** One side's own account. */
export class RingWaits {
  readonly #fields: Float64Array;
  readonly #at: RingSide;

  constructor(buffer: SharedArrayBuffer, side: RingSide) {
    this.#fields = new Float64Array(buffer, 0, HEADER_FLOATS);
    this.#at = side;
    // The thread of a side that was lost may have waited.
    this.end();
  }

  /** Does nothing when a wait is under way. */
  begin(): void {
    if (this.#fields[this.#at + WaitField.since] !== 0) return;
    this.#fields[this.#at + WaitField.count] = (this.#fields[this.#at + WaitField.count] ?? 0) + 1;
    this.#fields[this.#at + WaitField.since] = sharedNow();
  }

  /** Does nothing when no wait is under way. */
  end(): void {
    const since = this.#fields[this.#at + WaitField.since] ?? 0;
    if (since === 0) return;
    this.#fields[this.#at + WaitField.since] = 0;
    this.#fields[this.#at + WaitField.ms] = (this.#fields[this.#at + WaitField.ms] ?? 0) + sharedNow() - since;
  }
}

export interface SideWaits {
  readonly count: number;
  /** In milliseconds, the wait under way included. */
  readonly ms: number;
  /** Whether it waits now. */
  readonly now: boolean;
}

/** What a ring holds, and who has waited for whom. */
export interface RingUsage {
  readonly slots: number;
  /** Slots that were published and not released. */
  readonly used: number;
  /** The writer, for a free slot. */
  readonly writer: SideWaits;
  /** The reader, for something to read. */
  readonly reader: SideWaits;
}

export function ringUsage(ring: RingMemory): RingUsage {
  const buffer = ringBuffer(ring);
  const { words } = ringViews(buffer, ring.shape);
  const fields = new Float64Array(buffer, 0, HEADER_FLOATS);
  const side = (at: RingSide): SideWaits => {
    const since = fields[at + WaitField.since] ?? 0;
    const underWay = since === 0 ? 0 : Math.max(0, sharedNow() - since);
    return {
      count: fields[at + WaitField.count] ?? 0,
      ms: (fields[at + WaitField.ms] ?? 0) + underWay,
      now: since !== 0,
    };
  };
  // The tail first: it never overtakes the head.
  const tail = Atomics.load(words, RingWord.tail);
  const head = Atomics.load(words, RingWord.head);
  const { slots } = ring.shape;
  return {
    slots,
    used: Math.min(slots, (head - tail) >>> 0),
    writer: side(RingSide.writer),
    reader: side(RingSide.reader),
  };
}
