/** The frames of a block, out of its bytes: each is checked, and what is damaged is named. */
import type { BlockEntry } from './block-entry.js';
import { crc32 } from './crc32.js';
import { decodeFrameHeader, type FrameHeader, frameBytes } from './frame-header.js';
import type { DamagedStretch } from './spool-error.js';
import { ALIGNMENT, FRAME_BYTES } from './spool-format.js';

/** An element of a spool with what is known of it. */
export interface SpoolFrame extends FrameHeader {
  /** The element as it was appended: `readElement` of @chipmunk-host/batch reads it. They begin at a multiple of 8 in memory of their own. */
  readonly bytes: Uint8Array;
}

/** A frame, or a stretch in which there should be some. */
export type BlockPart =
  | { readonly frame: SpoolFrame; readonly damage?: undefined }
  | { readonly frame?: undefined; readonly damage: DamagedStretch };

/** What has to be known of a block to read it. */
export type BlockExtent = Pick<BlockEntry, 'position' | 'firstFrame' | 'frames' | 'firstRow' | 'rows'>;

/** What the parts of a block are named by in errors. */
export interface BlockPlace {
  readonly file: string;
  readonly id: bigint;
  readonly compressed: boolean;
}

/**
 * @param bytes of the frames; fewer than the entry says where the file ends early
 * @param wereChecked whether the elements had their checksums when they were read before: they are not computed again
 */
export function blockParts(
  bytes: Uint8Array,
  entry: BlockExtent,
  place: BlockPlace,
  wereChecked = false,
): readonly BlockPart[] {
  const parts: BlockPart[] = [];
  const endFrame = entry.firstFrame + entry.frames;
  const endRow = entry.firstRow + entry.rows;
  let at = 0;
  let number = entry.firstFrame;
  let row = entry.firstRow;
  const lose = (endOf: number, rowBehind: number, why: string) => {
    const position = place.compressed ? entry.position : entry.position + at;
    const about = { file: place.file, position, firstFrame: number, endFrame: endOf, firstRow: row, endRow: rowBehind };
    parts.push({ damage: { ...about, why } });
    number = endOf;
    row = rowBehind;
  };
  while (number < endFrame) {
    const header = decodeFrameHeader(bytes, at, place.id);
    if (header === undefined || !isNext(header, number, row, endFrame, endRow)) {
      const next = nextHeader(bytes, at + ALIGNMENT, place.id, number, row, endFrame, endRow);
      const why = at + FRAME_BYTES > bytes.length ? 'the file ends before it' : 'its header does not have its checksum';
      lose(next?.header.number ?? endFrame, next?.header.row ?? endRow, why);
      if (next !== undefined) at = next.at;
      continue;
    }
    const element = bytes.subarray(at + FRAME_BYTES, at + FRAME_BYTES + header.byteLength);
    if (element.length < header.byteLength) lose(number + 1, row + header.rows, 'the file ends in it');
    else if (!wereChecked && crc32(element) !== header.crc)
      lose(number + 1, row + header.rows, 'it does not have its checksum');
    else {
      parts.push({ frame: { ...header, bytes: element } });
      number++;
      row += header.rows;
    }
    at += frameBytes(header);
  }
  return parts;
}

function isNext(header: FrameHeader, number: number, row: number, endFrame: number, endRow: number): boolean {
  return header.number === number && header.row === row && number < endFrame && row + header.rows <= endRow;
}

function nextHeader(
  bytes: Uint8Array,
  from: number,
  id: bigint,
  number: number,
  row: number,
  endFrame: number,
  endRow: number,
) {
  for (let at = from; at + FRAME_BYTES <= bytes.length; at += ALIGNMENT) {
    const header = decodeFrameHeader(bytes, at, id);
    if (header === undefined) continue;
    const { number: found, row: foundRow, rows } = header;
    if (found > number && found < endFrame && foundRow >= row && foundRow + rows <= endRow) return { header, at };
  }
  return undefined;
}
