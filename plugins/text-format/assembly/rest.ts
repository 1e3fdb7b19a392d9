/** The groups that are in no column, as an object of JSON. */
import { Pattern, TextWriter, writeHexByte } from '@chipmunk-host/sdk/assembly';
import { FACILITIES, Word } from './priorities';

/** An escape has six characters at most. */
const MOST_GROWTH: usize = 6;
/** Around a name and its value: comma, four quotes and a colon, and the braces. */
const AROUND: usize = 8;

/** Writes what is not empty; returns where it begins. It ends where the writer goes on. */
export function writeRest(writer: TextWriter, pattern: Pattern, groups: i32[], priority: i32): usize {
  let at = writer.begin(AROUND);
  const opened = at;
  if (priority >= 0) {
    const facility: Word = FACILITIES[priority >> 3];
    at = writeMember(writer, at, at == opened, 'facility', facility.at, facility.length);
  }
  for (let i = 0; i < groups.length; i++) {
    const length = pattern.length(groups[i]);
    if (length == 0) continue;
    at = writeMember(writer, at, at == writer.start, pattern.groups[groups[i]], pattern.start(groups[i]), length);
  }
  const start = writer.start;
  if (at != start) store<u8>(at++, 125);
  writer.end(at);
  return start;
}

function writeMember(writer: TextWriter, at: usize, isFirst: bool, name: string, value: usize, length: usize): usize {
  at = writer.grow(at, <usize>name.length + length * MOST_GROWTH + AROUND);
  store<u8>(at, isFirst ? 123 : 44);
  store<u8>(at, 34, 1);
  at += 2;
  for (let i = 0; i < name.length; i++) store<u8>(at++, name.charCodeAt(i));
  store<u16>(at, 0x3a22);
  store<u8>(at, 34, 2);
  at += 3;
  for (let i: usize = 0; i < length; i++) at = writeEscaped(at, load<u8>(value + i));
  store<u8>(at, 34);
  return at + 1;
}

function writeEscaped(at: usize, byte: u32): usize {
  if (byte == 34 || byte == 92) {
    store<u8>(at, 92);
    store<u8>(at, byte, 1);
    return at + 2;
  }
  if (byte < 32) {
    store<u32>(at, 0x3030755c);
    return writeHexByte(at + 4, byte);
  }
  store<u8>(at, byte);
  return at + 1;
}
