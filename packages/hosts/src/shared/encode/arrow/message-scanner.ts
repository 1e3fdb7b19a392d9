/** Finds where messages are in Arrow output that comes in parts. */
import { ByteBuffer } from 'flatbuffers';
import type { Block } from './arrow-messages.js';

const PREFIX_BYTES = 8;
const BODY_LENGTH_FIELD = 10;

export class MessageScanner {
  readonly blocks: Block[] = [];
  /** Position of the next byte in the file. */
  #position: number;
  /** What is known of the message whose metadata are not all there. */
  #head = new Uint8Array(0);
  /** Bytes of its body that are still to come. */
  #bodyLeft = 0;

  /** @param position in the file at which the first message begins */
  constructor(position: number) {
    this.#position = position;
  }

  /** Where the next byte is in the file. */
  get position(): number {
    return this.#position;
  }

  add(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#bodyLeft > 0) {
        const passed = Math.min(this.#bodyLeft, bytes.length - at);
        this.#bodyLeft -= passed;
        at += passed;
        continue;
      }
      const known = this.#head.length;
      const head = joined(this.#head, bytes.subarray(at, at + this.#wanted(this.#head) - known));
      at += head.length - known;
      this.#head = head;
      if (head.length === this.#wanted(head)) this.#note(this.#position + at);
    }
    this.#position += bytes.length;
  }

  /** Bytes of the prefix, or with it of the metadata. */
  #wanted(head: Uint8Array): number {
    if (head.length < PREFIX_BYTES) return PREFIX_BYTES;
    return PREFIX_BYTES + new DataView(head.buffer, head.byteOffset).getUint32(4, true);
  }

  /** @param end of its metadata */
  #note(end: number): void {
    const buffer = new ByteBuffer(this.#head.subarray(PREFIX_BYTES));
    const message = buffer.readInt32(0);
    const bodyBytes = Number(buffer.readInt64(message + buffer.__offset(message, BODY_LENGTH_FIELD)));
    const metadataBytes = this.#head.length;
    this.blocks.push({ offset: end - metadataBytes, metadataBytes, bodyBytes });
    this.#bodyLeft = bodyBytes;
    this.#head = new Uint8Array(0);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
