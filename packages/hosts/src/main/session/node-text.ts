/** Has batches decode their text with Node's own decoders, which are quicker than `TextDecoder`. Importing this file does it. */
import { type EncodedText, useTextDecoder } from '@chipmunk-host/batch/internal';

class NodeText implements EncodedText {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  ascii(start: number, end: number): string {
    return this.#bytes.toString('latin1', start, end);
  }

  utf8(start: number, end: number): string {
    return this.#bytes.toString('utf8', start, end);
  }
}

useTextDecoder((bytes) => new NodeText(bytes));
