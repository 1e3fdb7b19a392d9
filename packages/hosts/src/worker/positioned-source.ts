/**
 * A source whose bytes can be read at any position again and again, such as a file: it keeps none of them, and they go straight
 * into the memory that the plugin gets. For all others there is BinaryByteSource.
 */
import { PluginContractError } from '@chipmunk-host/runtime/shared';
import { ReadAgainBuffer } from './read-again-buffer.js';
import type { SliceSource } from './slice-source.js';

export interface PositionedReader {
  /** Bytes of the input. What comes to it later is not part of it. */
  readonly size: number;
  /** Puts the bytes from `position` on to the start of `into`; returns how many: 0 only at the end. */
  readAt(into: Uint8Array, position: number): number;
  close?(): void;
}

export class PositionedSource implements SliceSource {
  readonly size: number;
  readonly #reader: PositionedReader;
  readonly #again = new ReadAgainBuffer();
  readonly #filler = (into: Uint8Array, from: number) => this.#fill(into, from);
  /** The size, or less when the input has become shorter. */
  #end: number;

  constructor(reader: PositionedReader) {
    this.#reader = reader;
    this.size = reader.size;
    this.#end = reader.size;
  }

  /** Whether the input is known to end at position `offset`. */
  endsAt(offset: number): boolean {
    return offset >= this.#end;
  }

  available(offset: number, wanted: number): number {
    return Math.max(0, Math.min(wanted, this.#end - offset));
  }

  read(target: Uint8Array, offset: number): number {
    if (this.#again.read(target, offset, this.#filler)) return target.length;
    return this.#fill(target, offset);
  }

  consume(_offset: number): void {}

  close(): void {
    this.#reader.close?.();
  }

  #fill(target: Uint8Array, offset: number): number {
    let filled = 0;
    while (filled < target.length) {
      const rest = filled === 0 ? target : target.subarray(filled);
      const count = this.#reader.readAt(rest, offset + filled);
      if (!Number.isInteger(count) || count < 0 || count > rest.length)
        throw new PluginContractError(`A source was asked for ${rest.length} bytes and says that it read ${count}.`, {
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
}
