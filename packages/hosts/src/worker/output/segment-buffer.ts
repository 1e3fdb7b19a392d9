/**
 * Bytes in the order in which they were appended: small pieces in one growing buffer, large ones as the views they came as,
 * so that a string of 100 MB is not copied to become part of a batch.
 */
import { copyBytes } from '@chipmunk-host/runtime/internal/worker';

export const LARGE_PIECE_BYTES = 65_536;

/** Buffers that grew beyond this are given back when they are emptied. */
const KEEP_BYTES = 4 * 1024 * 1024;

/** Below this, a loop of words beats making a view of the source (measured: 40 against 150 ns for a line). */
const LOOP_BYTES = 384;

export interface LargePiece {
  /** How many bytes of the small buffer come before it. */
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Whether it lies in memory of the caller, which may change after the next call of the plugin. */
  readonly borrowed: boolean;
}

/** A state to return to. */
export interface PieceMark {
  readonly small: number;
  readonly large: number;
}

export class SegmentBuffer {
  readonly #largeFrom: number;
  #small = Buffer.allocUnsafeSlow(4096);
  #smallView = viewOf(this.#small);
  #smallBytes = 0;
  /** The source of the latest append, and a view of it. */
  #source: Uint8Array = this.#small;
  #sourceView = this.#smallView;
  readonly #large: LargePiece[] = [];
  #largeBytes = 0;

  /** @param largeFrom pieces of the caller's memory of so many bytes are not copied. */
  constructor(largeFrom = LARGE_PIECE_BYTES) {
    this.#largeFrom = largeFrom;
  }

  get byteLength(): number {
    return this.#smallBytes + this.#largeBytes;
  }

  /** The small pieces; valid until the next append. */
  get small(): Uint8Array {
    return this.smallSince(0);
  }

  /** The small pieces from byte `start` on. */
  smallSince(start: number): Uint8Array {
    return new Uint8Array(this.#small.buffer, start, this.#smallBytes - start);
  }

  get smallBytes(): number {
    return this.#smallBytes;
  }

  get large(): readonly LargePiece[] {
    return this.#large;
  }

  get borrows(): boolean {
    return this.#large.some((piece) => piece.borrowed);
  }

  /** Appends `source[start, end)`. */
  append(source: Uint8Array, start: number, end: number): void {
    const bytes = end - start;
    if (bytes >= this.#largeFrom) {
      this.#appendLarge(source.subarray(start, end), true);
      return;
    }
    const at = this.reserve(bytes);
    if (bytes < LOOP_BYTES) this.#copyWords(source, start, at, bytes);
    else this.#small.set(source.subarray(start, end), at);
  }

  /** Appends a string as UTF-8; returns its bytes. */
  appendString(text: string): number {
    if (text.length < LARGE_PIECE_BYTES / 3) {
      this.#ensure(text.length * 3);
      const bytes = this.#small.write(text, this.#smallBytes, 'utf8');
      this.#smallBytes += bytes;
      return bytes;
    }
    const encoded = Buffer.from(text, 'utf8');
    if (encoded.length >= LARGE_PIECE_BYTES) this.#appendLarge(encoded, false);
    else this.append(encoded, 0, encoded.length);
    return encoded.length;
  }

  /** Makes room for `bytes` bytes of the caller's to write at the returned place of `writable`. */
  reserve(bytes: number): number {
    this.#ensure(bytes);
    const at = this.#smallBytes;
    this.#smallBytes += bytes;
    return at;
  }

  /** The small buffer itself; fetch it again after each `reserve`. */
  get writable(): Buffer {
    return this.#small;
  }

  /** Copies all pieces; `target` has `byteLength` bytes or more. */
  copyTo(target: Uint8Array): void {
    const { small } = this;
    let taken = 0;
    let at = 0;
    for (const piece of this.#large) {
      target.set(small.subarray(taken, piece.at), at);
      at += piece.at - taken;
      taken = piece.at;
      copyBytes(target, piece.bytes, at);
      at += piece.bytes.length;
    }
    target.set(small.subarray(taken), at);
  }

  mark(): PieceMark {
    return { small: this.#smallBytes, large: this.#large.length };
  }

  rollback(small: number, large: number): void {
    this.#smallBytes = small;
    while (this.#large.length > large) this.#largeBytes -= this.#large.pop()?.bytes.length ?? 0;
  }

  clear(): void {
    this.rollback(0, 0);
    // The memory of a plugin that is gone must not be kept.
    this.#source = this.#small;
    this.#sourceView = this.#smallView;
    if (this.#small.length > KEEP_BYTES) this.#replace(Buffer.allocUnsafeSlow(4096));
  }

  #copyWords(source: Uint8Array, start: number, at: number, bytes: number): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = viewOf(source);
    }
    const from = this.#sourceView;
    const to = this.#smallView;
    let i = 0;
    for (; i + 4 <= bytes; i += 4) to.setUint32(at + i, from.getUint32(start + i, true), true);
    for (; i < bytes; i++) to.setUint8(at + i, from.getUint8(start + i));
  }

  #appendLarge(bytes: Uint8Array, borrowed: boolean): void {
    this.#large.push({ at: this.#smallBytes, bytes, borrowed });
    this.#largeBytes += bytes.length;
  }

  #ensure(bytes: number): void {
    const needed = this.#smallBytes + bytes;
    if (needed <= this.#small.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#small.length * 2));
    grown.set(this.small);
    this.#replace(grown);
  }

  #replace(buffer: Buffer<ArrayBuffer>): void {
    this.#small = buffer;
    this.#smallView = viewOf(buffer);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
