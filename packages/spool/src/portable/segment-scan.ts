/** Finds the blocks of a segment in its bytes: where no index tells of them, and of what was appended meanwhile. */
import { BlockBuilder, type BlockEntry, decodeEntry } from './block-entry.js';
import { crc32 } from './crc32.js';
import { decodeFrameHeader, type FrameHeader, frameBytes } from './frame-header.js';
import type { ReadHeader } from './segment-header.js';
import { ALIGNMENT, aligned, ENTRY_BYTES, FRAME_BYTES, NO_TIME } from './spool-format.js';
import type { RangeSource } from './spool-store.js';

/** Bytes that are read at once in search of a frame. */
const SEARCH_BYTES = 1024 * 1024;

/** How far a segment is known. */
export interface ScanPlace {
  /** Behind the last whole frame or block. */
  readonly position: number;
  readonly frame: number;
  readonly row: number;
}

export class SegmentScan {
  readonly #header: ReadHeader;
  readonly #found: (block: BlockEntry) => void;
  readonly #builder = new BlockBuilder();
  #place: ScanPlace;
  /** Up to here nothing was found behind what is damaged. */
  #searchedTo = 0;

  /** @param found gets each block that is finished */
  constructor(header: ReadHeader, place: ScanPlace, found: (block: BlockEntry) => void) {
    this.#header = header;
    this.#place = place;
    this.#found = found;
  }

  /** Behind all that was found. */
  get place(): ScanPlace {
    return this.#place;
  }

  /** The last block, while frames may be added to it. */
  get open(): BlockEntry | undefined {
    return this.#builder.open;
  }

  /** Finds what is there up to `size`. What is not whole stays for the next call. */
  async advance(source: RangeSource, size: number): Promise<void> {
    while (this.#place.position < size)
      if (!(await (this.#header.compressed ? this.#nextBlock(source, size) : this.#nextFrame(source, size)))) return;
  }

  /** No frames will follow: the last block is finished. */
  end(): void {
    this.#emit(this.#builder.finish());
  }

  async #nextFrame(source: RangeSource, size: number): Promise<boolean> {
    const { position, frame, row } = this.#place;
    const bytes = await source.read(position, FRAME_BYTES);
    if (bytes.length < FRAME_BYTES) return false;
    const header = decodeFrameHeader(bytes, 0, this.#header.id);
    if (header === undefined || header.number !== frame || header.row !== row) return this.#pass(source, size);
    const end = position + frameBytes(header);
    if (end > size) return false;
    // Only of the last one the size does not tell that it was written to its end.
    if (end === size && !(await isWhole(source, position, header))) return false;
    this.#emit(this.#builder.add(header, position));
    if (this.#builder.isFull) this.#emit(this.#builder.finish());
    this.#place = { position: end, frame: frame + 1, row: row + header.rows };
    return true;
  }

  async #nextBlock(source: RangeSource, size: number): Promise<boolean> {
    const { position, frame, row } = this.#place;
    const entry = decodeEntry(await source.read(position, ENTRY_BYTES), 0, this.#header.id);
    if (entry === undefined || entry.position !== position || entry.firstFrame !== frame || entry.firstRow !== row)
      return this.#pass(source, size);
    const end = position + blockBytes(entry, true);
    if (end > size) return false;
    this.#found(entry);
    this.#place = { position: end, frame: frame + entry.frames, row: row + entry.rows };
    return true;
  }

  /** Goes on behind what is damaged, as a block in which nothing can be read. */
  async #pass(source: RangeSource, size: number): Promise<boolean> {
    const { position, frame, row } = this.#place;
    const from = Math.max(position + ALIGNMENT, this.#searchedTo);
    const next = await this.#search(source, from, size);
    if (next === undefined) {
      this.#searchedTo = Math.max(from, Math.floor((size - ENTRY_BYTES) / ALIGNMENT) * ALIGNMENT);
      return false;
    }
    this.#emit(this.#builder.finish());
    const storedBytes = next.position - position - (this.#header.compressed ? ENTRY_BYTES : 0);
    this.#found({
      position,
      storedBytes: Math.max(0, storedBytes),
      bytes: next.position - position,
      firstFrame: frame,
      frames: next.frame - frame,
      firstRow: row,
      rows: next.row - row,
      records: 0,
      source: next.source,
      offset: next.offset,
      endOffset: next.offset,
      firstTime: NO_TIME,
      lastTime: NO_TIME,
      writtenAt: next.writtenAt,
      crc: 0,
    });
    this.#place = next;
    return true;
  }

  async #search(source: RangeSource, from: number, size: number) {
    const { id, compressed } = this.#header;
    const { frame, row } = this.#place;
    for (let start = from; start < size; start += SEARCH_BYTES) {
      const bytes = await source.read(start, SEARCH_BYTES + ENTRY_BYTES);
      for (let at = 0; at < SEARCH_BYTES && at + FRAME_BYTES <= bytes.length; at += ALIGNMENT) {
        const found = compressed ? decodeEntry(bytes, at, id) : decodeFrameHeader(bytes, at, id);
        if (found === undefined) continue;
        const place =
          'number' in found
            ? { frame: found.number, row: found.row }
            : { frame: found.firstFrame, row: found.firstRow };
        if ('position' in found && found.position !== start + at) continue;
        if (place.frame <= frame || place.row < row) continue;
        return {
          ...place,
          position: start + at,
          source: found.source,
          offset: found.offset,
          writtenAt: found.writtenAt,
        };
      }
    }
    return undefined;
  }

  #emit(block: BlockEntry | undefined): void {
    if (block !== undefined) this.#found(block);
  }
}

/** Bytes from the beginning of a block to that of the next one. */
export function blockBytes({ storedBytes }: Pick<BlockEntry, 'storedBytes'>, compressed: boolean): number {
  return compressed ? aligned(ENTRY_BYTES + storedBytes) : storedBytes;
}

async function isWhole(source: RangeSource, position: number, { byteLength, crc }: FrameHeader): Promise<boolean> {
  const element = await source.read(position + FRAME_BYTES, byteLength);
  return element.length === byteLength && crc32(element) === crc;
}
