/**
 * The consumer's side of a ring of bytes, in a worker. Pieces are copied out of their slots; where the writer cut them means
 * nothing. What was read is given back to the writer by `settle`, so that a reader that takes over from one whose thread
 * died can go on at exactly the byte that the other had put in safety.
 */
import { deserializeError, HostError, type SerializedError } from '../../shared/errors.js';
import {
  type ChunkPosition,
  PieceKind,
  RingDescriptor,
  RingEnd,
  type RingShape,
  RingWord,
  ringViews,
} from '../../shared/ring/ring-layout.js';
import { type RingMemory, ringBuffer } from '../../shared/ring/ring-memory.js';

/** How long an empty ring is waited for with the thread blocked: the quickest way to go on. Then the event loop has its turn. */
const BLOCKING_WAIT_MS = 20;

export interface ChunkReaderOptions {
  /** Told of each note when the reader comes to it; again when it is set back. The bytes are valid during the call. */
  readonly onNote?: (note: Uint8Array) => void;
}

export class ChunkReader {
  readonly #shape: RingShape;
  readonly #buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #descriptors: Int32Array;
  readonly #slotOffset: (piece: number) => number;
  #piece: number;
  #byte = 0;
  readonly #onNote: ((note: Uint8Array) => void) | undefined;
  #knownHead: number;
  #stopped = false;

  constructor(ring: RingMemory, options: ChunkReaderOptions = {}) {
    this.#onNote = options.onNote;
    this.#shape = ring.shape;
    this.#buffer = ringBuffer(ring);
    const views = ringViews(this.#buffer, ring.shape);
    this.#words = views.words;
    this.#descriptors = views.descriptors;
    this.#slotOffset = views.slotOffset;
    this.#piece = Atomics.load(this.#words, RingWord.tail) >>> 0;
    this.#knownHead = Atomics.load(this.#words, RingWord.head) >>> 0;
  }

  /** Can be set to any position from the one on that was given back last. */
  get position(): ChunkPosition {
    return { piece: this.#piece, byte: this.#byte };
  }

  set position({ piece, byte }: ChunkPosition) {
    this.#piece = piece;
    this.#byte = byte;
  }

  /**
   * Copies what is at hand to the start of `into`, up to its length, and returns how many bytes that are: 0 only when the
   * writer has ended well, undefined when nothing is at hand.
   * @throws what the writer failed with; HostError `ERR_SOURCE_READ` when its thread ended before it had said that it is done,
   * `ERR_CLOSED` behind `stop`
   */
  read(into: Uint8Array): number | undefined {
    if (this.#stopped) throw new HostError('ERR_CLOSED', 'The session has ended: its input is not read any more.');
    // Looked at before the pieces: what was published before the end is read first.
    const end = Atomics.load(this.#words, RingWord.closed);
    if (this.#hasPiece()) return this.#copy(into);
    if (end === RingEnd.lost) throw lost();
    return end === RingEnd.closed ? 0 : undefined;
  }

  /** Resolves when `read` may have more to say: at once, after a moment with the thread blocked, or on the event loop. */
  async ready(): Promise<void> {
    for (let blocking = true; ; blocking = false) {
      const bell = Atomics.load(this.#words, RingWord.readerBell);
      if (this.#stopped || Atomics.load(this.#words, RingWord.closed) !== RingEnd.open || this.#hasPiece()) return;
      if (blocking) {
        Atomics.wait(this.#words, RingWord.readerBell, bell, BLOCKING_WAIT_MS);
        continue;
      }
      // Without a time limit, as in chunk-writer.ts: the main thread ends the ring for a writer that died.
      const wait = Atomics.waitAsync(this.#words, RingWord.readerBell, bell);
      if (wait.async) await wait.value;
    }
  }

  /** Reads no more, and wakes a pending `ready`. The ring is left as it is: another reader may go on with it. */
  stop(): void {
    this.#stopped = true;
    Atomics.add(this.#words, RingWord.readerBell, 1);
    Atomics.notify(this.#words, RingWord.readerBell);
  }

  /** Gives what was read back to the writer. */
  settle(): void {
    if (Atomics.load(this.#words, RingWord.tail) >>> 0 === this.#piece) return;
    Atomics.store(this.#words, RingWord.tail, this.#piece | 0);
    Atomics.add(this.#words, RingWord.writerBell, 1);
    Atomics.notify(this.#words, RingWord.writerBell);
  }

  #hasPiece(): boolean {
    if (this.#knownHead !== this.#piece) return true;
    this.#knownHead = Atomics.load(this.#words, RingWord.head) >>> 0;
    return this.#knownHead !== this.#piece;
  }

  #copy(into: Uint8Array): number | undefined {
    const descriptor = (this.#piece % this.#shape.slots) * RingDescriptor.words;
    const byteLength = this.#descriptors[descriptor + RingDescriptor.byteLength] ?? 0;
    const slot = this.#slotOffset(this.#piece);
    const kind = this.#descriptors[descriptor + RingDescriptor.kind];
    // It stays where it is: whoever takes over finds it, too.
    if (kind === PieceKind.error) throw this.#error(slot, byteLength);
    if (kind === PieceKind.note) {
      this.#onNote?.(new Uint8Array(this.#buffer, slot, byteLength));
      this.#piece = (this.#piece + 1) >>> 0;
      return this.read(into);
    }
    const count = Math.min(into.length, byteLength - this.#byte);
    into.set(new Uint8Array(this.#buffer, slot + this.#byte, count));
    this.#byte += count;
    if (this.#byte === byteLength) {
      this.#piece = (this.#piece + 1) >>> 0;
      this.#byte = 0;
    }
    // A piece without bytes is not the end.
    return count === 0 && into.length > 0 ? this.read(into) : count;
  }

  #error(slot: number, byteLength: number): Error {
    const text = Buffer.from(new Uint8Array(this.#buffer, slot, byteLength)).toString('utf8');
    return deserializeError(JSON.parse(text) as SerializedError);
  }
}

function lost(): HostError {
  return new HostError('ERR_SOURCE_READ', 'The source ended before its input did: its thread is gone.');
}
