/**
 * The consumer's side of a ring of bytes, in a worker. Bytes are copied out of their slots; where the writer cut them means
 * nothing. What was read is given back to the writer by `settle`, so that a reader that takes over from one whose thread
 * died can go on at exactly the byte that the other had put in safety.
 */
import { deserializeError, HostError, type SerializedError } from '../../shared/errors.js';
import { copyBytes } from '../../shared/ring/copy-bytes.js';
import { RingConsumer } from '../../shared/ring/ring-consumer.js';
import {
  PacketEntry,
  packetBytes,
  RingDescriptor,
  RingEnd,
  type RingPosition,
  SlotKind,
} from '../../shared/ring/ring-layout.js';
import type { RingMemory } from '../../shared/ring/ring-memory.js';

/** After this, an empty ring is waited for on the event loop. */
const BLOCKING_WAIT_MS = 20;

export interface ByteRingReaderOptions {
  /** Called with each note when the reader comes to it; again when it is set back. The bytes are valid during the call. */
  readonly onNote?: (note: Uint8Array) => void;
}

/** What stands in front of the next byte. */
export type ByteRingMark =
  /** Bytes of a time of their own, or a packet: `byteLength` of them can be read at once. */
  | { readonly kind: 'load'; readonly byteLength: number; readonly timeMs: number }
  /** A packet goes on that did not fit its slot. */
  | { readonly kind: 'part'; readonly byteLength: number }
  /** A message of the writer's, which is valid until the slot is given back. `pass` goes on behind it. */
  | { readonly kind: 'event' | 'segment'; readonly message: Uint8Array };

export class ByteRingReader {
  readonly #consumer: RingConsumer;
  readonly #onNote: ((note: Uint8Array) => void) | undefined;
  #byte = 0;
  /** What `mark` has found, for the `read` behind it: a slot that comes between the two would be read without its mark. */
  #marked: ReturnType<RingConsumer['look']> | 'nothing' = 'nothing';

  constructor(ring: RingMemory, options: ByteRingReaderOptions = {}) {
    this.#consumer = new RingConsumer(ring);
    this.#onNote = options.onNote;
  }

  /** Can be set to any position from the one on that was given back last. */
  get position(): RingPosition {
    return { slot: this.#consumer.next, byte: this.#byte };
  }

  set position({ slot, byte }: RingPosition) {
    this.#marked = 'nothing';
    this.#consumer.next = slot;
    this.#byte = byte;
  }

  /** What the reader comes to before the next byte, if it is anything but that byte; `read` then takes what was found. It does not go over messages. */
  mark(): ByteRingMark | undefined {
    if (this.#consumer.stopped) return undefined;
    this.#marked = this.#consumer.look();
    if (this.#marked !== 'slot') return undefined;
    switch (this.#consumer.word(RingDescriptor.kind)) {
      case SlotKind.event:
        return { kind: 'event', message: this.#consumer.bytes() };
      case SlotKind.segment:
        return { kind: 'segment', message: this.#consumer.bytes() };
      case SlotKind.packets:
        return this.#packetMark();
      case SlotKind.data: {
        const { timeMs } = this.#consumer;
        if (this.#byte > 0 || Number.isNaN(timeMs)) return undefined;
        return { kind: 'load', byteLength: this.#consumer.word(RingDescriptor.byteLength), timeMs };
      }
      default:
        return undefined;
    }
  }

  /** Goes on behind the message that `mark` has found. */
  pass(): void {
    this.#marked = 'nothing';
    this.#consumer.advance();
    this.#byte = 0;
  }

  /**
   * Copies what is at hand to the start of `into`, up to its length, and returns how many bytes that are: 0 only when the
   * writer has ended well, undefined when nothing is at hand, or a message comes first. Of packets, one is read, which `into` must have room for.
   * @throws what the writer failed with; HostError `ERR_SOURCE_READ` when its thread ended before it had said that it is done,
   * `ERR_CLOSED` behind `stop`
   */
  read(into: Uint8Array): number | undefined {
    if (this.#consumer.stopped)
      throw new HostError('ERR_CLOSED', 'The session has ended: its input is no longer read.');
    for (let marked = this.#marked; ; marked = 'nothing') {
      this.#marked = 'nothing';
      const found = marked === 'nothing' ? this.#consumer.look() : marked;
      if (found === RingEnd.lost) throw lost();
      if (found !== 'slot') return found === RingEnd.closed ? 0 : undefined;
      const kind = this.#consumer.word(RingDescriptor.kind);
      // It stays in the ring, so that a reader that takes over finds it, too.
      if (kind === SlotKind.error) throw this.#error();
      if (kind === SlotKind.note) {
        this.#onNote?.(this.#consumer.bytes());
        this.#consumer.advance();
        continue;
      }
      if (kind === SlotKind.event || kind === SlotKind.segment) return undefined;
      if (kind === SlotKind.packets) return this.#copyPacket(into);
      const count = this.#copy(into);
      // A slot without bytes is not the end.
      if (count > 0 || into.length === 0) return count;
    }
  }

  /** Resolves when `read` may have more to say: at once, after a moment with the thread blocked, or on the event loop. */
  ready(): Promise<void> {
    return this.#consumer.whenReady(BLOCKING_WAIT_MS);
  }

  /** Reads no more, and wakes a pending `ready`. The ring is left as it is: another reader may go on with it. */
  stop(): void {
    this.#consumer.stop();
  }

  /** Gives what was read back to the writer. */
  settle(): void {
    this.#consumer.release();
  }

  #copy(into: Uint8Array): number {
    const left = this.#consumer.bytes(this.#byte);
    const count = Math.min(into.length, left.length);
    copyBytes(into, count === left.length ? left : left.subarray(0, count));
    this.#byte += count;
    if (count === left.length) {
      this.#consumer.advance();
      this.#byte = 0;
    }
    return count;
  }

  #packetMark(): ByteRingMark {
    const { memory, slotOffset } = this.#consumer;
    const head = slotOffset + this.#byte;
    const byteLength = memory.getUint32(head + PacketEntry.byteLength, true);
    if (memory.getUint32(head + PacketEntry.continues, true) !== 0) return { kind: 'part', byteLength };
    return { kind: 'load', byteLength, timeMs: memory.getFloat64(head + PacketEntry.time, true) };
  }

  #copyPacket(into: Uint8Array): number {
    const { memory, slotOffset } = this.#consumer;
    const byteLength = memory.getUint32(slotOffset + this.#byte + PacketEntry.byteLength, true);
    const at = this.#byte + PacketEntry.headBytes;
    if (byteLength > this.#consumer.word(RingDescriptor.byteLength) - at || byteLength > into.length)
      throw new HostError('ERR_INTERNAL', `A packet of ${byteLength} bytes does not fit its place.`);
    copyBytes(into, new Uint8Array(memory.buffer, slotOffset + at, byteLength));
    this.#byte += packetBytes(byteLength);
    if (this.#byte >= this.#consumer.word(RingDescriptor.byteLength)) this.pass();
    return byteLength;
  }

  #error(): Error {
    const text = Buffer.from(this.#consumer.bytes()).toString('utf8');
    return deserializeError(JSON.parse(text) as SerializedError);
  }
}

function lost(): HostError {
  return new HostError('ERR_SOURCE_READ', "The source's thread ended before its input did.");
}
