/** Reads the integers, names and lists of the wasm binary format, within bounds. */
import { PluginInvalidError } from '../../shared/errors.js';

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

  /** A signed LEB128 of at most 33 bits, as types are numbered: negative for one that the format names. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - 2 ** (shift + 7);
    }
    throw new PluginInvalidError('The binary is damaged: a number has more than 33 bits.');
  }

  /** Steps over a LEB128 of any size. */
  leb128(): void {
    while (this.byte() >= 0x80);
  }

  /** `length` bytes as UTF-8; what is not UTF-8 becomes U+FFFD. */
  text(length: number): string {
    const { bytes } = this.part(length);
    return Buffer.from(bytes.buffer, bytes.byteOffset + this.position - length, length).toString('utf8');
  }

  name(): string {
    return this.text(this.u32());
  }

  /** A part of `length` bytes as a cursor of its own; this one goes on behind it. */
  part(length: number): ByteCursor {
    if (length > this.end - this.position) throw truncated();
    this.position += length;
    return new ByteCursor(this.bytes, this.position - length, this.position);
  }

  /** The same place, to read it twice. */
  clone(): ByteCursor {
    return new ByteCursor(this.bytes, this.position, this.end);
  }

  /** How many entries a list has; one entry takes at least a byte, so that more than bytes are left is a lie. */
  count(): number {
    const count = this.u32();
    if (count > this.end - this.position) throw truncated();
    return count;
  }
}

function truncated(): PluginInvalidError {
  return new PluginInvalidError('The binary is damaged: it ends in the middle of a section.');
}
