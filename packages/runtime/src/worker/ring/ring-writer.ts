/** The producer's side of a batch ring; see ring-layout.ts for the protocol. */
import { PieceFlag, RingDescriptor, type RingShape, RingWord, ringViews } from '../../shared/ring/ring-layout.js';
import { type RingMark, readRingMark, writeRingMark } from '../../shared/ring/ring-mark.js';
import { type RingMemory, ringBuffer } from '../../shared/ring/ring-memory.js';

/**
 * How long a full ring is waited for with the thread blocked, which is the quickest way to go on. A consumer that takes
 * longer is waited for on the event loop, so that the thread still answers its control port.
 */
const BLOCKING_WAIT_MS = 20;

export class RingWriter {
  readonly shape: RingShape;
  readonly #buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #descriptors: Int32Array;
  readonly #slotOffset: (piece: number) => number;
  #head: number;
  /** The reader's counter as last seen: looked at again only when the ring seems full. */
  #knownTail: number;
  /** Whether the last piece was not the last one of its frame. */
  #inFrame = false;
  /** What the last frame that was published whole has come to. */
  #mark: RingMark;

  constructor(ring: RingMemory) {
    this.shape = ring.shape;
    this.#buffer = ringBuffer(ring);
    const views = ringViews(this.#buffer, ring.shape);
    this.#words = views.words;
    this.#descriptors = views.descriptors;
    this.#slotOffset = views.slotOffset;
    this.#mark = readRingMark(ring) ?? { position: 0, part: 0, sourceRestart: 0, restarts: 0 };
    this.#head = Atomics.load(this.#words, RingWord.head) >>> 0;
    this.#knownTail = Atomics.load(this.#words, RingWord.tail) >>> 0;
  }

  /** Whether the reader wants no more frames. */
  get stopRequested(): boolean {
    return Atomics.load(this.#words, RingWord.stop) !== 0;
  }

  /**
   * The next free slot, as an offset in bytes into the ring's memory; -1 when the reader asked to stop. The slot stays the
   * writer's until `publish`; asking again gives the same one.
   */
  acquire(): number | Promise<number> {
    const slot = this.tryAcquire();
    return slot === undefined ? this.#waitForSlot() : slot;
  }

  /** Like `acquire`, without waiting: undefined when no slot is free. */
  tryAcquire(): number | undefined {
    return this.#hasFreeSlot() ? this.#slotOffset(this.#head) : undefined;
  }

  /** Like `tryAcquire`, but when no slot is free it waits for one, with the thread blocked, for up to `ms` milliseconds. */
  acquireWithin(ms: number): number | undefined {
    const end = performance.now() + ms;
    for (;;) {
      const bell = Atomics.load(this.#words, RingWord.writerBell);
      if (this.#hasFreeSlot()) return this.#slotOffset(this.#head);
      const left = end - performance.now();
      if (left <= 0 || this.stopRequested) return undefined;
      Atomics.wait(this.#words, RingWord.writerBell, bell, left);
    }
  }

  /** What the last frame that was published whole has come to, also by a writer before this one. */
  get mark(): RingMark {
    return this.#mark;
  }

  /** Where the first writer of the ring begins. For one that takes over, the ring knows. */
  begin(position: number, part: number): void {
    if (this.#head === 0) this.#mark = { ...this.#mark, position, part };
  }

  /**
   * Hands the acquired slot to the reader. `byteLength` is at most a slot; `more` says that the frame goes on.
   * @param mark what is true when the frame is published whole; default: what was true before
   */
  publish(byteLength: number, more = false, frameBytes = byteLength, mark = this.#mark): void {
    const descriptor = (this.#head % this.shape.slots) * RingDescriptor.words;
    this.#descriptors[descriptor + RingDescriptor.byteLength] = byteLength;
    this.#descriptors[descriptor + RingDescriptor.flags] =
      (more ? PieceFlag.more : 0) | (this.#inFrame ? PieceFlag.continued : 0);
    this.#descriptors[descriptor + RingDescriptor.frameBytes] = frameBytes;
    if (!more) this.#mark = mark;
    writeRingMark(this.#descriptors, descriptor, this.#mark);
    const head = (this.#head + 1) >>> 0;
    Atomics.store(this.#words, RingWord.head, head | 0);
    this.#head = head;
    this.#inFrame = more;
    this.#ringReader();
  }

  /** Pieces published so far, modulo 2^32. */
  get published(): number {
    return this.#head;
  }

  /** Finds its place again after the thread was interrupted at any point of `publish`. */
  resume(): void {
    this.#head = Atomics.load(this.#words, RingWord.head) >>> 0;
    this.#ringReader();
  }

  /**
   * Publishes one frame of any size, given in pieces of any size.
   * @param mark what is true when it is published whole; default: what was true before
   * @returns false when the reader asked to stop before the last piece: the frame is then not delivered.
   */
  async publishSegments(segments: readonly Uint8Array[], frameBytes: number, mark = this.#mark): Promise<boolean> {
    let written = 0;
    let slot = await this.acquire();
    let filled = 0;
    for (const segment of segments) {
      for (let at = 0; at < segment.length; ) {
        if (slot === -1) return false;
        const piece = segment.subarray(at, at + this.shape.slotBytes - filled);
        new Uint8Array(this.#buffer, slot + filled, piece.length).set(piece);
        at += piece.length;
        filled += piece.length;
        written += piece.length;
        if (filled < this.shape.slotBytes || written === frameBytes) continue;
        this.publish(filled, true, frameBytes);
        filled = 0;
        slot = await this.acquire();
      }
    }
    if (slot === -1) return false;
    this.publish(filled, false, frameBytes, mark);
    return true;
  }

  /** Tells the reader that nothing follows. */
  close(): void {
    Atomics.store(this.#words, RingWord.closed, 1);
    this.#ringReader();
  }

  #hasFreeSlot(): boolean {
    const { slots } = this.shape;
    if ((this.#head - this.#knownTail) >>> 0 < slots) return true;
    this.#knownTail = Atomics.load(this.#words, RingWord.tail) >>> 0;
    return (this.#head - this.#knownTail) >>> 0 < slots;
  }

  async #waitForSlot(): Promise<number> {
    for (let blocking = true; ; blocking = false) {
      const bell = Atomics.load(this.#words, RingWord.writerBell);
      if (this.stopRequested) return -1;
      if (this.#hasFreeSlot()) return this.#slotOffset(this.#head);
      if (blocking) {
        Atomics.wait(this.#words, RingWord.writerBell, bell, BLOCKING_WAIT_MS);
        continue;
      }
      // Without a time limit: one that is notified early keeps its timer until the limit passes. The reader rings on
      // release and on stop, and it cannot die alone: it is on the main thread.
      const wait = Atomics.waitAsync(this.#words, RingWord.writerBell, bell);
      if (wait.async) await wait.value;
    }
  }

  #ringReader(): void {
    Atomics.add(this.#words, RingWord.readerBell, 1);
    Atomics.notify(this.#words, RingWord.readerBell);
  }
}
