/** Appends frames to one segment, and what is said of its blocks to its index. */
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { BlockBuilder, type BlockEntry, encodeEntry } from '../portable/block-entry.js';
import { encodeFrameHeader, type FrameHeader, frameBytes } from '../portable/frame-header.js';
import { encodeHeader, type SegmentHeader } from '../portable/segment-header.js';
import { FRAME_BYTES, INDEX_SUFFIX, PARTIAL_SUFFIX, segmentName } from '../portable/spool-format.js';
import { syncDirectory, writeAll } from './write-files.js';

const PADDING = new Uint8Array(8);

/** Where a segment goes on. */
export interface SegmentEnd {
  /** Bytes of whole frames. */
  readonly position: number;
  /** Bytes of the index. */
  readonly indexPosition: number;
}

export class SegmentWriter {
  readonly header: SegmentHeader;
  readonly name: string;
  readonly #data: FileHandle;
  readonly #index: FileHandle;
  readonly #builder = new BlockBuilder();
  #position: number;
  #indexPosition: number;
  #isEmpty: boolean;

  private constructor(header: SegmentHeader, data: FileHandle, index: FileHandle, end: SegmentEnd, isEmpty: boolean) {
    this.header = header;
    this.name = segmentName(header.number, false);
    this.#data = data;
    this.#index = index;
    this.#position = end.position;
    this.#indexPosition = end.indexPosition;
    this.#isEmpty = isEmpty;
  }

  /** Begins a segment. Its files are there with their headers, or not at all. */
  static async create(directory: string, header: SegmentHeader): Promise<SegmentWriter> {
    const path = join(directory, segmentName(header.number, false));
    const indexBytes = encodeHeader('index', header);
    const segmentBytes = encodeHeader('segment', header);
    const index = await placed(path + INDEX_SUFFIX, indexBytes);
    try {
      const data = await placed(path, segmentBytes);
      await syncDirectory(directory);
      const end = { position: segmentBytes.length, indexPosition: indexBytes.length };
      return new SegmentWriter(header, data, index, end, true);
    } catch (error) {
      await index.close();
      throw error;
    }
  }

  /** Goes on with one that is there, whose index is whole. What stands behind its end is cut off. */
  static async resume(directory: string, header: SegmentHeader, end: SegmentEnd): Promise<SegmentWriter> {
    const path = join(directory, segmentName(header.number, false));
    const data = await open(path, 'r+');
    try {
      await data.truncate(end.position);
      const index = await open(path + INDEX_SUFFIX, 'r+');
      return new SegmentWriter(header, data, index, end, false);
    } catch (error) {
      await data.close();
      throw error;
    }
  }

  /** Bytes of the segment and its index. */
  get bytes(): number {
    return this.#position + this.#indexPosition;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Bytes that a frame would add. */
  static frameBytes(frame: FrameHeader): number {
    return frameBytes(frame);
  }

  /**
   * Appends a frame, whole or not at all.
   * @throws the system's error
   */
  async append(frame: FrameHeader, element: Uint8Array): Promise<void> {
    const padding = PADDING.subarray(0, frameBytes(frame) - FRAME_BYTES - element.length);
    const position = this.#position;
    try {
      await writeAll(this.#data, [encodeFrameHeader(frame, this.header.id), element, padding], position);
    } catch (error) {
      // A part of a frame helps nobody, and takes space where there is none.
      await this.#data.truncate(position).catch(() => {});
      throw error;
    }
    this.#position += frameBytes(frame);
    this.#isEmpty = false;
    const before = this.#builder.add(frame, position);
    if (before !== undefined) await this.#note(before);
    if (this.#builder.isFull) await this.#noteOpen();
  }

  /** Writes to the disk what the system still holds back. */
  async sync(): Promise<void> {
    await this.#noteOpen();
    await this.#data.sync();
    await this.#index.sync();
  }

  /** All is written that will be. @throws the system's error; its files are closed then, too */
  async close(): Promise<void> {
    try {
      await this.sync();
    } finally {
      await this.#data.close();
      await this.#index.close();
    }
  }

  async #noteOpen(): Promise<void> {
    const block = this.#builder.finish();
    if (block !== undefined) await this.#note(block);
  }

  /** What is missing in an index is found again in the segment. */
  async #note(block: BlockEntry): Promise<void> {
    const bytes = encodeEntry(block, this.header.id);
    await writeAll(this.#index, [bytes], this.#indexPosition);
    this.#indexPosition += bytes.length;
  }
}

/** A new file with these bytes, open to go on behind them. */
async function placed(path: string, bytes: Uint8Array): Promise<FileHandle> {
  const partial = path + PARTIAL_SUFFIX;
  const file = await open(partial, 'w+');
  try {
    await writeAll(file, [bytes], 0);
    await rename(partial, path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
