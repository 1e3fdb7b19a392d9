/** A capture that may be compressed, told by its first bytes. */
import { type Decompress, decompressor } from '../../shared/compressed/decompress.js';
import { InputPieces } from '../../shared/compressed/input-pieces.js';
import { compressionOf, SIGNATURE_BYTES } from '../../shared/compression.js';
import type { SourceEvent } from '../contract.js';
import { type CaptureFeed, PieceFeed } from './capture-feed.js';

/** What is read of a compressed capture at once. */
const PIECE_BYTES = 128 * 1024;

export class UnpackedFeed implements CaptureFeed {
  /** What is said of the input when it has ended. */
  readonly notices: SourceEvent[] = [];
  readonly #packed: CaptureFeed;
  readonly #name: string;
  /** What was read to tell how it is compressed. */
  #head: Uint8Array | undefined;
  #unpacked: CaptureFeed | undefined;

  /** @param name of the capture, in messages */
  constructor(packed: CaptureFeed, name: string) {
    this.#packed = packed;
    this.#name = name;
  }

  async read(into: Uint8Array): Promise<number> {
    this.#head ??= await this.#begin();
    if (this.#unpacked !== undefined) return this.#unpacked.read(into);
    if (this.#head.length === 0) return this.#packed.read(into);
    const taken = this.#head.subarray(0, into.length);
    into.set(taken);
    this.#head = this.#head.subarray(taken.length);
    return taken.length;
  }

  stop(): void {
    this.#packed.stop();
  }

  close(): Promise<void> {
    return this.#packed.close();
  }

  async #begin(): Promise<Uint8Array> {
    const head = Buffer.alloc(SIGNATURE_BYTES);
    let length = 0;
    while (length < head.length) {
      const count = await this.#packed.read(head.subarray(length));
      if (count === 0) break;
      length += count;
    }
    const begun = head.subarray(0, length);
    const compression = compressionOf(begun);
    if (compression !== undefined) this.#unpacked = this.#unpack(await decompressor(compression, this.#name), begun);
    return begun;
  }

  #unpack(decompress: Decompress, head: Uint8Array): CaptureFeed {
    let first: Uint8Array | undefined = head;
    const read = async () => {
      const piece = first ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
      if (first !== undefined) {
        first = undefined;
        return piece;
      }
      const count = await this.#packed.read(piece);
      return count === 0 ? undefined : piece.subarray(0, count);
    };
    const chunks = decompress(new InputPieces({ read }), (position, bytes) => {
      const message = `${bytes} bytes from byte ${position} of '${this.#name}' on are behind its compressed data and are left out.`;
      this.notices.push({ event: 'trailing', message, bytes });
    });
    return new PieceFeed(chunks);
  }
}
