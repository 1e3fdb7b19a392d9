/** The wire format: numbers, tags, and where values end. Each function returns the place behind what it has read; 0: it is not there. */

export const enum Wire {
  Varint,
  Fixed64,
  Bytes,
  Group,
  EndOfGroup,
  Fixed32,
}

/** Groups and messages in each other that are looked into. */
export const MOST_DEPTH: i32 = 100;
/** What is returned in place of a place. */
export const NONE: usize = 0;
export const MOST_VARINT_BYTES: usize = 10;

/** What `readVarint` read last. */
export let varint: u64 = 0;
/** Where the content ends of the group that `valueEnd` passed last. */
export let groupEnd: usize = 0;

// @ts-ignore: decorator
@inline
export function readVarint(at: usize, end: usize): usize {
  if (at < end && load<u8>(at) < 0x80) {
    varint = load<u8>(at);
    return at + 1;
  }
  return readLongVarint(at, end);
}

function readLongVarint(at: usize, end: usize): usize {
  let value: u64 = 0;
  let shift: u64 = 0;
  const limit = end - at > MOST_VARINT_BYTES ? at + MOST_VARINT_BYTES : end;
  while (at < limit) {
    const byte = <u64>load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      varint = value;
      return at;
    }
    shift += 7;
  }
  return 0;
}

/** Behind a tag, which is in `varint` then. Its number is 1 or more, and fits 29 bits. */
// @ts-ignore: decorator
@inline
export function readTag(at: usize, end: usize): usize {
  const next = readVarint(at, end);
  return next == 0 || varint < 8 || varint > u32.MAX_VALUE ? 0 : next;
}

/** Behind the value that begins at `at`, of a field with this tag. `varint` has the number, or the length, that is at its beginning. */
export function valueEnd(tag: u32, at: usize, end: usize, depth: i32): usize {
  switch (tag & 7) {
    case Wire.Varint:
      return readVarint(at, end);
    case Wire.Fixed64:
      return end - at >= 8 ? at + 8 : 0;
    case Wire.Fixed32:
      return end - at >= 4 ? at + 4 : 0;
    case Wire.Bytes: {
      const start = readVarint(at, end);
      return start == 0 || varint > <u64>(end - start) ? 0 : start + <usize>varint;
    }
    case Wire.Group:
      return behindGroup(tag >> 3, at, end, depth);
    default:
      return 0;
  }
}

function behindGroup(number: u32, at: usize, end: usize, depth: i32): usize {
  if (depth >= MOST_DEPTH) return 0;
  while (true) {
    const start = at;
    at = readTag(at, end);
    if (at == 0) return 0;
    const tag = <u32>varint;
    if ((tag & 7) == Wire.EndOfGroup) {
      groupEnd = start;
      return tag >> 3 == number ? at : 0;
    }
    at = valueEnd(tag, at, end, depth + 1);
    if (at == 0) return 0;
  }
}
