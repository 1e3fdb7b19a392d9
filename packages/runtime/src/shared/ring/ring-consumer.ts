/** The consumer's side of a ring, whatever is in the slots: looks, waits, reads, and gives slots back. See ring-layout.ts. */
import { ringBell, waitForBell } from './ring-bells.js';
import { DESCRIPTOR_TIME, RingDescriptor, RingEnd, type RingShape, RingWord, ringViews } from './ring-layout.js';
import { type RingMemory, ringBuffer } from './ring-memory.js';
import { RingSide, RingWaits } from './ring-waits.js';

const TWO_TO_32 = 2 ** 32;

export class RingConsumer {
  readonly #shape: RingShape;
  readonly #buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #waits: RingWaits;
  readonly #descriptors: Int32Array;
  readonly #times: Float64Array;
  readonly #memory: DataView;
  readonly #slotOffset: (slot: number) => number;
  readonly #mayGoOn = () => this.#stopped || this.look() !== RingEnd.open;
  /** Number of the slot to read next. The producer gets those before it when they are released. */
  #next: number;
  #released: number;
  #knownHead: number;
  #stopped = false;

  constructor(ring: RingMemory) {
    this.#shape = ring.shape;
    this.#buffer = ringBuffer(ring);
    const views = ringViews(this.#buffer, ring.shape);
    this.#memory = new DataView(this.#buffer);
    this.#words = views.words;
    this.#waits = new RingWaits(this.#buffer, RingSide.reader);
    this.#descriptors = views.descriptors;
    const { buffer, byteOffset, byteLength } = views.descriptors;
    this.#times = new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
    this.#slotOffset = views.slotOffset;
    this.#next = Atomics.load(this.#words, RingWord.tail) >>> 0;
    this.#released = this.#next;
    this.#knownHead = Atomics.load(this.#words, RingWord.head) >>> 0;
  }

  /** Number of the slot to read next, modulo 2^32: can be set to any that was published and not released. */
  get next(): number {
    return this.#next;
  }

  set next(slot: number) {
    this.#next = slot;
  }

  /** Whether a slot is known to be there: costs no look at shared memory. */
  get hasSlot(): boolean {
    return this.#knownHead !== this.#next;
  }

  /** 'slot' when there is one to read, else how the ring has ended: `RingEnd.open` says that nothing is at hand yet. */
  look(): 'slot' | (typeof RingEnd)[keyof typeof RingEnd] {
    if (this.hasSlot) return 'slot';
    // Looked at before the counter: what was published before the end is read first.
    const end = Atomics.load(this.#words, RingWord.closed);
    this.#knownHead = Atomics.load(this.#words, RingWord.head) >>> 0;
    return this.hasSlot ? 'slot' : (end as (typeof RingEnd)[keyof typeof RingEnd]);
  }

  /** Whether `stop` was called. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Settles when `look` has something to say, or behind `stop`. See `waitForBell`. */
  whenReady(blockingMs: number): Promise<void> {
    return waitForBell(this.#words, RingWord.readerBell, this.#mayGoOn, blockingMs, this.#waits);
  }

  /** Wakes a pending `whenReady`. The ring is left as it is: another consumer may go on with it. */
  stop(): void {
    this.#stopped = true;
    ringBell(this.#words, RingWord.readerBell);
  }

  /** A word of the next slot's descriptor: an index of `RingDescriptor`. */
  word(index: number): number {
    return this.#descriptors[(this.#next % this.#shape.slots) * RingDescriptor.words + index] ?? 0;
  }

  /** The time of the next slot's bytes, in milliseconds since 1970; NaN where they have none. */
  get timeMs(): number {
    const at = (this.#next % this.#shape.slots) * (RingDescriptor.words / 2);
    return this.#times[at + DESCRIPTOR_TIME] ?? Number.NaN;
  }

  /** All of the ring's memory, in which the next slot begins at `slotOffset`. */
  get memory(): DataView {
    return this.#memory;
  }

  get slotOffset(): number {
    return this.#slotOffset(this.#next);
  }

  /** The published bytes of the next slot, from byte `start` on. They lie in shared memory until the slot is released. */
  bytes(start = 0): Uint8Array {
    return new Uint8Array(
      this.#buffer,
      this.#slotOffset(this.#next) + start,
      this.word(RingDescriptor.byteLength) - start,
    );
  }

  advance(): void {
    this.#next = (this.#next + 1) >>> 0;
  }

  /**
   * Tells the producer which part of the input the consumer is at, never less than before, whether it reads it from this ring, and how many
   * items come before it.
   */
  tellPart(part: number, isHere: boolean, itemsBefore: number): void {
    Atomics.store(this.#words, RingWord.itemsBeforeLow, (itemsBefore % TWO_TO_32) | 0);
    Atomics.store(this.#words, RingWord.itemsBeforeHigh, Math.floor(itemsBefore / TWO_TO_32));
    Atomics.store(this.#words, RingWord.readerPart, part * 2 + Number(isHere));
    ringBell(this.#words, RingWord.writerBell);
  }

  /** Gives all slots before the next one back to the producer. */
  release(): void {
    if (this.#released === this.#next) return;
    this.#released = this.#next;
    Atomics.store(this.#words, RingWord.tail, this.#next | 0);
    ringBell(this.#words, RingWord.writerBell);
  }
}
