/** Whether bytes can be the headers of a message that no header with a pattern stands in front of, and how long that is. */
import { EXTENDED_HEADER_BYTES, HAS_ECU, HAS_EXTENDED_HEADER, headerBytes, Kind, messageBytes } from './message';

export const VERSION: u32 = 1;
/**
 * What looks like the headers of a message, and has no control character in its first bytes, is text: in a message below 2,304 bytes the
 * length begins with one, and in a longer one the counts and the ends of ids are some, too.
 */
const TEXT_BYTES: u32 = 16;

// What `bareBytes` returns besides a number of bytes.
export const NO_MESSAGE: i32 = 0;
export const UNKNOWN: i32 = -1;

/** Bytes of the message whose first byte is at `at`, if its headers can be ones; else `NO_MESSAGE`, or `UNKNOWN` where the slice ends. */
export function bareBytes(at: usize, end: usize): i32 {
  if (at >= end) return UNKNOWN;
  const htyp = <u32>load<u8>(at);
  if (htyp >> 5 != VERSION) return NO_MESSAGE;
  const headers = headerBytes(htyp);
  if (at + headers > end) return at + 4 <= end && messageBytes(at) < headers ? NO_MESSAGE : UNKNOWN;
  const bytes = messageBytes(at);
  if (bytes < headers) return NO_MESSAGE;
  if ((htyp & HAS_EXTENDED_HEADER) != 0) {
    const extended = at + headers - EXTENDED_HEADER_BYTES;
    if (((<u32>load<u8>(extended) >> 1) & 7) > <u32>Kind.Control) return NO_MESSAGE;
    if (!isId(extended + 2) || !isId(extended + 6)) return NO_MESSAGE;
  }
  const checked = min(bytes, TEXT_BYTES);
  if (isText(at + 2, min(at + checked, end))) return at + checked > end ? UNKNOWN : NO_MESSAGE;
  return <i32>bytes;
}

/** Whether no byte from `at` up to `end` is a control character but tab and line ends. */
function isText(at: usize, end: usize): bool {
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if ((byte < 0x20 && byte != 0x09 && byte != 0x0a && byte != 0x0d) || byte == 0x7f) return false;
  }
  return true;
}

/** Whether the headers at `at`, which can be ones, have so much in them that they are no chance. */
export function isUnmistakable(at: usize): bool {
  const htyp = <u32>load<u8>(at);
  if ((htyp & HAS_EXTENDED_HEADER) == 0 || (htyp & HAS_ECU) == 0) return false;
  const extended = at + headerBytes(htyp) - EXTENDED_HEADER_BYTES;
  const msin = <u32>load<u8>(extended);
  const info = msin >> 4;
  const kind = (msin >> 1) & 7;
  const known = kind == Kind.Log ? info >= 1 && info <= 6 : kind == Kind.Control ? info == 1 || info == 2 : info <= 6;
  return known && load<u8>(at, 4) != 0 && isId(at + 4) && load<u8>(extended, 2) != 0;
}

/** Whether four bytes are an id: ASCII without control characters, then only NULs. */
export function isId(at: usize): bool {
  let length: usize = 0;
  while (length < 4 && load<u8>(at + length) >= 0x20 && load<u8>(at + length) <= 0x7e) length++;
  while (length < 4 && load<u8>(at + length) == 0) length++;
  return length == 4;
}
