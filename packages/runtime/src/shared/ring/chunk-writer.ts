/**
 * The producer's side of a ring of bytes; see ring-layout.ts for the protocol and chunk-reader.ts for the other side. Where
 * bytes are cut into pieces means nothing, and a piece has at least one. Runs in a source's worker, or on the main thread for
 * input that arrives there.
 */
import { serializeError } from '../errors.js';
import { PieceKind, RingDescriptor, RingEnd, type RingShape, RingWord, ringViews } from './ring-layout.js';
import { type RingMemory, ringBuffer } from './ring-memory.js';

const DEFAULT_BLOCKING_WAIT_MS = 20;

export interface ChunkWriterOptions {
  /**
   * How long a full ring is waited for with the thread blocked, which is the quickest way to go on, in milliseconds; after
   * that the event loop has its turn. Default 20; 0 never blocks, as the main thread must not.
   */
  readonly blockingWaitMs?: number;
}

export class ChunkWriter {
  readonly shape: RingShape;
  readonly #buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #descriptors: Int32Array;
  readonly #slotOffset: (piece: number) => number;
  readonly #blockingWaitMs: number;
  #head: number;
  /** The reader's counter as last seen: looked at again only when the ring seems full. */
  #knownTail: number;

  constructor(ring: RingMemory, options: ChunkWriterOptions = {}) {
    this.shape = ring.shape;
    this.#blockingWaitMs = options.blockingWaitMs ?? DEFAULT_BLOCKING_WAIT_MS;
    this.#buffer = ringBuffer(ring);
    const views = ringViews(this.#buffer, ring.shape);
    this.#words = views.words;
    this.#descriptors = views.descriptors;
    this.#slotOffset = views.slotOffset;
    this.#head = Atomics.load(this.#words, RingWord.head) >>> 0;
    this.#knownTail = Atomics.load(this.#words, RingWord.tail) >>> 0;
  }

  /** Pieces published so far, modulo 2^32. */
  get published(): number {
    return this.#head;
  }

  /** Whether the reader wants no more. */
  get stopRequested(): boolean {
    return Atomics.load(this.#words, RingWord.stop) !== 0;
  }

  /** The next free slot, to be filled and published; undefined when there is none. The same one until `publish`. */
  tryAcquire(): Uint8Array | undefined {
    return this.#hasFreeSlot() ? this.#slot() : undefined;
  }

  /** The next free slot, which is waited for; undefined when the reader wants no more. */
  async acquire(): Promise<Uint8Array | undefined> {
    for (let blocking = this.#blockingWaitMs > 0; ; blocking = false) {
      const bell = Atomics.load(this.#words, RingWord.writerBell);
      if (this.stopRequested) return undefined;
      if (this.#hasFreeSlot()) return this.#slot();
      if (blocking) {
        Atomics.wait(this.#words, RingWord.writerBell, bell, this.#blockingWaitMs);
        continue;
      }
      // Without a time limit: one that is notified early keeps its timer until the limit passes. The reader rings when it
      // gives slots back, and the main thread asks to stop when the reader is gone.
      const wait = Atomics.waitAsync(this.#words, RingWord.writerBell, bell);
      if (wait.async) await wait.value;
    }
  }

  /** Hands the first `byteLength` bytes of the acquired slot to the reader. */
  publish(byteLength: number): void {
    if (byteLength > 0) this.#publish(byteLength, PieceKind.data);
  }

  /**
   * Has the reader told of something before it gets the bytes that are published next. Waits for a slot.
   * @param note at most a slot
   * @returns false when the reader wants no more
   */
  async note(note: Uint8Array): Promise<boolean> {
    const slot = await this.acquire();
    slot?.set(note);
    if (slot !== undefined) this.#publish(note.length, PieceKind.note);
    return slot !== undefined;
  }

  /** Blocks the thread for a while, less when the reader asks to stop meanwhile. */
  rest(limitMs: number): void {
    const until = performance.now() + limitMs;
    for (let left = limitMs; left > 0; left = until - performance.now()) {
      const bell = Atomics.load(this.#words, RingWord.writerBell);
      if (this.stopRequested) return;
      Atomics.wait(this.#words, RingWord.writerBell, bell, left);
    }
  }

  /** Finds its place again after the thread was interrupted at any point of `publish`. */
  resume(): void {
    this.#head = Atomics.load(this.#words, RingWord.head) >>> 0;
    this.#ringReader();
  }

  /** Says that nothing follows. */
  close(): void {
    Atomics.compareExchange(this.#words, RingWord.closed, RingEnd.open, RingEnd.closed);
    this.#ringReader();
  }

  /** Has the reader throw an error behind everything that was published, and closes. Waits for a slot. */
  async fail(error: unknown): Promise<void> {
    const slot = await this.acquire();
    if (slot !== undefined) {
      const text = errorText(error, slot.length);
      slot.set(text);
      this.#publish(text.length, PieceKind.error);
    }
    this.close();
  }

  #publish(byteLength: number, kind: number): void {
    const descriptor = (this.#head % this.shape.slots) * RingDescriptor.words;
    this.#descriptors[descriptor + RingDescriptor.byteLength] = byteLength;
    this.#descriptors[descriptor + RingDescriptor.kind] = kind;
    const head = (this.#head + 1) >>> 0;
    Atomics.store(this.#words, RingWord.head, head | 0);
    this.#head = head;
    this.#ringReader();
  }

  #slot(): Uint8Array {
    return new Uint8Array(this.#buffer, this.#slotOffset(this.#head), this.shape.slotBytes);
  }

  #hasFreeSlot(): boolean {
    const { slots } = this.shape;
    if ((this.#head - this.#knownTail) >>> 0 < slots) return true;
    this.#knownTail = Atomics.load(this.#words, RingWord.tail) >>> 0;
    return (this.#head - this.#knownTail) >>> 0 < slots;
  }

  #ringReader(): void {
    Atomics.add(this.#words, RingWord.readerBell, 1);
    Atomics.notify(this.#words, RingWord.readerBell);
  }
}

/** An error as JSON that fits a slot: without its stack and causes, and with a short message, if it has to be. */
function errorText(error: unknown, slotBytes: number): Uint8Array {
  const whole = serializeError(error);
  const text = Buffer.from(JSON.stringify(whole), 'utf8');
  if (text.length <= slotBytes) return text;
  const { name, message, code, phase, plugin } = whole;
  // A character takes at most 6 bytes of JSON.
  const cut = (long: string | undefined) => long?.slice(0, Math.floor(slotBytes / 16));
  return Buffer.from(JSON.stringify({ name, message: cut(message), code, phase, plugin: cut(plugin) }), 'utf8');
}
