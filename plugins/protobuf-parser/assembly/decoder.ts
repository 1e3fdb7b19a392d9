/**
 * Messages as JSON.
 *
 * Writers put fields in the order of their numbers, and all values of a repeated field behind each other: such a message is written as
 * it is read. When something else comes, it is begun anew: its values are sorted by fields first (`writeSorted`).
 */
import { TextWriter, writeU32, writeU64 } from '@chipmunk-host/sdk/assembly';
import { writeBase64 } from './json-text';
import { Field, MessageType } from './message-type';
import { Occurrences } from './occurrences';
import { quoted, writeDefault, writeNumber, writeValue } from './values';
import { groupEnd, MOST_DEPTH, NONE, readTag, readVarint, valueEnd, varint, Wire } from './wire';

const COMMA: u8 = 44;
const OPEN_BRACE: u8 = 123;
const CLOSE_BRACE: u8 = 125;
const OPEN_BRACKET: u8 = 91;
const CLOSE_BRACKET: u8 = 93;
/** Commas, brackets, braces. */
const AROUND: usize = 32;
const NUMBER_BYTES: usize = 400;
/** Of the bits for oneofs. */
const MOST_ONEOFS: i32 = 64;

export class Decoder {
  /** Bytes of the message that was written last that are of no known field, or no values. */
  undecoded: usize = 0;

  constructor(private readonly writer: TextWriter) {}

  /** Writes the message that lies from `at` up to `end`; returns where what it wrote ends. */
  write(type: MessageType, at: usize, end: usize, to: usize): usize {
    this.undecoded = 0;
    return this.writeMessage(type, at, end, to, 0);
  }

  private writeMessage(type: MessageType, start: usize, end: usize, to: usize, depth: i32): usize {
    const writer = this.writer;
    const begin = to - writer.start;
    const undecodedBefore = this.undecoded;
    to = writer.grow(to, AROUND);
    store<u8>(to++, OPEN_BRACE);
    let last: u32 = 0;
    let closing: u8 = 0;
    let oneofs: u64 = 0;
    let isInOrder = true;
    let at = start;
    while (at < end) {
      const value = readTag(at, end);
      const tag = <u32>varint;
      const next = value == 0 ? NONE : valueEnd(tag, value, end, depth);
      if (next == 0) {
        this.undecoded += end - at;
        break;
      }
      const number = tag >> 3;
      const field = type.find(number);
      const isAgain = number == last;
      if (field === null || !field.takes(tag & 7) || (isAgain ? closing == 0 : number < last)) {
        isInOrder = false;
        break;
      }
      if (field.oneof >= 0) {
        const bit = field.oneof < MOST_ONEOFS ? <u64>1 << field.oneof : oneofs;
        if ((oneofs & bit) != 0 || bit == 0) {
          isInOrder = false;
          break;
        }
        oneofs |= bit;
      }
      to = writer.grow(to, field.label.length + AROUND);
      if (!isAgain) {
        to = close(to, closing, last == 0);
        to = label(to, field);
        closing = 0;
        if (field.isRepeated) {
          store<u8>(to++, field.isMap ? OPEN_BRACE : OPEN_BRACKET);
          closing = field.isMap ? CLOSE_BRACE : CLOSE_BRACKET;
        }
        last = number;
      } else if (!field.isPackedIn(tag & 7) && load<u8>(to - 1) != OPEN_BRACKET) {
        // There may be no value before, if the ones before are packed.
        store<u8>(to++, COMMA);
      }
      to = this.writeOccurrence(field, tag & 7, value, next, to, depth);
      at = next;
    }
    if (!isInOrder) {
      this.undecoded = undecodedBefore;
      return this.writeSorted(type, start, end, writer.start + begin, depth);
    }
    to = writer.grow(to, AROUND);
    if (closing != 0) store<u8>(to++, closing);
    store<u8>(to++, CLOSE_BRACE);
    return to;
  }

