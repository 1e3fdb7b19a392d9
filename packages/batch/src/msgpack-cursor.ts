/** Walks the few msgpack encodings that a batch consists of, and refuses all others. */
import { formatError } from './batch-error.js';

export class MsgpackCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  need(bytes: number): void {
    if (bytes > this.#bytes.length - this.#at) throw formatError('it is cut off');
  }

  skip(bytes: number): void {
    this.need(bytes);
    this.#at += bytes;
  }

  array16(elements: number): void {
    this.#type(0xdc, 2);
    if (this.#view.getUint16(this.#at) !== elements) throw formatError(`it is not an array of ${elements}`);
    this.#at += 2;
  }

  fixint(): number {
    this.need(1);
    return this.#view.getUint8(this.#at++);
  }

  uint32(): number {
    return this.#u32(0xce);
  }

  uint64(): bigint {
    this.#type(0xcf, 8);
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8);
  }

  safeUint64(): number {
    const value = this.uint64();
    if (value > Number.MAX_SAFE_INTEGER) throw formatError(`${value} bytes cannot be counted`);
    return Number(value);
  }

  /** Any fixstr. */
  label(): void {
    this.need(1);
    const type = this.#view.getUint8(this.#at);
    if (type < 0xa0 || type > 0xbf) throw formatError(`a label begins with ${type}`);
    this.skip(1 + type - 0xa0);
  }

  /** A label and a `bin 32` of exactly `bytes` bytes; returns where its data begin. */
  table(bytes: number): number {
    this.label();
    const length = this.bin32();
    if (length !== bytes) throw formatError(`a table has ${length} bytes instead of ${bytes}`);
    const start = this.#at;
    this.skip(bytes);
    return start;
  }

  /** The same for one that may be empty; undefined when it is. */
  optionalTable(bytes: number): number | undefined {
    this.label();
    this.need(5);
    const isEmpty = this.#view.getUint32(this.#at + 1) === 0;
    const length = this.bin32();
    if (!isEmpty && length !== bytes) throw formatError(`a table has ${length} bytes instead of ${bytes} or none`);
    const start = this.#at;
    this.skip(length);
    return isEmpty ? undefined : start;
  }

  bin32(): number {
    return this.#u32(0xc6);
  }

  array32(): number {
    return this.#u32(0xdd);
  }

  bytes(length: number): Uint8Array {
    const start = this.#at;
    this.skip(length);
    return this.#bytes.subarray(start, this.#at);
  }

  key(name: string): void {
    this.need(1 + name.length);
    let same = this.#bytes[this.#at] === (0xa0 | name.length);
    for (let i = 0; i < name.length; i++) same &&= this.#bytes[this.#at + 1 + i] === name.charCodeAt(i);
    if (!same) throw formatError(`an attachment has no ${name} where it should`);
    this.#at += 1 + name.length;
  }

  str32(): Uint8Array {
    return this.bytes(this.#u32(0xdb));
  }

  str32OrNil(): Uint8Array | undefined {
    this.need(1);
    if (this.#bytes[this.#at] !== 0xc0) return this.str32();
    this.#at++;
    return undefined;
  }

  attachmentMap(): void {
    this.need(1);
    if (this.#bytes[this.#at++] !== 0x87) throw formatError('an attachment is not a map of 7');
  }

  /** Returns the entry that the attachment belongs to. */
  skipAttachment(): number {
    const entry = this.toMessages();
    this.skip(this.array32() * 9);
    this.key('data');
    this.skip(this.bin32());
    return entry;
  }

  /** From the beginning of an attachment to the list of its messages. Returns the entry that the attachment belongs to. */
  toMessages(): number {
    this.attachmentMap();
    this.key('entry');
    const entry = this.uint32();
    this.key('name');
    this.str32();
    this.key('size');
    this.uint64();
    this.key('created');
    this.str32OrNil();
    this.key('modified');
    this.str32OrNil();
    this.key('messages');
    return entry;
  }

  #u32(type: number): number {
    this.#type(type, 4);
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  #type(type: number, bytes: number): void {
    this.need(1 + bytes);
    const found = this.#view.getUint8(this.#at++);
    if (found !== type) throw formatError(`type byte ${found} where ${type} is due`);
  }
}
