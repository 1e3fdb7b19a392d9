/** What an index says of a block, and what stands before a compressed one: docs/spool-format.md, Blocks. */
import { crc32 } from './crc32.js';
import { type FrameHeader, frameBytes } from './frame-header.js';
import { BLOCK_BYTES, ENTRY_BYTES, NO_TIME, setUint64, uint64, viewOf } from './spool-format.js';

/** Frames of one source that follow each other. */
export interface BlockEntry {
  /** Position in the file: of the first frame, or of what stands before the compressed bytes. */
  readonly position: number;
  /** Bytes in the file: of the frames, or of the compressed bytes behind their entry. */
  readonly storedBytes: number;
  /** Bytes of the frames. */
  readonly bytes: number;
  readonly firstFrame: number;
  readonly frames: number;
  readonly firstRow: number;
  readonly rows: number;
  /** Frames that are no batches. */
  readonly records: number;
  readonly source: number;
  /** Where in the input the first frame begins. */
  readonly offset: number;
  /** Where in the input the last frame ends. */
  readonly endOffset: number;
  readonly firstTime: bigint;
  readonly lastTime: bigint;
  /** When the last frame was appended. */
  readonly writtenAt: number;
  /** Checksum of compressed bytes; 0 where they are not compressed. */
  readonly crc: number;
}

/** `BLCK`, read as a number. */
const MAGIC = 0x4b43_4c42;
const Place = {
  magic: 0,
  crc: 4,
  id: 8,
  position: 16,
  firstFrame: 24,
  firstRow: 32,
  frames: 40,
  rows: 44,
  records: 48,
  source: 52,
  storedBytes: 56,
  bytes: 60,
  offset: 64,
  endOffset: 72,
  firstTime: 80,
  lastTime: 88,
  writtenAt: 96,
  storedCrc: 104,
} as const;

export function encodeEntry(entry: BlockEntry, id: bigint): Uint8Array {
  const bytes = new Uint8Array(ENTRY_BYTES);
  const view = viewOf(bytes);
  view.setUint32(Place.magic, MAGIC, true);
  view.setBigUint64(Place.id, id, true);
  setUint64(view, Place.position, entry.position);
  setUint64(view, Place.firstFrame, entry.firstFrame);
  setUint64(view, Place.firstRow, entry.firstRow);
  view.setUint32(Place.frames, entry.frames, true);
  view.setUint32(Place.rows, entry.rows, true);
  view.setUint32(Place.records, entry.records, true);
  view.setUint32(Place.source, entry.source, true);
  view.setUint32(Place.storedBytes, entry.storedBytes, true);
  view.setUint32(Place.bytes, entry.bytes, true);
  setUint64(view, Place.offset, entry.offset);
  setUint64(view, Place.endOffset, entry.endOffset);
  view.setBigInt64(Place.firstTime, entry.firstTime, true);
  view.setBigInt64(Place.lastTime, entry.lastTime, true);
  setUint64(view, Place.writtenAt, entry.writtenAt);
  view.setUint32(Place.storedCrc, entry.crc, true);
  view.setUint32(Place.crc, crc32(bytes.subarray(Place.id)), true);
  return bytes;
}

/** The entry that stands at `at`; undefined where none does, or one of another segment. */
export function decodeEntry(bytes: Uint8Array, at: number, id: bigint): BlockEntry | undefined {
  if (bytes.length - at < ENTRY_BYTES) return undefined;
  const own = bytes.subarray(at, at + ENTRY_BYTES);
  const view = viewOf(own);
  if (view.getUint32(Place.magic, true) !== MAGIC || view.getBigUint64(Place.id, true) !== id) return undefined;
  return view.getUint32(Place.crc, true) === crc32(own.subarray(Place.id)) ? readEntry(own) : undefined;
}

/** An entry that was checked before. */
export function readEntry(own: Uint8Array): BlockEntry {
  const view = viewOf(own);
  return {
    position: uint64(view, Place.position),
    firstFrame: uint64(view, Place.firstFrame),
    firstRow: uint64(view, Place.firstRow),
    frames: view.getUint32(Place.frames, true),
    rows: view.getUint32(Place.rows, true),
    records: view.getUint32(Place.records, true),
    source: view.getUint32(Place.source, true),
    storedBytes: view.getUint32(Place.storedBytes, true),
    bytes: view.getUint32(Place.bytes, true),
    offset: uint64(view, Place.offset),
    endOffset: uint64(view, Place.endOffset),
    firstTime: view.getBigInt64(Place.firstTime, true),
    lastTime: view.getBigInt64(Place.lastTime, true),
    writtenAt: uint64(view, Place.writtenAt),
    crc: view.getUint32(Place.storedCrc, true),
  };
}

/** The same block in another place: that of its compressed bytes. */
export function movedEntry(entry: BlockEntry, place: Pick<BlockEntry, 'position' | 'storedBytes' | 'crc'>): BlockEntry {
  return { ...entry, ...place };
}

/** Its bytes are counted in 32 bits. */
const MOST_BLOCK_BYTES = 0x7fff_ffff;

/** Makes blocks of frames as they are appended, or as they are found: always the same ones. */
export class BlockBuilder {
  #entry: BlockEntry | undefined;

  /** The block that is not finished; undefined where none was begun. */
  get open(): BlockEntry | undefined {
    return this.#entry;
  }

  /**
   * @param position of the frame in the file
   * @param bytes from there to the frame that follows: more than the frame where damage lies behind it
   * @returns the block that is finished before this frame, when it is of another source
   */
  add(frame: FrameHeader, position: number, bytes = frameBytes(frame)): BlockEntry | undefined {
    const fits = this.#entry?.source === frame.source && this.#entry.bytes + bytes <= MOST_BLOCK_BYTES;
    const before = fits ? undefined : this.finish();
    const entry = this.#entry ?? emptyEntry(frame, position);
    this.#entry = {
      ...entry,
      bytes: position + bytes - entry.position,
      storedBytes: position + bytes - entry.position,
      frames: frame.number + 1 - entry.firstFrame,
      rows: frame.row + frame.rows - entry.firstRow,
      records: entry.records + (frame.type === 0 ? 0 : 1),
      endOffset: frame.offset + frame.consumedBytes,
      firstTime: earlier(entry.firstTime, frame.firstTime),
      lastTime: later(entry.lastTime, frame.lastTime),
      writtenAt: frame.writtenAt,
    };
    return before;
  }

  /** Whether the block is to be finished: it is large enough. */
  get isFull(): boolean {
    return (this.#entry?.bytes ?? 0) >= BLOCK_BYTES;
  }

  /** The block as it is now; the next frame begins another one. */
  finish(): BlockEntry | undefined {
    const entry = this.#entry;
    this.#entry = undefined;
    return entry;
  }
}

function earlier(one: bigint, other: bigint): bigint {
  if (one === NO_TIME) return other;
  return other === NO_TIME || one < other ? one : other;
}

/** One without a time is the earliest of all. */
function later(one: bigint, other: bigint): bigint {
  if (one > other) return one;
  return other;
}

function emptyEntry({ number, row, source, offset }: FrameHeader, position: number): BlockEntry {
  return {
    position,
    storedBytes: 0,
    bytes: 0,
    firstFrame: number,
    frames: 0,
    firstRow: row,
    rows: 0,
    records: 0,
    source,
    offset,
    endOffset: offset,
    firstTime: NO_TIME,
    lastTime: NO_TIME,
    writtenAt: 0,
    crc: 0,
  };
}
