/** The producer's side of a ring of batches: frames of one slot or several, each with the mark that holds behind it. */
import { copyBytes } from '../../shared/ring/copy-bytes.js';
import { RingDescriptor, type RingShape, SlotFlag } from '../../shared/ring/ring-layout.js';
import { type RingMark, readRingMark, writeRingMark } from '../../shared/ring/ring-mark.js';
import type { RingMemory } from '../../shared/ring/ring-memory.js';
import { RingProducer } from '../../shared/ring/ring-producer.js';

/** A consumer that takes longer is waited for on the event loop, so that the thread still answers its control port. */
const BLOCKING_WAIT_MS = 20;

export class BatchRingWriter {
  readonly #producer: RingProducer;
  /** Whether the last slot was not the last one of its frame. */
  #inFrame = false;
  /** The mark of the last frame that was published whole. */
  #mark: RingMark;

  constructor(ring: RingMemory) {
    this.#producer = new RingProducer(ring);
    this.#mark = readRingMark(ring) ?? { position: 0, part: 0, sourceRestart: 0, restarts: 0, selected: 0 };
  }

  get shape(): RingShape {
    return this.#producer.shape;
  }

  /** Whether the reader wants no more frames. */
  get stopRequested(): boolean {
    return this.#producer.stopRequested;
  }

  /** Whether the reader wants what is at hand, and no more of the input. */
  get endRequested(): boolean {
    return this.#producer.endRequested;
  }

  /** Slots published so far, modulo 2^32. */
  get published(): number {
    return this.#producer.published;
  }

  /** Number of the part of the input that the reader is at (`RingMark.part`). */
  get readerPart(): number {
    return this.#producer.consumerPart;
  }

  /** Whether the reader is at that part, and reads it from this ring. */
  isReading(part: number): boolean {
    return this.#producer.isReading(part);
  }

  /** How many items come before the part that the reader is at. */
  get itemsBefore(): number {
    return this.#producer.itemsBefore;
  }

  /** What lies at `at` in the ring's memory. */
  memoryAt(at: number, byteLength: number): Uint8Array {
    return new Uint8Array(this.#producer.buffer, at, byteLength);
  }

  /** Settles when the reader is at part `part` or a later one, or with false when it wants no more. */
  whenReaderAt(part: number): Promise<boolean> {
    return this.#producer.whenConsumerAt(part, BLOCKING_WAIT_MS);
  }

  /**
   * The next free slot, as an offset in bytes into the ring's memory; -1 when the reader asked to stop. The slot stays the
   * writer's until `publish`; asking again gives the same one.
   */
  acquire(): number | Promise<number> {
    return this.tryAcquire() ?? this.#waitForSlot();
  }

  /** Like `acquire`, without waiting: undefined when no slot is free. */
  tryAcquire(): number | undefined {
    return this.#producer.hasFree ? this.#producer.slotOffset : undefined;
  }

  /** Like `tryAcquire`, but when no slot is free it waits for one, with the thread blocked, for up to `ms` milliseconds. */
  acquireWithin(ms: number): number | undefined {
    return this.#producer.blockUntilFree(ms) ? this.#producer.slotOffset : undefined;
  }

  /** The mark of the last frame that was published whole, also by a writer before this one. */
  get mark(): RingMark {
    return this.#mark;
  }

  /** Where the first writer of the ring begins. For one that takes over, the ring knows. */
  begin(position: number, part: number): void {
    if (this.published === 0) this.#mark = { ...this.#mark, position, part };
  }

  /**
   * Hands the acquired slot to the reader. `byteLength` is at most a slot; `more` says that the frame goes on.
   * @param mark what is true when the frame is published whole; default: what was true before
   */
  publish(byteLength: number, more = false, frameBytes = byteLength, mark = this.#mark): void {
    const { descriptors, descriptor } = this.#producer;
    descriptors[descriptor + RingDescriptor.byteLength] = byteLength;
    descriptors[descriptor + RingDescriptor.flags] =
      (more ? SlotFlag.more : 0) | (this.#inFrame ? SlotFlag.continued : 0);
    descriptors[descriptor + RingDescriptor.frameBytes] = frameBytes;
    if (!more) this.#mark = mark;
    writeRingMark(descriptors, descriptor, this.#mark);
    this.#producer.publish();
    this.#inFrame = more;
  }

  /**
   * Publishes one frame of any size, given in segments of any size.
   * @param mark what is true when it is published whole; default: what was true before
   * @returns false when the reader asked to stop before the last slot: the frame is then not delivered.
   */
  async publishSegments(segments: readonly Uint8Array[], frameBytes: number, mark = this.#mark): Promise<boolean> {
    const { slotBytes } = this.shape;
    let written = 0;
    let slot = await this.acquire();
    let filled = 0;
    for (const segment of segments) {
      for (let at = 0; at < segment.length; ) {
        if (slot === -1) return false;
        const fitting = segment.subarray(at, at + slotBytes - filled);
        copyBytes(new Uint8Array(this.#producer.buffer, slot + filled, fitting.length), fitting);
        at += fitting.length;
        filled += fitting.length;
        written += fitting.length;
        if (filled < slotBytes || written === frameBytes) continue;
        this.publish(filled, true, frameBytes);
        filled = 0;
        slot = await this.acquire();
      }
    }
    if (slot === -1) return false;
    this.publish(filled, false, frameBytes, mark);
    return true;
  }

  /** Finds its place again after the thread was interrupted at any point of `publish`. */
  resume(): void {
    this.#producer.resume();
  }

  /** Tells the reader that nothing follows. */
  close(): void {
    this.#producer.close();
  }

  async #waitForSlot(): Promise<number> {
    return (await this.#producer.whenFree(BLOCKING_WAIT_MS)) ? this.#producer.slotOffset : -1;
  }
}
