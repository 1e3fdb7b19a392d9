/** What stands before each element: docs/spool-format.md, Frames. */
import { crc32 } from './crc32.js';
import { aligned, FRAME_BYTES, setUint64, uint64, viewOf } from './spool-format.js';

/** What a frame is about, without its element. */
export interface FrameHeader {
  /** Counted through the spool, from 0. */
  readonly number: number;
  /** Number of its first item among all of the spool; of one without items that of the next item. */
  readonly row: number;
  /** Items. */
  readonly rows: number;
  /** The type byte of the element: 0 a batch, 1 a gap, 2 a restart; others may come. */
  readonly type: number;
  /** Number of the input that it is from. */
  readonly source: number;
  /** Position in the input of the first byte that it accounts for. */
  readonly offset: number;
  /** Bytes of input that it accounts for. */
  readonly consumedBytes: number;
  /** The earliest and the latest time of its items, in nanoseconds since 1970; `NO_TIME` where none has a time. */
  readonly firstTime: bigint;
  readonly lastTime: bigint;
  /** When it was appended, in milliseconds since 1970. */
  readonly writtenAt: number;
  /** Bytes of the element. */
  readonly byteLength: number;
  /** Checksum of the element. */
  readonly crc: number;
}

/** `FRAM`, read as a number. */
const MAGIC = 0x4d41_5246;
const Place = {
  magic: 0,
  crc: 4,
  id: 8,
  number: 16,
  row: 24,
  byteLength: 32,
  elementCrc: 36,
  rows: 40,
  type: 44,
  source: 48,
  reserved: 52,
  offset: 56,
  consumedBytes: 64,
  firstTime: 72,
  lastTime: 80,
  writtenAt: 88,
} as const;

/** @param id of the segment */
export function encodeFrameHeader(header: FrameHeader, id: bigint): Uint8Array {
  const bytes = new Uint8Array(FRAME_BYTES);
  const view = viewOf(bytes);
  view.setUint32(Place.magic, MAGIC, true);
  view.setBigUint64(Place.id, id, true);
  setUint64(view, Place.number, header.number);
  setUint64(view, Place.row, header.row);
  view.setUint32(Place.byteLength, header.byteLength, true);
  view.setUint32(Place.elementCrc, header.crc, true);
  view.setUint32(Place.rows, header.rows, true);
  view.setUint32(Place.type, header.type, true);
  view.setUint32(Place.source, header.source, true);
  setUint64(view, Place.offset, header.offset);
  setUint64(view, Place.consumedBytes, header.consumedBytes);
  view.setBigInt64(Place.firstTime, header.firstTime, true);
  view.setBigInt64(Place.lastTime, header.lastTime, true);
  setUint64(view, Place.writtenAt, header.writtenAt);
  view.setUint32(Place.crc, crc32(bytes.subarray(Place.id)), true);
  return bytes;
}

/** The header that stands at `at`; undefined where none does, or one of another segment. */
export function decodeFrameHeader(bytes: Uint8Array, at: number, id: bigint): FrameHeader | undefined {
  if (bytes.length - at < FRAME_BYTES) return undefined;
  const own = bytes.subarray(at, at + FRAME_BYTES);
  const view = viewOf(own);
  if (view.getUint32(Place.magic, true) !== MAGIC || view.getBigUint64(Place.id, true) !== id) return undefined;
  if (view.getUint32(Place.crc, true) !== crc32(own.subarray(Place.id))) return undefined;
  return {
    number: uint64(view, Place.number),
    row: uint64(view, Place.row),
    byteLength: view.getUint32(Place.byteLength, true),
    crc: view.getUint32(Place.elementCrc, true),
    rows: view.getUint32(Place.rows, true),
    type: view.getUint32(Place.type, true),
    source: view.getUint32(Place.source, true),
    offset: uint64(view, Place.offset),
    consumedBytes: uint64(view, Place.consumedBytes),
    firstTime: view.getBigInt64(Place.firstTime, true),
    lastTime: view.getBigInt64(Place.lastTime, true),
    writtenAt: uint64(view, Place.writtenAt),
  };
}

/** Bytes of the frame: its header, its element, and what is left until the next one may begin. */
export function frameBytes({ byteLength }: Pick<FrameHeader, 'byteLength'>): number {
  return FRAME_BYTES + aligned(byteLength);
}
