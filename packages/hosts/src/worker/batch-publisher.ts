/**
 * From what a plugin returned to batches in the ring, in order, with the account of bytes and items. Many items at once
 * are lifted straight into a slot; few small ones are gathered over several calls, since a batch has a price of its own.
 */
import type { RingWriter } from '@chipmunk-host/runtime/worker';
import { FrameBuilder } from './frame-builder.js';
import type { ParserRoom } from './parser-room.js';

/** A call that returns fewer items than this is gathered. */
const FEW_ITEMS = 16;

export class BatchPublisher {
  readonly #ring: RingWriter;
  readonly #gathered = new FrameBuilder();
  /** Position in the input of the first byte that no published or gathered batch accounts for. */
  #offset = 0;
  #items = 0;

  constructor(ring: RingWriter) {
    this.#ring = ring;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Items published or gathered so far. */
  get items(): number {
    return this.#items;
  }

  /** Accounts for input that is in no item. */
  skip(bytes: number): void {
    this.#gathered.addSkipped(bytes);
    this.#offset += bytes;
  }

  /** Publishes what the plugin's last `parse` returned. Returns false when the consumer wants no more. */
  async publish(plugin: ParserRoom, count: number): Promise<boolean> {
    if (count === 0) return true;
    if (count < FEW_ITEMS) return this.#gather(plugin);
    if (!(await this.flush())) return false;
    for (;;) {
      const acquired = this.#ring.acquire();
      const slot = typeof acquired === 'number' ? acquired : await acquired;
      if (slot === -1) return false;
      const frame = plugin.next(slot, this.#ring.shape.slotBytes, this.#offset);
      if (frame === undefined) return true;
      this.#offset += frame.bytes;
      this.#items += frame.items;
      if (frame.kind === 'placed') this.#ring.publish(frame.byteLength);
      else if (!(await this.#ring.publishSegments(frame.segments, frame.byteLength))) return false;
    }
  }

  /** Publishes what was gathered. Returns false when the consumer wants no more. */
  async flush(): Promise<boolean> {
    if (this.#gathered.entries === 0) return true;
    const frame = this.#gathered.finish(this.#offset - this.#gathered.bytes);
    return this.#ring.publishSegments(frame.segments, frame.byteLength);
  }

  async #gather(plugin: ParserRoom): Promise<boolean> {
    const { bytes, items } = this.#gathered;
    plugin.readInto(this.#gathered);
    this.#offset += this.#gathered.bytes - bytes;
    this.#items += this.#gathered.items - items;
    const full = this.#gathered.byteLength > this.#ring.shape.slotBytes / 2;
    return full || this.#gathered.mustFlush ? this.flush() : true;
  }
}
