/**
 * The output of a source: writes its bytes to a ring. What is written in small pieces is gathered in a slot until the slot is full or the
 * event loop has had its turn, so that a small datagram does not cost a slot.
 */
import { ByteRingWriter, copyBytes, putPacket, type RingMemory } from '@chipmunk-host/runtime/internal/worker';
import type { NumberedEvent, SegmentMessage } from '../shared/source-messages.js';
import type { PacketInfo, SegmentInfo, SourceEvent, SourceOutput } from './contract.js';

/** In UTF-16 code units: longer texts of messages are cut, so that each fits a slot, and the memory that it is kept in. */
const MOST_NAME_UNITS = 1024;
const MOST_MESSAGE_UNITS = 2048;
const MOST_EVENT_BYTES = 16 * 1024;

export class RingOutput implements SourceOutput {
  readonly #ring: ByteRingWriter;
  /** The slot that is being filled. */
  #slot: Uint8Array | undefined;
  #filled = 0;
  #isOfPackets = false;
  #timeMs = Number.NaN;
  #bytes = 0;
  #events = 0;
  #flushing: NodeJS.Immediate | undefined;
  /** The call that waits for room, with those that came behind it. */
  #pending: Promise<unknown> | undefined;

  constructor(ring: RingMemory) {
    // This thread's event loop has the source to serve.
    this.#ring = new ByteRingWriter(ring, { blockingWaitMs: 0 });
  }

  get bytes(): number {
    return this.#bytes;
  }

  get stopRequested(): boolean {
    return this.#ring.stopRequested;
  }

  tryAcquire(): Uint8Array | undefined {
    if (this.#pending !== undefined) return undefined;
    this.flush();
    return this.#ring.tryAcquire();
  }

  async acquire(): Promise<Uint8Array | undefined> {
    await this.#pending;
    this.flush();
    return this.#ring.acquire();
  }

  get nextSlot(): Uint8Array {
    this.flush();
    return this.#ring.nextSlot;
  }

  publish(byteLength: number): void {
    this.#ring.publish(byteLength, this.#timeMs);
    this.#bytes += byteLength;
  }

  write(bytes: Uint8Array): boolean | Promise<boolean> {
    return this.#inOrder(() => this.#write(bytes, 0));
  }

  packet(bytes: Uint8Array, { timestampMs = Number.NaN }: PacketInfo = {}): boolean | Promise<boolean> {
    return this.#inOrder(() => this.#packet(bytes, timestampMs, 0));
  }

  timestamp(ms: number): void {
    if (ms === this.#timeMs) return;
    if (!this.#isOfPackets) this.flush();
    this.#timeMs = ms;
  }

  event(event: SourceEvent): boolean | Promise<boolean> {
    return this.#inOrder(() => {
      this.flush();
      return this.#ring.event(encoded(this.#numbered(event)));
    });
  }

  segment({ name, type, note }: SegmentInfo): boolean | Promise<boolean> {
    return this.#inOrder(() => {
      this.flush();
      const message: SegmentMessage = { name: name.slice(0, MOST_NAME_UNITS), type };
      return this.#ring.segment(encoded(note === undefined ? message : { ...message, note: this.#numbered(note) }));
    });
  }

  /** Hands over what was gathered. */
  flush(): void {
    if (this.#flushing !== undefined) clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#slot === undefined) return;
    if (this.#isOfPackets) this.#ring.publishPackets(this.#filled);
    else this.#ring.publish(this.#filled, this.#timeMs);
    this.#slot = undefined;
    this.#filled = 0;
  }

  /** Says that nothing follows. */
  async end(): Promise<void> {
    await this.#pending;
    this.flush();
    this.#ring.close();
  }

  /** Has the reader meet the error behind everything that was delivered. */
  async fail(error: unknown): Promise<void> {
    await this.#pending;
    this.flush();
    await this.#ring.fail(error);
  }

  #write(bytes: Uint8Array, from: number): boolean | Promise<boolean> {
    for (let at = from; at < bytes.length; ) {
      const slot = this.#open(false);
      if (slot === undefined) return this.#whenRoom(() => this.#write(bytes, at));
      const part = bytes.subarray(at, at + slot.length - this.#filled);
      copyBytes(slot, part, this.#filled);
      this.#filled += part.length;
      this.#bytes += part.length;
      at += part.length;
      if (this.#filled === slot.length) this.flush();
    }
    this.#flushSoon();
    return !this.stopRequested;
  }

  #packet(bytes: Uint8Array, timeMs: number, from: number): boolean | Promise<boolean> {
    for (let at = from; at < bytes.length; ) {
      const slot = this.#open(true);
      if (slot === undefined) return this.#whenRoom(() => this.#packet(bytes, timeMs, at));
      const put = putPacket(slot, this.#filled, at === 0 ? bytes : bytes.subarray(at), timeMs, at > 0);
      if (put === undefined) {
        this.flush();
        continue;
      }
      this.#filled = put.end;
      this.#bytes += put.taken;
      at += put.taken;
      if (at < bytes.length) this.flush();
    }
    this.#flushSoon();
    return !this.stopRequested;
  }

  /** The slot to go on in; undefined when the ring is full. */
  #open(isOfPackets: boolean): Uint8Array | undefined {
    if (this.#slot !== undefined && this.#isOfPackets !== isOfPackets) this.flush();
    this.#isOfPackets = isOfPackets;
    this.#slot ??= this.#ring.tryAcquire();
    return this.#slot;
  }

  async #whenRoom(goOn: () => boolean | Promise<boolean>): Promise<boolean> {
    return (await this.#ring.acquire()) !== undefined && goOn();
  }

  #flushSoon(): void {
    if (this.#slot !== undefined) this.#flushing ??= setImmediate(() => this.flush());
  }

  #numbered(event: SourceEvent): NumberedEvent {
    this.#events++;
    const { event: word, message } = event;
    const cut = { ...event, message: message.slice(0, MOST_MESSAGE_UNITS) };
    const isShort = encoded(cut).length <= MOST_EVENT_BYTES;
    return { number: this.#events, event: isShort ? cut : { event: word, message: cut.message } };
  }

  /** Does it at once, unless another call waits: then behind that. */
  #inOrder(call: () => boolean | Promise<boolean>): boolean | Promise<boolean> {
    const result = this.#pending === undefined ? call() : this.#pending.then(call);
    if (typeof result === 'boolean') return result;
    const tracked = result.finally(() => {
      if (this.#pending === tracked) this.#pending = undefined;
    });
    this.#pending = tracked;
    return tracked;
  }
}

function encoded(message: object): Uint8Array {
  return Buffer.from(JSON.stringify(message), 'utf8');
}
