/**
 * The producer's side of a ring of bytes. Where bytes are cut into slots means nothing, and a slot has at least one. It runs in a
 * source's worker, or on the main thread for input that arrives there.
 */
import { serializeError } from '../errors.js';
import { DESCRIPTOR_TIME, PacketEntry, packetBytes, RingDescriptor, type RingShape, SlotKind } from './ring-layout.js';
import type { RingMemory } from './ring-memory.js';
import { RingProducer } from './ring-producer.js';

const DEFAULT_BLOCKING_WAIT_MS = 20;

export interface ByteRingWriterOptions {
  /**
   * How long a full ring is waited for with the thread blocked, which is the quickest way to go on, in milliseconds; after
   * that the event loop has its turn. Default 20; 0 never blocks, as the main thread must not.
   */
  readonly blockingWaitMs?: number;
}

export class ByteRingWriter {
  readonly #producer: RingProducer;
  readonly #blockingWaitMs: number;
  readonly #times: Float64Array;

  constructor(ring: RingMemory, options: ByteRingWriterOptions = {}) {
    this.#producer = new RingProducer(ring);
    const { buffer, byteOffset, byteLength } = this.#producer.descriptors;
    this.#times = new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
    this.#blockingWaitMs = options.blockingWaitMs ?? DEFAULT_BLOCKING_WAIT_MS;
  }

  get shape(): RingShape {
    return this.#producer.shape;
  }

  /** Slots published so far, modulo 2^32. */
  get published(): number {
    return this.#producer.published;
  }

  /** Whether the reader wants no more. */
  get stopRequested(): boolean {
    return this.#producer.stopRequested;
  }

  /** The next free slot, to be filled and published; undefined when there is none. The same one until `publish`. */
  tryAcquire(): Uint8Array | undefined {
    return this.#producer.hasFree ? this.#slot() : undefined;
  }

  /** The next free slot, which is waited for; undefined when the reader wants no more. */
  async acquire(): Promise<Uint8Array | undefined> {
    return (await this.#producer.whenFree(this.#blockingWaitMs)) ? this.#slot() : undefined;
  }

  /** The slot that is published next, also one that is not free yet: nothing may be written to it before it is. */
  get nextSlot(): Uint8Array {
    return this.#slot();
  }

  /**
   * Hands the first `byteLength` bytes of the acquired slot to the reader.
   * @param timeMs of these bytes, in milliseconds since 1970. Default: they have none
   */
  publish(byteLength: number, timeMs = Number.NaN): void {
    if (byteLength > 0) this.#publish(byteLength, SlotKind.data, timeMs);
  }

  /** Hands packets to the reader that `putPacket` has put to the start of the acquired slot. */
  publishPackets(byteLength: number): void {
    if (byteLength > 0) this.#publish(byteLength, SlotKind.packets);
  }

  /**
   * Publishes a message that the reader gets before the bytes that are published next. Waits for a slot.
   * @param note at most a slot
   * @returns false when the reader wants no more
   */
  note(note: Uint8Array): Promise<boolean> {
    return this.#message(note, SlotKind.note);
  }

  /** Publishes a message about what happened at this position. Otherwise as `note`. */
  event(event: Uint8Array): Promise<boolean> {
    return this.#message(event, SlotKind.event);
  }

  /** Says that what is published next is another input, of which the message tells. Otherwise as `note`. */
  segment(about: Uint8Array): Promise<boolean> {
    return this.#message(about, SlotKind.segment);
  }

  async #message(message: Uint8Array, kind: number): Promise<boolean> {
    const slot = await this.acquire();
    slot?.set(message);
    if (slot !== undefined) this.#publish(message.length, kind);
    return slot !== undefined;
  }

  /** Blocks the thread for so many milliseconds, less when the reader asks to stop meanwhile. */
  rest(limitMs: number): void {
    this.#producer.rest(limitMs);
  }

  /** Finds its place again after the thread was interrupted at any point of `publish`. */
  resume(): void {
    this.#producer.resume();
  }

  /** Says that nothing follows. */
  close(): void {
    this.#producer.close();
  }

  /** Has the reader throw an error behind everything that was published, and closes. Waits for a slot. */
  async fail(error: unknown): Promise<void> {
    const slot = await this.acquire();
    if (slot !== undefined) {
      const text = errorText(error, slot.length);
      slot.set(text);
      this.#publish(text.length, SlotKind.error);
    }
    this.close();
  }

  #publish(byteLength: number, kind: number, timeMs = Number.NaN): void {
    const { descriptors, descriptor } = this.#producer;
    this.#times[descriptor / 2 + DESCRIPTOR_TIME] = timeMs;
    descriptors[descriptor + RingDescriptor.byteLength] = byteLength;
    descriptors[descriptor + RingDescriptor.kind] = kind;
    this.#producer.publish();
  }

  #slot(): Uint8Array {
    return new Uint8Array(this.#producer.buffer, this.#producer.slotOffset, this.shape.slotBytes);
  }
}

/**
 * Puts a packet, or the part of one that fits, into a slot.
 * @param at where it begins in the slot: 0, or where the packet before it ends
 * @param continues whether the packet has begun in another slot
 * @returns how many of its bytes were put there, and where the next packet begins; undefined when there is no room
 */
export function putPacket(
  slot: Uint8Array,
  at: number,
  bytes: Uint8Array,
  timeMs = Number.NaN,
  continues = false,
): { readonly taken: number; readonly end: number } | undefined {
  const room = slot.length - at - PacketEntry.headBytes;
  // It is only divided when a slot of its own is too small for it.
  if (room <= 0 || (bytes.length > room && at > 0)) return undefined;
  const taken = Math.min(bytes.length, room);
  const head = new DataView(slot.buffer, slot.byteOffset + at, PacketEntry.headBytes);
  head.setUint32(PacketEntry.byteLength, taken, true);
  head.setUint32(PacketEntry.continues, Number(continues), true);
  head.setFloat64(PacketEntry.time, timeMs, true);
  slot.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), at + PacketEntry.headBytes);
  return { taken, end: Math.min(slot.length, at + packetBytes(taken)) };
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
