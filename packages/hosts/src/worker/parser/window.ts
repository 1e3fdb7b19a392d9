/**
 * How long the next slice of input is. Full windows, as Chipmunk passes them, because some plugins' items depend on where a
 * slice ends; shorter ones only for a plugin that keeps using up little of them, since each slice is copied whole.
 */
import type { WindowOptions } from '../../shared/protocol/parser-messages.js';

/** A window is never shortened below this many bytes for a plugin that finds items. */
const SHORTEST_BYTES = 64 * 1024;
/**
 * Where `parse` comes to errors, each of which drops one byte: less is copied for each then. What does not fit is `incomplete`,
 * and a window that grows again.
 */
const SHORTEST_BETWEEN_ITEMS_BYTES = 4 * 1024;
/** So many calls in a row must have used up less than this share of their slice before the window is shortened. */
const LOW_USE_CALLS = 3;
const LOW_USE_SHARE = 1 / 8;
const SHORTEN_BY = 4;

export class Window {
  readonly #options: WindowOptions;
  #bytes: number;
  #lowUseCalls = 0;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#bytes = Math.min(options.bytes, options.hardMaxBytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether slices are shorter than the plugin would get in Chipmunk: then `incomplete` is the host's doing. */
  get shortened(): boolean {
    return this.#bytes < this.#options.bytes;
  }

  /** For an item that is longer than the window. Returns false when it may not grow any more. */
  grow(): boolean {
    this.#lowUseCalls = 0;
    if (this.#bytes >= this.#options.hardMaxBytes) return false;
    this.#bytes = Math.min(this.#bytes * 2, this.#options.hardMaxBytes);
    return true;
  }

  /** Tells that there was no item at the start of a slice. */
  foundNothing(): void {
    if (++this.#lowUseCalls >= LOW_USE_CALLS) this.#shorten(SHORTEST_BETWEEN_ITEMS_BYTES);
  }

  /** Tells how much of a slice was used up by items. */
  used(consumed: number, sliceBytes: number): void {
    this.#bytes = Math.max(this.#bytes, Math.min(SHORTEST_BYTES, this.#options.bytes));
    if (consumed < sliceBytes * LOW_USE_SHARE) {
      if (++this.#lowUseCalls >= LOW_USE_CALLS) this.#shorten(SHORTEST_BYTES);
      return;
    }
    this.#lowUseCalls = 0;
    if (consumed * 2 < sliceBytes) return;
    if (this.#bytes > this.#options.bytes) this.#bytes = Math.max(this.#options.bytes, Math.floor(this.#bytes / 2));
    else this.#bytes = Math.min(this.#bytes * 2, this.#options.bytes);
  }

  #shorten(shortest: number): void {
    this.#lowUseCalls = 0;
    this.#bytes = Math.max(Math.min(shortest, this.#options.bytes), Math.floor(this.#bytes / SHORTEN_BY));
  }
}
