/** The consumer's side of a batch ring; see ring-layout.ts for the protocol. Never blocks: it waits on the event loop. */

import { endRingForWriter, stopRingWriter } from '../../shared/ring/ring-ends.js';
import { PieceFlag, RingDescriptor, type RingShape, RingWord, ringViews } from '../../shared/ring/ring-layout.js';
import { type RingMemory, ringBuffer } from '../../shared/ring/ring-memory.js';

export interface Frame {
  /** The frame's bytes: in shared memory when it took one slot, else joined in memory of its own. */
  readonly bytes: Uint8Array;
  /** Gives the slot back to the writer; `bytes` must not be read any more. Again is harmless. */
  release(): void;
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly more: boolean;
  readonly continued: boolean;
  /** Bytes of the whole frame. */
  readonly frameBytes: number;
}

export class RingReader {
  readonly #ring: RingMemory;
  readonly #shape: RingShape;
  readonly #buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #descriptors: Int32Array;
  readonly #slotOffset: (piece: number) => number;
  #tail: number;
  #knownHead: number;

  constructor(ring: RingMemory) {
    this.#ring = ring;
    this.#shape = ring.shape;
    this.#buffer = ringBuffer(ring);
    const views = ringViews(this.#buffer, ring.shape);
    this.#words = views.words;
    this.#descriptors = views.descriptors;
    this.#slotOffset = views.slotOffset;
    this.#tail = Atomics.load(this.#words, RingWord.tail) >>> 0;
    this.#knownHead = Atomics.load(this.#words, RingWord.head) >>> 0;
  }

  /**
   * The next frame, or undefined when the writer has closed (or died) and everything that it published whole was read.
   * The frame before it must have been released.
   */
  async next(): Promise<Frame | undefined> {
    if (!(await this.#hasPiece())) return undefined;
    for (;;) {
      const first = this.#piece();
      if (!first.more) return this.#frame(first.bytes);
      const joined = await this.#join(first);
      if (joined !== 'abandoned') return joined;
    }
  }

  /** Joins a frame of several pieces. A writer that died in the middle of it has not delivered it. */
  async #join(first: Piece): Promise<Frame | 'abandoned' | undefined> {
    const joined = new Uint8Array(first.frameBytes);
    let filled = 0;
    for (let piece = first; ; piece = this.#piece()) {
      // Another writer has begun a frame of its own.
      if (piece !== first && !piece.continued) return 'abandoned';
      joined.set(piece.bytes, filled);
      filled += piece.bytes.length;
      this.#release();
      if (!piece.more) return { bytes: joined, release: () => {} };
      if (!(await this.#hasPiece())) return undefined;
    }
  }

  /** Asks the writer to end: it publishes nothing more. Frames that it has published can still be read. */
  requestStop(): void {
    stopRingWriter(this.#ring);
  }

  /** Says in the writer's place that nothing follows: for when its thread has ended. Wakes a pending `next`. */
  closeForWriter(): void {
    endRingForWriter(this.#ring);
  }

  async #hasPiece(): Promise<boolean> {
    for (;;) {
      if (this.#knownHead !== this.#tail) return true;
      const bell = Atomics.load(this.#words, RingWord.readerBell);
      const closed = Atomics.load(this.#words, RingWord.closed) !== 0;
      this.#knownHead = Atomics.load(this.#words, RingWord.head) >>> 0;
      if (this.#knownHead !== this.#tail) return true;
      if (closed) return false;
      // No time limit, see pitfalls of `waitAsync` in docs/architecture.md: whoever closes or dies rings the bell.
      const wait = Atomics.waitAsync(this.#words, RingWord.readerBell, bell);
      if (wait.async) await wait.value;
    }
  }

  #piece(): Piece {
    const descriptor = (this.#tail % this.#shape.slots) * RingDescriptor.words;
    const byteLength = this.#descriptors[descriptor + RingDescriptor.byteLength] ?? 0;
    const flags = this.#descriptors[descriptor + RingDescriptor.flags] ?? 0;
    return {
      bytes: new Uint8Array(this.#buffer, this.#slotOffset(this.#tail), byteLength),
      more: (flags & PieceFlag.more) !== 0,
      continued: (flags & PieceFlag.continued) !== 0,
      frameBytes: (this.#descriptors[descriptor + RingDescriptor.frameBytes] ?? 0) >>> 0,
    };
  }

  #frame(bytes: Uint8Array): Frame {
    let held = true;
    return {
      bytes,
      release: () => {
        if (held) this.#release();
        held = false;
      },
    };
  }

  #release(): void {
    this.#tail = (this.#tail + 1) >>> 0;
    Atomics.store(this.#words, RingWord.tail, this.#tail | 0);
    Atomics.add(this.#words, RingWord.writerBell, 1);
    Atomics.notify(this.#words, RingWord.writerBell);
  }
}
