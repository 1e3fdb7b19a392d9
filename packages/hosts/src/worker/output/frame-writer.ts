/** Writes the msgpack of a batch around pieces that stay where they are. */
import { TableWriter } from '../../shared/table-writer.js';
import type { SegmentBuffer } from './segment-buffer.js';

const EMPTY = Buffer.alloc(0);

/** All that is written by value is in the buffer; pieces are views between stretches of it. */
export class FrameWriter extends TableWriter {
  readonly #segments: Uint8Array[] = [];
  #cut = 0;

  pieces(pieces: SegmentBuffer): void {
    const small = pieces.small;
    let done = 0;
    for (const piece of pieces.large) {
      this.bytes(small.subarray(done, piece.at));
      done = piece.at;
      this.#reference(piece.bytes);
    }
    this.bytes(small.subarray(done));
  }

  finish(): Uint8Array[] {
    this.#endSegment();
    return this.#segments;
  }

  #reference(bytes: Uint8Array): void {
    this.#endSegment();
    this.#segments.push(bytes);
    this.elsewhere += bytes.length;
  }

  #endSegment(): void {
    if (this.at > this.#cut) this.#segments.push(this.buffer.subarray(this.#cut, this.at));
    this.#cut = this.at;
  }
}

/** Buffers that grew beyond this are given back after use. */
const KEEP_BYTES = 4 * 1024 * 1024;

/** Hands out one buffer again and again. */
export class Scratch {
  #buffer: Buffer = EMPTY;

  take(bytes: number): Buffer {
    if (bytes > KEEP_BYTES) return Buffer.allocUnsafeSlow(bytes);
    if (this.#buffer.length < bytes) this.#buffer = Buffer.allocUnsafeSlow(Math.min(bytes * 2, KEEP_BYTES));
    return this.#buffer;
  }
}
