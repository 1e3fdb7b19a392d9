/** Single values of fields as JSON, as the mapping of Protocol Buffers to JSON has them. */
import {
  MOST_FLOAT_BYTES,
  TextWriter,
  writeF32,
  writeF64,
  writeI32,
  writeI64,
  writeU32,
  writeU64,
} from '@chipmunk-host/sdk/assembly';
import { writeBase64, writeString } from './json-text';
import { Field, Kind } from './message-type';
import { readVarint, varint, Wire } from './wire';

const QUOTE: u8 = 34;
const NUMBER_BYTES: usize = 48;

/**
 * Writes the value, no message, that lies from `at` up to `end`; of text and bytes without their length.
 * @param isName whether it is the name of a member, which has quotes around it
 */
export function writeValue(writer: TextWriter, to: usize, field: Field, at: usize, end: usize, isName: bool): usize {
  const kind = field.kind;
  if (kind == Kind.String) return writeString(writer, to, at, end);
  if (kind == Kind.Bytes) return writeBase64(writer, to, at, end);
  if (field.wire == Wire.Varint) readVarint(at, end);
  to = writer.grow(to, kind == Kind.Double || kind == Kind.Float ? MOST_FLOAT_BYTES + 8 : NUMBER_BYTES);
  return writeNumber(writer, to, field, at, isName);
}

/** A number that lies at `at`, or is in `varint`. There is room for it. */
export function writeNumber(writer: TextWriter, to: usize, field: Field, at: usize, isName: bool): usize {
  switch (field.kind) {
    case Kind.Double:
      return writeDouble(to, load<f64>(at));
    case Kind.Float:
      return writeFloat(to, load<f32>(at));
    case Kind.Int64:
      return quoted(to, writeI64(to + 1, <i64>varint));
    case Kind.Uint64:
      return quoted(to, writeU64(to + 1, varint));
    case Kind.Fixed64:
      return quoted(to, writeU64(to + 1, load<u64>(at)));
    case Kind.Sfixed64:
      return quoted(to, writeI64(to + 1, load<i64>(at)));
    case Kind.Sint64:
      return quoted(to, writeI64(to + 1, <i64>(varint >> 1) ^ -(<i64>(varint & 1))));
    case Kind.Enum:
      return writeEnum(writer, to, field, <i32>varint);
    default:
      return isName ? quoted(to, writeSmall(to + 1, field.kind, at)) : writeSmall(to, field.kind, at);
  }
}

function writeSmall(to: usize, kind: i32, at: usize): usize {
  switch (kind) {
    case Kind.Bool:
      return writeBool(to, varint != 0);
    case Kind.Int32:
      return writeI32(to, <i32>varint);
    case Kind.Sint32: {
      const bits = <u32>varint;
      return writeI32(to, <i32>(bits >> 1) ^ -(<i32>(bits & 1)));
    }
    case Kind.Fixed32:
      return writeU32(to, load<u32>(at));
    case Kind.Sfixed32:
      return writeI32(to, load<i32>(at));
    default:
      return writeU32(to, <u32>varint);
  }
}

/** The value that a field has which is not there: of the key or the value of an entry of a map. */
export function writeDefault(writer: TextWriter, to: usize, field: Field): usize {
  to = writer.grow(to, NUMBER_BYTES);
  switch (field.kind) {
    case Kind.String:
    case Kind.Bytes:
      store<u16>(to, 0x2222);
      return to + 2;
    case Kind.Message:
    case Kind.Group:
      store<u16>(to, 0x7d7b);
      return to + 2;
    case Kind.Bool:
      return writeBool(to, false);
    case Kind.Enum:
      return writeEnum(writer, to, field, 0);
    case Kind.Int64:
    case Kind.Uint64:
    case Kind.Fixed64:
    case Kind.Sfixed64:
    case Kind.Sint64:
      return quoted(to, writeU32(to + 1, 0));
    default:
      return writeU32(to, 0);
  }
}

/** Puts quotes around what lies behind `to` up to `end`. */
// @ts-ignore: decorator
@inline
export function quoted(to: usize, end: usize): usize {
  store<u8>(to, QUOTE);
  store<u8>(end, QUOTE);
  return end + 1;
}

function writeBool(to: usize, value: bool): usize {
  if (value) {
    store<u32>(to, 0x65757274);
    return to + 4;
  }
  store<u32>(to, 0x736c6166);
  store<u8>(to, 101, 4);
  return to + 5;
}

function writeEnum(writer: TextWriter, to: usize, field: Field, number: i32): usize {
  const values = field.values;
  if (values === null || !values.names.has(number)) return writeI32(to, number);
  const name = values.names.get(number);
  to = writer.grow(to, name.length);
  memory.copy(to, name.at, name.length);
  return to + name.length;
}

function writeDouble(to: usize, value: f64): usize {
  return isFinite<f64>(value) ? writeF64(to, value) : writeNoNumber(to, value);
}

function writeFloat(to: usize, value: f32): usize {
  return isFinite<f32>(value) ? writeF32(to, value) : writeNoNumber(to, <f64>value);
}

/** `"NaN"`, `"Infinity"`, `"-Infinity"` */
function writeNoNumber(to: usize, value: f64): usize {
  if (isNaN<f64>(value)) {
    store<u32>(to, 0x4e614e22);
    store<u8>(to, QUOTE, 4);
    return to + 5;
  }
  store<u8>(to++, QUOTE);
  if (value < 0) store<u8>(to++, 45);
  store<u64>(to, 0x7974696e69666e49);
  store<u8>(to, QUOTE, 8);
  return to + 9;
}
