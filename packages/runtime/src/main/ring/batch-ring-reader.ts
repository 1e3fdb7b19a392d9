/** The consumer's side of a ring of batches. It never blocks: it waits on the event loop. */

import { RingConsumer } from '../../shared/ring/ring-consumer.js';
import { endRingForWriter, stopRingWriter } from '../../shared/ring/ring-ends.js';
import { RingDescriptor, SlotFlag } from '../../shared/ring/ring-layout.js';
import type { RingMemory } from '../../shared/ring/ring-memory.js';

export interface RingFrame {
  /** The frame's bytes: in shared memory when it took one slot, else joined in memory of its own. */
  readonly bytes: Uint8Array;
  /** Gives the slot back to the writer; `bytes` must not be read any more. Idempotent. */
  release(): void;
}

export class BatchRingReader {
  readonly #ring: RingMemory;
  readonly #consumer: RingConsumer;

  constructor(ring: RingMemory) {
    this.#ring = ring;
    this.#consumer = new RingConsumer(ring);
  }

  /**
   * The next frame, or undefined when the writer has closed (or died) and everything that it published whole was read.
   * The frame before it must have been released.
   */
  async next(): Promise<RingFrame | undefined> {
    // Not by `#hasSlot`: every batch would leave one more promise behind.
    if (!this.#consumer.hasSlot) await this.#consumer.whenReady(0);
    if (!this.#consumer.hasSlot) return undefined;
    for (;;) {
      if (!this.#hasFlag(SlotFlag.more)) return this.#frame();
      const joined = await this.#join();
      if (joined !== 'abandoned') return joined;
    }
  }

  /**
   * Tells the writer which part of the input is being delivered, never less than before, whether it comes through this ring, and how many
   * items come before it.
   */
  tellPart(part: number, isHere: boolean, itemsBefore: number): void {
    this.#consumer.tellPart(part, isHere, itemsBefore);
  }

  /** Asks the writer to end: it publishes nothing more. Frames that it has published can still be read. */
  requestStop(): void {
    stopRingWriter(this.#ring);
  }

  /** Says in the writer's place that nothing follows: for when its thread has ended. Wakes a pending `next`. */
  closeForWriter(): void {
    endRingForWriter(this.#ring);
  }

  /** Joins a frame of several slots. A writer that died in the middle of it has not delivered it. */
  async #join(): Promise<RingFrame | 'abandoned' | undefined> {
    const joined = new Uint8Array(this.#consumer.word(RingDescriptor.frameBytes) >>> 0);
    for (let filled = 0; ; ) {
      const bytes = this.#consumer.bytes();
      const isLast = !this.#hasFlag(SlotFlag.more);
      joined.set(bytes, filled);
      filled += bytes.length;
      this.#release();
      if (isLast) return { bytes: joined, release: () => {} };
      if (!(await this.#hasSlot())) return undefined;
      // Another writer has begun a frame of its own.
      if (!this.#hasFlag(SlotFlag.continued)) return 'abandoned';
    }
  }

  async #hasSlot(): Promise<boolean> {
    if (!this.#consumer.hasSlot) await this.#consumer.whenReady(0);
    return this.#consumer.hasSlot;
  }

  #hasFlag(flag: number): boolean {
    return (this.#consumer.word(RingDescriptor.flags) & flag) !== 0;
  }

  #frame(): RingFrame {
    let held = true;
    return {
      bytes: this.#consumer.bytes(),
      release: () => {
        if (held) this.#release();
        held = false;
      },
    };
  }

  #release(): void {
    this.#consumer.advance();
    this.#consumer.release();
  }
}
