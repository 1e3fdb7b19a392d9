/** Writes the msgpack of a batch around pieces that stay where they are. */
import type { SegmentBuffer } from './segment-buffer.js';

const EMPTY = Buffer.alloc(0);

export class FrameWriter {
  /** All that is written by value; pieces are views between stretches of it. */
  readonly #buffer: Buffer;
  readonly #segments: Uint8Array[] = [];
  #at = 0;
  #cut = 0;
  #byReference = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Bytes of the batch so far. */
  get position(): number {
    return this.#at + this.#byReference;
  }

  u8(value: number): void {
    this.#buffer[this.#at++] = value;
  }

  /** Leaves `bytes` bytes for the caller to write, until `finish`. */
  reserve(bytes: number): Uint8Array {
    this.#at += bytes;
    return this.#buffer.subarray(this.#at - bytes, this.#at);
  }

  u32(value: number): void {
    this.#at = this.#buffer.writeUInt32BE(value, this.#at);
  }

  /** A label without padding. */
  name(text: string): void {
    this.u8(0xa0 | text.length);
    this.#at += this.#buffer.write(text, this.#at, 'latin1');
  }

  /** A label and the head of a `bin 32`, so that its data begin at a multiple of 8. */
  table(name: string, bytes: number): void {
    const data = (this.position + 1 + name.length + 5 + 7) & ~7;
    this.name(name.padEnd(data - 5 - this.position - 1, ' '));
    this.u8(0xc6);
    this.u32(bytes);
  }

  bytes(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  numbers(values: Uint32Array | BigInt64Array): void {
    this.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

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
    this.#byReference += bytes.length;
  }

  #endSegment(): void {
    if (this.#at > this.#cut) this.#segments.push(this.#buffer.subarray(this.#cut, this.#at));
    this.#cut = this.#at;
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
