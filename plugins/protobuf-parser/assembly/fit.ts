/** How well a message fits a type, without writing it. */
import { isUtf8 } from '@chipmunk-host/sdk/assembly';
import { Field, Kind, MessageType } from './message-type';
import { groupEnd, MOST_DEPTH, MOST_VARINT_BYTES, NONE, readTag, readVarint, valueEnd, varint, Wire } from './wire';

/** Fields with smaller numbers have a bit. */
const MOST_SEEN: u32 = 64;

/** Whether the message that was looked at last has bytes that are no fields. */
export let isBroken: bool = false;

/** Whether in the message that was looked at last a field is there twice that is not repeated: nobody writes that, but two messages in a row have it. */
export let isTwice: bool = false;

/** How many bytes of a message are of no known field, or no values; text that is not valid UTF-8 counts, too. */
export function misfit(type: MessageType, at: usize, end: usize): usize {
  isBroken = false;
  isTwice = false;
  return misfitIn(type, at, end, 0);
}

function misfitIn(type: MessageType, at: usize, end: usize, depth: i32): usize {
  let found: usize = 0;
  let seen: u64 = 0;
  while (at < end) {
    const value = readTag(at, end);
    const tag = <u32>varint;
    const next = value == 0 ? NONE : valueEnd(tag, value, end, depth);
    if (next == 0) {
      isBroken = true;
      return found + (end - at);
    }
    const field = type.find(tag >> 3);
    if (field === null || !field.takes(tag & 7)) found += next - at;
    else if (field.message !== null || (tag & 7) == Wire.Bytes) found += misfitOf(field, tag, value, next, depth);
    if (field !== null && !field.isRepeated && field.number < MOST_SEEN) {
      const bit = (<u64>1) << field.number;
      if ((seen & bit) != 0) isTwice = true;
      seen |= bit;
    }
    at = next;
  }
  return found;
}

function misfitOf(field: Field, tag: u32, value: usize, end: usize, depth: i32): usize {
  const message = field.message;
  let start = value;
  if ((tag & 7) == Wire.Bytes) start = readVarint(value, end);
  else end = groupEnd;
  if (message !== null) return depth + 1 < MOST_DEPTH ? misfitIn(message, start, end, depth + 1) : end - start;
  if (field.kind == Kind.String) return isUtf8(start, end) ? 0 : end - start;
  if (field.kind == Kind.Bytes) return 0;
  const size: usize = field.wire == Wire.Fixed64 ? 8 : field.wire == Wire.Fixed32 ? 4 : 0;
  if (size != 0) return (end - start) % size;
  while (start < end) {
    const next = readVarint(start, end);
    if (next == 0) return end - start;
    start = next;
  }
  return 0;
}

/**
 * Whether the bytes from `at` up to `end` may be the beginning of a message of `length` bytes, of any type: whether there are tags and lengths
 * that fit.
 */
export function mayBegin(at: usize, end: usize, length: u64): bool {
  const start = at;
  while (at < end) {
    const value = readTag(at, end);
    const tag = <u32>varint;
    if (value == 0) return end - at < MOST_VARINT_BYTES && isOpenVarint(at, end);
    if ((tag & 7) > <u32>Wire.Fixed32 || (tag & 7) == Wire.EndOfGroup) return false;
    const next = valueEnd(tag, value, end, 0);
    if (next != 0) {
      at = next;
      continue;
    }
    if ((tag & 7) != Wire.Bytes) return (tag & 7) != Wire.Varint || isOpenVarint(value, end);
    const content = readVarint(value, end);
    if (content == 0) return isOpenVarint(value, end);
    return <u64>(content - start) + varint <= length;
  }
  return true;
}

/** Whether the input ends within a varint. */
function isOpenVarint(at: usize, end: usize): bool {
  return end - at < MOST_VARINT_BYTES && readVarint(at, end) == 0;
}
