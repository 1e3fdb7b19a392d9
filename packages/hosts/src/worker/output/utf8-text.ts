/** What a batch needs to know of text in UTF-8. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { NumberTable } from './number-table.js';
import { LARGE_PIECE_BYTES, type SegmentBuffer } from './segment-buffer.js';

export { isUtf8 };

export function isAsciiText(text: SegmentBuffer): boolean {
  return isAscii(text.small) && text.large.every(({ bytes }) => isAscii(bytes));
}

/**
 * Whether the strings from number `first` on are UTF-8, each by itself. The small ones lie one behind the other and are
 * checked at once: they are all valid when the whole is, and none begins in the middle of a character.
 *
 * @param smallStart where string `first` begins among the small pieces, `largeStart` the number of large pieces before it.
 */
export function isUtf8Text(
  text: SegmentBuffer,
  ends: NumberTable,
  first: number,
  smallStart: number,
  largeStart: number,
): boolean {
  const added = text.smallSince(smallStart);
  if (text.large.length === largeStart && isAscii(added)) return true;
  if (!isUtf8(added)) return false;
  if (!text.large.slice(largeStart).every(({ bytes }) => isUtf8(bytes))) return false;
  const all = ends.view();
  let at = 0;
  let begin = first === 0 ? 0 : (all[first - 1] as number);
  for (let s = first; s < all.length; s++) {
    const end = all[s] as number;
    if (end - begin < LARGE_PIECE_BYTES) {
      if (end > begin && isContinuation(added[at] as number)) return false;
      at += end - begin;
    }
    begin = end;
  }
  return true;
}

/** Where each string ends in UTF-16 code units. `ends` are its ends in bytes. */
export function unitEnds(text: SegmentBuffer, ends: Uint32Array): Uint32Array {
  const result = new Uint32Array(ends.length);
  const small = text.small;
  let at = 0;
  let large = 0;
  let units = 0;
  let begin = 0;
  for (let s = 0; s < ends.length; s++) {
    const end = ends[s] as number;
    const bytes = end - begin;
    if (bytes >= LARGE_PIECE_BYTES) {
      const piece = text.large[large++]?.bytes ?? small;
      units += codeUnits(piece, 0, piece.length);
    } else {
      units += codeUnits(small, at, at + bytes);
      at += bytes;
    }
    result[s] = units;
    begin = end;
  }
  return result;
}

/** UTF-16 code units of valid UTF-8: one for each character, two when it takes four bytes. */
function codeUnits(bytes: Uint8Array, start: number, end: number): number {
  let units = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x80 || byte >= 0xc0) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
