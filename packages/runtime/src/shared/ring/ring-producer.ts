/** The producer's side of a ring, whatever is in the slots: claims free slots, publishes them, waits, and ends. See ring-layout.ts. */
import { blockForBell, ringBell, waitForBell } from './ring-bells.js';
import { RingDemand, RingDescriptor, RingEnd, type RingShape, RingWord, ringViews } from './ring-layout.js';
import { type RingMemory, ringBuffer } from './ring-memory.js';
import { RingSide, RingWaits } from './ring-waits.js';

export class RingProducer {
  readonly shape: RingShape;
  readonly buffer: SharedArrayBuffer;
  readonly descriptors: Int32Array;
  readonly #words: Int32Array;
  readonly #waits: RingWaits;
  readonly #slotOffset: (slot: number) => number;
  readonly #hasFreeOrStops = () => this.stopRequested || this.hasFree;
  readonly #stops = () => this.stopRequested;
  #head: number;
  /** The consumer's counter as last seen: looked at again only when the ring seems full. */
  #knownTail: number;

  constructor(ring: RingMemory) {
    this.shape = ring.shape;
    this.buffer = ringBuffer(ring);
    const views = ringViews(this.buffer, ring.shape);
    this.#words = views.words;
    this.#waits = new RingWaits(this.buffer, RingSide.writer);
    this.descriptors = views.descriptors;
    this.#slotOffset = views.slotOffset;
    this.#head = Atomics.load(this.#words, RingWord.head) >>> 0;
    this.#knownTail = Atomics.load(this.#words, RingWord.tail) >>> 0;
  }

  /** Slots published so far, modulo 2^32. */
  get published(): number {
    return this.#head;
  }

  /** Whether the consumer wants no more. */
  get stopRequested(): boolean {
    return Atomics.load(this.#words, RingWord.stop) !== 0;
  }

  /** Whether it is asked to come to an end where it is. */
  get endRequested(): boolean {
    return Atomics.load(this.#words, RingWord.demand) === RingDemand.end;
  }

  /** Whether there is a free slot, which is the producer's until `publish`. A producer that is paused has none. */
  get hasFree(): boolean {
    if (Atomics.load(this.#words, RingWord.demand) === RingDemand.paused) return false;
    const { slots } = this.shape;
    if ((this.#head - this.#knownTail) >>> 0 < slots) return true;
    this.#knownTail = Atomics.load(this.#words, RingWord.tail) >>> 0;
    return (this.#head - this.#knownTail) >>> 0 < slots;
  }

  /** Offset in bytes of the next slot, in the ring's memory. */
  get slotOffset(): number {
    return this.#slotOffset(this.#head);
  }

  /** Index of the next slot's descriptor in `descriptors`. */
  get descriptor(): number {
    return (this.#head % this.shape.slots) * RingDescriptor.words;
  }

  /** Settles when there is a free slot, or with false when the consumer wants no more. See `waitForBell`. */
  async whenFree(blockingMs: number): Promise<boolean> {
    await waitForBell(this.#words, RingWord.writerBell, this.#hasFreeOrStops, blockingMs, this.#waits);
    return !this.stopRequested;
  }

  /** Number of the part of the input that the consumer is at: 0 until it says another one. */
  get consumerPart(): number {
    return Atomics.load(this.#words, RingWord.readerPart) >> 1;
  }

  /** Whether the consumer is at that part, and reads it from this ring. */
  isReading(part: number): boolean {
    return Atomics.load(this.#words, RingWord.readerPart) === part * 2 + 1;
  }

  /** How many items come before the part that the consumer is at. */
  get itemsBefore(): number {
    const high = Atomics.load(this.#words, RingWord.itemsBeforeHigh);
    return high * 2 ** 32 + (Atomics.load(this.#words, RingWord.itemsBeforeLow) >>> 0);
  }

  /** Settles when the consumer is at part `part` or a later one, or with false when it wants no more. See `waitForBell`. */
  async whenConsumerAt(part: number, blockingMs: number): Promise<boolean> {
    const isDone = () => this.stopRequested || this.consumerPart >= part;
    await waitForBell(this.#words, RingWord.writerBell, isDone, blockingMs, this.#waits);
    return !this.stopRequested;
  }

  /** Blocks the thread until there is a free slot, for up to `limitMs` milliseconds. Returns whether there is one. */
  blockUntilFree(limitMs: number): boolean {
    return blockForBell(this.#words, RingWord.writerBell, this.#hasFreeOrStops, limitMs, this.#waits) && this.hasFree;
  }

  /** Blocks the thread for `limitMs` milliseconds, less when the consumer asks to stop meanwhile. */
  rest(limitMs: number): void {
    blockForBell(this.#words, RingWord.writerBell, this.#stops, limitMs);
  }

  /** Hands the claimed slot to the consumer, with what its descriptor says: everything written before becomes visible in one step. */
  publish(): void {
    const head = (this.#head + 1) >>> 0;
    Atomics.store(this.#words, RingWord.head, head | 0);
    this.#head = head;
    ringBell(this.#words, RingWord.readerBell);
  }

  /** Finds its place again after the thread was interrupted at any point of `publish`. */
  resume(): void {
    this.#head = Atomics.load(this.#words, RingWord.head) >>> 0;
    ringBell(this.#words, RingWord.readerBell);
  }

  /** Says that nothing follows. */
  close(): void {
    Atomics.compareExchange(this.#words, RingWord.closed, RingEnd.open, RingEnd.closed);
    ringBell(this.#words, RingWord.readerBell);
  }
}
