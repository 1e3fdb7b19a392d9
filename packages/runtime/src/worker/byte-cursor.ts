/** Reads the integers, names and lists of the wasm binary format, within bounds. */
import { PluginInvalidError } from '../shared/errors.js';

export class ByteCursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  byte(): number {
    const value = this.position < this.end ? this.bytes[this.position++] : undefined;
    if (value === undefined) throw truncated();
    return value;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new PluginInvalidError('The binary is damaged: a number has more than 32 bits.');
  }

  name(): string {
    const length = this.u32();
    if (length > this.end - this.position) throw truncated();
    this.position += length;
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.position - length, length).toString('utf8');
  }

  /** A part of `length` bytes as a cursor of its own; this one goes on behind it. */
  part(length: number): ByteCursor {
    if (length > this.end - this.position) throw truncated();
    this.position += length;
    return new ByteCursor(this.bytes, this.position - length, this.position);
  }

  *list<T>(item: () => T): Generator<T> {
    for (let left = this.u32(); left > 0; left--) yield item();
  }
}

function truncated(): PluginInvalidError {
  return new PluginInvalidError('The binary is damaged: it ends in the middle of a section.');
}