  /** The same for fields in any order. */
  private writeSorted(type: MessageType, at: usize, end: usize, to: usize, depth: i32): usize {
    const found = new Occurrences();
    this.undecoded += found.read(type, at, end, depth);
    to = this.writer.grow(to, AROUND);
    store<u8>(to++, OPEN_BRACE);
    let isFirst = true;
    for (let group = 0; group < found.groups; group++) {
      const field = found.fieldOf(group);
      if (field !== null && found.isReplaced(group)) continue;
      if (!isFirst) store<u8>(to++, COMMA);
      isFirst = false;
      to = field === null ? this.writeUnknown(found, group, to) : this.writeKnown(field, found, group, to, depth);
      to = this.writer.grow(to, AROUND);
    }
    store<u8>(to++, CLOSE_BRACE);
    return to;
  }

  private writeKnown(field: Field, found: Occurrences, group: i32, to: usize, depth: i32): usize {
    to = label(this.writer.grow(to, field.label.length + AROUND), field);
    const message = field.message;
    if (!field.isRepeated) {
      if (message !== null && found.countOf(group) > 1) {
        // A message that is there several times is one, of all the fields.
        const joined = changetype<usize>(found.join(group));
        return this.writeNested(message, joined, joined + found.joinedBytes, to, depth);
      }
      const at = found.lastOf(group);
      return this.writeOccurrence(field, found.wireAt(at), found.valueAt(at), found.endAt(at), to, depth);
    }
    store<u8>(to++, field.isMap ? OPEN_BRACE : OPEN_BRACKET);
    for (let at = found.firstOf(group); at >= 0; at = found.nextOf(at)) {
      const needsComma = at != found.firstOf(group) && !field.isPackedIn(found.wireAt(at));
      if (needsComma && load<u8>(to - 1) != OPEN_BRACKET) store<u8>(to++, COMMA);
      to = this.writeOccurrence(field, found.wireAt(at), found.valueAt(at), found.endAt(at), to, depth);
      to = this.writer.grow(to, AROUND);
    }
    store<u8>(to++, field.isMap ? CLOSE_BRACE : CLOSE_BRACKET);
    return to;
  }

  /** What is of no known field, by the number of the field. */
  private writeUnknown(found: Occurrences, group: i32, to: usize): usize {
    to = this.writer.grow(to, NUMBER_BYTES);
    to = quoted(to, writeU32(to + 1, found.numberOf(group)));
    store<u8>(to++, 58);
    const isList = found.countOf(group) > 1;
    if (isList) store<u8>(to++, OPEN_BRACKET);
    for (let at = found.firstOf(group); at >= 0; at = found.nextOf(at)) {
      to = this.writer.grow(to, NUMBER_BYTES);
      if (at != found.firstOf(group)) store<u8>(to++, COMMA);
      to = this.writeRaw((found.numberOf(group) << 3) | found.wireAt(at), found.valueAt(at), found.endAt(at), to);
    }
    if (!isList) return to;
    to = this.writer.grow(to, AROUND);
    store<u8>(to, CLOSE_BRACKET);
    return to + 1;
  }

  private writeRaw(tag: u32, at: usize, end: usize, to: usize): usize {
    const wire = tag & 7;
    if (wire == Wire.Fixed32) return writeU32(to, load<u32>(at));
    if (wire == Wire.Fixed64) return quoted(to, writeU64(to + 1, load<u64>(at)));
    if (wire == Wire.Group) {
      valueEnd(tag, at, end, 0);
      return writeBase64(this.writer, to, at, groupEnd);
    }
    const start = readVarint(at, end);
    return wire == Wire.Varint ? quoted(to, writeU64(to + 1, varint)) : writeBase64(this.writer, to, start, end);
  }

