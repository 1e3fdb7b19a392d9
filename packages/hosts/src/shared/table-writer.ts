/** Writes the msgpack of a batch into a buffer. */
export class TableWriter {
  protected readonly buffer: Buffer;
  protected at = 0;
  /** Bytes of the batch that stand elsewhere. */
  protected elsewhere = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  /** Bytes of the batch so far. */
  get position(): number {
    return this.at + this.elsewhere;
  }

  u8(value: number): void {
    this.buffer[this.at++] = value;
  }

  /** Leaves `bytes` bytes for the caller to write, until `finish`. */
  reserve(bytes: number): Uint8Array {
    this.at += bytes;
    return this.buffer.subarray(this.at - bytes, this.at);
  }

  u32(value: number): void {
    this.at = this.buffer.writeUInt32BE(value, this.at);
  }

  /** A label without padding. */
  name(text: string): void {
    this.u8(0xa0 | text.length);
    this.at += this.buffer.write(text, this.at, 'latin1');
  }

  /** A label and the head of a `bin 32`, so that its data begin at a multiple of 8. */
  table(name: string, bytes: number): void {
    const data = (this.position + 1 + name.length + 5 + 7) & ~7;
    this.name(name.padEnd(data - 5 - this.position - 1, ' '));
    this.u8(0xc6);
    this.u32(bytes);
  }

  bytes(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  numbers(values: Uint32Array | BigInt64Array): void {
    this.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
}
