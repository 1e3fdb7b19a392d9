/**
 * A source whose bytes can be read at any position again and again, such as a file: it keeps none of them, and they go straight
 * into the memory that the plugin gets. For all others there is RingInput.
 */
import { HostError, PluginContractError, PluginError } from '@chipmunk-host/runtime/internal/shared';
import type { ByteInput } from './byte-input.js';
import { ReadAgainBuffer } from './read-again-buffer.js';

export interface PositionedReader {
  /** Bytes of the input. What comes to it later is not part of it. */
  readonly size: number;
  /**
   * Puts the bytes from `position` on to the start of `into`; returns how many: 0 only at the end. A HostError that it throws ends the
   * input there: what comes before is delivered first.
   */
  readAt(into: Uint8Array, position: number): number;
  close?(): void;
}

export class PositionedInput implements ByteInput {
  readonly size: number;
  readonly #reader: PositionedReader;
  readonly #again = new ReadAgainBuffer();
  readonly #filler = (into: Uint8Array, from: number) => this.#fill(into, from);
  /** The size, or less: where the input was found to end or cannot be read any further. */
  #end: number;
  /** Why it cannot be read from `#end` on. */
  #failure: HostError | undefined;
  /** Position behind the last byte that was handed out. */
  #shown = 0;

  constructor(reader: PositionedReader) {
    this.#reader = reader;
    this.size = reader.size;
    this.#end = reader.size;
  }

  /** Whether the input is known to end at position `offset`. One that cannot be read any further has no end. */
  endsAt(offset: number): boolean {
    return this.#failure === undefined && offset >= this.#end;
  }

  available(offset: number, wanted: number): number | Promise<number> {
    const count = Math.max(0, Math.min(wanted, this.#end - offset));
    const failure = this.#failure;
    if (failure === undefined || count === wanted || (count > 0 && offset + count > this.#shown)) return count;
    return Promise.reject(failure);
  }

  read(target: Uint8Array, offset: number): number {
    const count = this.#again.read(target, offset, this.#filler) ? target.length : this.#fill(target, offset);
    this.#shown = Math.max(this.#shown, offset + count);
    return count;
  }

  consume(_offset: number): void {}

  close(): void {
    this.#reader.close?.();
  }

  #fill(target: Uint8Array, offset: number): number {
    const wanted = Math.min(target.length, this.#failure === undefined ? target.length : this.#end - offset);
    let filled = 0;
    while (filled < wanted) {
      const rest = target.subarray(filled, wanted);
      const count = this.#readAt(rest, offset + filled);
      if (count === undefined) break;
      if (!Number.isInteger(count) || count < 0 || count > rest.length)
        throw new PluginContractError(`A source was asked for ${rest.length} bytes and returned ${count}.`, {
          phase: 'read',
        });
      if (count === 0) {
        this.#end = Math.min(this.#end, offset + filled);
        break;
      }
      filled += count;
    }
    return filled;
  }

  /** Undefined when it cannot be read there. */
  #readAt(into: Uint8Array, position: number): number | undefined {
    try {
      return this.#reader.readAt(into, position);
    } catch (error) {
      if (!(error instanceof HostError) || error instanceof PluginError) throw error;
      // Read ahead, it may fail behind the end.
      if (position >= this.#end) return undefined;
      this.#failure = error;
      this.#end = position;
      return undefined;
    }
  }
}