  /** One value, or packed ones, from `at` up to `end` with what is around them. */
  private writeOccurrence(field: Field, wire: u32, at: usize, end: usize, to: usize, depth: i32): usize {
    const message = field.message;
    if (message === null) {
      if (wire != Wire.Bytes) return writeValue(this.writer, to, field, at, end, false);
      const start = readVarint(at, end);
      if (field.wire == Wire.Bytes) return writeValue(this.writer, to, field, start, end, false);
      return this.writePacked(field, start, end, to);
    }
    let start = at;
    let contentEnd = end;
    if (wire == Wire.Bytes) start = readVarint(at, end);
    else {
      // Where the group ends may have been forgotten since it was passed.
      valueEnd((field.number << 3) | Wire.Group, at, end, depth);
      contentEnd = groupEnd;
    }
    return message.isMapEntry
      ? this.writeEntry(message, start, contentEnd, to, depth)
      : this.writeNested(message, start, contentEnd, to, depth);
  }

  private writeNested(message: MessageType, at: usize, end: usize, to: usize, depth: i32): usize {
    if (depth + 1 < MOST_DEPTH) return this.writeMessage(message, at, end, to, depth + 1);
    this.undecoded += end - at;
    return writeBase64(this.writer, to, at, end);
  }

  private writePacked(field: Field, at: usize, end: usize, to: usize): usize {
    const size: usize = field.wire == Wire.Fixed64 ? 8 : field.wire == Wire.Fixed32 ? 4 : 0;
    while (at < end) {
      const next = size == 0 ? readVarint(at, end) : end - at < size ? 0 : at + size;
      if (next == 0) {
        this.undecoded += end - at;
        break;
      }
      to = this.writer.grow(to, NUMBER_BYTES);
      if (load<u8>(to - 1) != OPEN_BRACKET) store<u8>(to++, COMMA);
      to = writeNumber(this.writer, to, field, at, false);
      at = next;
    }
    return to;
  }

  /** `"key":value` */
  private writeEntry(entry: MessageType, at: usize, end: usize, to: usize, depth: i32): usize {
    let key: usize = 0;
    let keyEnd: usize = 0;
    let value: usize = 0;
    let valueBehind: usize = 0;
    let wire: u32 = 0;
    const keyField = entry.find(1);
    const valueField = entry.find(2);
    while (at < end) {
      const start = readTag(at, end);
      const tag = <u32>varint;
      const next = start == 0 ? NONE : valueEnd(tag, start, end, depth);
      if (next == 0) {
        this.undecoded += end - at;
        break;
      }
      if (tag >> 3 == 1 && keyField !== null && keyField.takes(tag & 7)) {
        key = (tag & 7) == Wire.Bytes ? readVarint(start, next) : start;
        keyEnd = next;
      } else if (tag >> 3 == 2 && valueField !== null && valueField.takes(tag & 7)) {
        value = start;
        valueBehind = next;
        wire = tag & 7;
      } else {
        this.undecoded += next - at;
      }
      at = next;
    }
    if (keyField !== null) {
      to = key != 0 ? writeValue(this.writer, to, keyField, key, keyEnd, true) : this.writeDefaultKey(keyField, to);
    }
    to = this.writer.grow(to, AROUND);
    store<u8>(to++, 58);
    if (valueField === null) return to;
    return value != 0
      ? this.writeOccurrence(valueField, wire, value, valueBehind, to, depth + 1)
      : writeDefault(this.writer, to, valueField);
  }

  private writeDefaultKey(field: Field, to: usize): usize {
    to = this.writer.grow(to, AROUND);
    const end = writeDefault(this.writer, to + 1, field);
    if (load<u8>(to, 1) != 34) return quoted(to, end);
    memory.copy(to, to + 1, end - to - 1);
    return end - 1;
  }
}

/** Ends the field before, if there is one. */
// @ts-ignore: decorator
@inline
function close(to: usize, closing: u8, isFirst: bool): usize {
  if (closing != 0) store<u8>(to++, closing);
  if (!isFirst) store<u8>(to++, COMMA);
  return to;
}

/** Up to 16 bytes behind it are written, too. */
// @ts-ignore: decorator
@inline
function label(to: usize, field: Field): usize {
  const word = field.label;
  for (let done: usize = 0; done < word.length; done += 16) v128.store(to + done, v128.load(word.at + done));
  return to + word.length;
}
