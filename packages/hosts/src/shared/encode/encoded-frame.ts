/** What a parser's worker puts into the ring in place of a batch that it has encoded: counts, and the output behind them. */
import type { RowCounts } from './row-counts.js';

/** Never used in msgpack: no batch, gap or restart begins with it. */
const MARK = 0xc1;
const Place = { offset: 8, bytes: 16, skippedBytes: 24, items: 32, filtered: 36, filteredBytes: 40 } as const;

/** Bytes before the output. */
export const ENCODED_HEAD_BYTES = 48;

export interface EncodedHead extends RowCounts {
  /** Position in the input of the first byte that it accounts for. */
  readonly offset: number;
}

export function isEncodedFrame(frame: Uint8Array): boolean {
  return frame[0] === MARK;
}

export function writeEncodedHead(target: DataView, at: number, head: EncodedHead): void {
  target.setUint8(at, MARK);
  target.setFloat64(at + Place.offset, head.offset);
  target.setFloat64(at + Place.bytes, head.bytes);
  target.setFloat64(at + Place.skippedBytes, head.skippedBytes);
  target.setUint32(at + Place.items, head.items);
  target.setUint32(at + Place.filtered, head.filtered);
  target.setFloat64(at + Place.filteredBytes, head.filteredBytes);
}

export function readEncodedHead(frame: Uint8Array): EncodedHead {
  const view = new DataView(frame.buffer, frame.byteOffset, ENCODED_HEAD_BYTES);
  return {
    offset: view.getFloat64(Place.offset),
    bytes: view.getFloat64(Place.bytes),
    skippedBytes: view.getFloat64(Place.skippedBytes),
    items: view.getUint32(Place.items),
    filtered: view.getUint32(Place.filtered),
    filteredBytes: view.getFloat64(Place.filteredBytes),
  };
}
