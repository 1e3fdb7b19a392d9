/** Frames of zstd (RFC 8878), as far as it takes to divide them into blocks: each can be decompressed when the ones before were. */
import { cutOff, DamagedData } from './damage.js';
import type { InputPieces } from './input-pieces.js';
import type { NextPiece } from './zlib-run.js';

const MAGIC = 0xfd2fb528;
const MAGIC_BYTES = [0x28, 0xb5, 0x2f, 0xfd];
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const MOST_BLOCK_BYTES = 128 * 1024;
/** Small blocks are decompressed together up to there. */
const GATHERED_BYTES = 16 * 1024;

const BlockType = { repeated: 1, reserved: 3 };

/**
 * What comes next: a frame, one without content, or no zstd.
 * @throws DamagedData when it was a frame
 */
export async function zstdFrameAt(input: InputPieces): Promise<'end' | 'frame' | 'skippable' | 'other'> {
  const head = Buffer.from(await input.peek(MAGIC_BYTES.length));
  if (head.length === 0) return 'end';
  const alike = MAGIC_BYTES.filter((byte, at) => head[at] === byte).length;
  if (head.length < MAGIC_BYTES.length) {
    if (alike === head.length) throw cutOff(input.position + head.length);
    return 'other';
  }
  const magic = head.readUInt32LE(0);
  if (magic === MAGIC) return 'frame';
  if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) return 'skippable';
  // A frame with one byte that is wrong is hardly anything else.
  if (alike === MAGIC_BYTES.length - 1 && input.position > 0)
    throw new DamagedData('has a damaged header', input.position);
  return 'other';
}

/** @throws DamagedData */
export async function skipFrame(input: InputPieces): Promise<void> {
  const head = Buffer.from(await required(input, 8));
  for (let left = head.readUInt32LE(4); left > 0; ) {
    const piece = await input.take(left);
    if (piece === undefined) throw cutOff(input.position);
    left -= piece.length;
  }
}

/** Takes a frame in pieces that end where a block does, its checksum in one of its own. */
export class FramePieces {
  /** What the content comes to, when the frame says it and has ended. */
  checksum: number | undefined;
  readonly #input: InputPieces;
  #state: 'header' | 'blocks' | 'checksum' | 'end' = 'header';
  #hasChecksum = false;

  constructor(input: InputPieces) {
    this.#input = input;
  }

  /** @throws DamagedData */
  readonly next: NextPiece = async (most) => {
    if (this.#state === 'end') return undefined;
    if (this.#state === 'checksum') return this.#takeChecksum();
    let length = this.#state === 'header' ? await this.#headerBytes() : 0;
    const limit = Math.min(most, GATHERED_BYTES);
    do {
      const block = await this.#blockBytes(length);
      if (block === undefined) {
        if (length === 0 || this.#state === 'header') throw cutOff(await this.#endPosition());
        break;
      }
      if (block.bytes === 0) {
        if (length === 0 || this.#state === 'header')
          throw new DamagedData('has a damaged block', this.#input.position + length);
        break;
      }
      length += block.bytes;
      this.#state = block.isLast ? (this.#hasChecksum ? 'checksum' : 'end') : 'blocks';
    } while (this.#state === 'blocks' && length < limit);
    return required(this.#input, length);
  };

  async #takeChecksum(): Promise<Uint8Array> {
    const bytes = await this.#input.takeAll(CHECKSUM_BYTES);
    if (bytes === undefined) throw cutOff(await this.#endPosition());
    this.#state = 'end';
    this.checksum = Buffer.from(bytes).readUInt32LE(0);
    return bytes;
  }

  async #headerBytes(): Promise<number> {
    const [descriptor] = (await this.#peek(5)).subarray(4);
    if (descriptor === undefined) throw cutOff(await this.#endPosition());
    const isSingleSegment = (descriptor & 0x20) !== 0;
    if ((descriptor & 0x08) !== 0) throw new DamagedData('has a damaged header', this.#input.position);
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
    const dictionaryAt = 5 + (isSingleSegment ? 0 : 1);
    const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
    const length = dictionaryAt + dictionaryBytes + sizeBytes;
    const header = await this.#peek(length);
    if (header.length < length) throw cutOff(await this.#endPosition());
    if (header.subarray(dictionaryAt, dictionaryAt + dictionaryBytes).some((byte) => byte !== 0))
      throw new DamagedData('was compressed with a dictionary, which is not supported', this.#input.position);
    return length;
  }

  /** Of the block that begins that many bytes further, 0 of what is none; undefined when the input ends before it does. */
  async #blockBytes(at: number): Promise<{ readonly bytes: number; readonly isLast: boolean } | undefined> {
    const held = (await this.#peek(at + BLOCK_HEADER_BYTES)).subarray(at, at + BLOCK_HEADER_BYTES);
    if (held.length < BLOCK_HEADER_BYTES) return undefined;
    const [low = 0, middle = 0, high = 0] = held;
    const header = low | (middle << 8) | (high << 16);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === BlockType.reserved || size > MOST_BLOCK_BYTES) return { bytes: 0, isLast: false };
    const bytes = BLOCK_HEADER_BYTES + (type === BlockType.repeated ? 1 : size);
    if ((await this.#peek(at + bytes)).length < at + bytes) return undefined;
    return { bytes, isLast: (header & 1) !== 0 };
  }

  #peek(length: number): Promise<Uint8Array> {
    return this.#input.peek(length);
  }

  async #endPosition(): Promise<number> {
    return this.#input.position + (await this.#peek(MOST_BLOCK_BYTES * 2)).length;
  }
}

async function required(input: InputPieces, length: number): Promise<Uint8Array> {
  const bytes = await input.takeAll(length);
  if (bytes === undefined) throw cutOff(input.position + (await input.peek(length)).length);
  return bytes;
}
