/** The arguments of a verbose message as text: for each one U+0005, its name, its unit and its value, with nothing between them. */
import {
  f32At,
  f64At,
  MOST_DIGITS,
  MOST_FLOAT_BYTES,
  TextWriter,
  u16At,
  u32At,
  u64At,
  writeF32,
  writeF64,
  writeHexByte,
  writeI128,
  writeI32,
  writeI64,
  writeU128,
  writeU32,
  writeU64,
} from '@chipmunk-host/sdk/assembly';
import { Invalid, stringRoom, writeName, writeString } from './strings';

export const ARGUMENT_SEPARATOR: u8 = 5;

// Of the type info.
const WIDTH: u32 = 15;
const KIND_SHIFT: u32 = 4;
const KIND: u32 = 0x7f;
const HAS_NAME: u32 = 1 << 11;
const IS_FIXED_POINT: u32 = 1 << 12;
const CODING_SHIFT: u32 = 15;
const IS_UTF8: u32 = 1;

const BOOL: u32 = 1;
const SIGNED: u32 = 2;
const UNSIGNED: u32 = 4;
const FLOAT: u32 = 8;
const STRING: u32 = 32;
const RAW: u32 = 64;

export const enum Outcome {
  /** All arguments are written. */
  Complete,
  /** An argument goes beyond the end. Those before it are written. */
  Short,
  /** An argument is of no type that can be read. Those before it are written. */
  UnknownType,
}

/** Values that are written shortest: numbers with their signs, separators and units that are not there. */
const NUMBER_ROOM: usize = MOST_DIGITS + 8;

export class ArgumentWriter {
  /** How the latest `write` ended. */
  outcome: Outcome = Outcome.Complete;
  /** How many arguments it wrote. */
  written: u32 = 0;
  /** Where the bytes that it used end. */
  next: usize = 0;
  /** Names, units and numbers exactly as Chipmunk shows them. */
  strict: bool = false;
  /** Of a network trace Chipmunk shows only raw arguments, without their names. */
  rawOnly: bool = false;
  /** A network trace: raw arguments are shown without their names. */
  rawWithoutNames: bool = false;
  /** How many raw arguments there were, and where the first two of them lie. */
  rawCount: u32 = 0;
  firstRaw: usize = 0;
  firstRawEnd: usize = 0;
  secondRaw: usize = 0;
  secondRawEnd: usize = 0;

  constructor(private readonly writer: TextWriter) {}

  /** Writes up to `count` arguments that lie from `at` up to `end`, at `target`; returns where what it wrote ends. */
  write(target: usize, at: usize, end: usize, count: u32, bigEndian: bool): usize {
    let written: u32 = 0;
    this.outcome = Outcome.Complete;
    this.rawCount = 0;
    for (; written < count; written++) {
      if (at + 4 > end) {
        this.outcome = Outcome.Short;
        break;
      }
      const info = u32At(at, bigEndian);
      const kind = (info >> KIND_SHIFT) & KIND;
      let begin = target;
      if (kind == STRING || kind == RAW) {
        let text = at + 6;
        if (text > end) {
          this.outcome = Outcome.Short;
          break;
        }
        const bytes = <usize>u16At(at + 4, bigEndian);
        let name = text;
        if ((info & HAS_NAME) != 0) {
          name = text + 2;
          text = name <= end ? name + u16At(name - 2, bigEndian) : end + 1;
        }
        if (text + bytes > end) {
          this.outcome = Outcome.Short;
          break;
        }
        at = text + bytes;
        if (kind == RAW) {
          target = this.writer.grow(target, (bytes << 2) + stringRoom(text - name) + 4);
          store<u8>(target++, ARGUMENT_SEPARATOR);
          if (text > name && !this.rawWithoutNames) target = writeName(target, name, text, this.invalidOf(info));
          target = writeHexList(target, text, at);
          this.noteRaw(text, at);
          continue;
        }
        target = this.writer.grow(target, stringRoom(bytes + (text - name)) + 1);
        begin = target;
        store<u8>(target++, ARGUMENT_SEPARATOR);
        if (text > name) target = writeName(target, name, text, this.invalidOf(info));
        target = writeString(target, text, at, this.invalidOf(info));
        if (this.rawOnly) target = begin;
        continue;
      }
      const offset = target - this.writer.start;
      target = this.writeNumber(target, at, end, info, kind, bigEndian);
      if (this.outcome != Outcome.Complete) {
        target = this.writer.start + offset;
        break;
      }
      if (this.rawOnly) target = this.writer.start + offset;
      at = this.next;
    }
    this.written = written;
    this.next = at;
    return target;
  }

  private noteRaw(at: usize, end: usize): void {
    if (this.rawCount == 0) {
      this.firstRaw = at;
      this.firstRawEnd = end;
    } else if (this.rawCount == 1) {
      this.secondRaw = at;
      this.secondRawEnd = end;
    }
    this.rawCount++;
  }

  // @ts-ignore: decorator
  @inline
  private invalidOf(info: u32): Invalid {
    if (this.strict) return Invalid.Cut;
    return ((info >> CODING_SHIFT) & 7) == IS_UTF8 ? Invalid.Replace : Invalid.Latin1;
  }

  /** Writes an argument that is not text or raw bytes, and sets `next` behind it. */
  private writeNumber(target: usize, at: usize, end: usize, info: u32, kind: u32, bigEndian: bool): usize {
    const width = info & WIDTH;
    const isFixed = (info & IS_FIXED_POINT) != 0 && (kind == SIGNED || kind == UNSIGNED);
    if (!isKnown(kind, width, isFixed, this.strict)) {
      this.outcome = Outcome.UnknownType;
      return target;
    }
    const valueBytes: usize = kind == BOOL ? 1 : 1 << (width - 1);
    const fixedBytes: usize = isFixed ? (width <= 3 ? 8 : 4 + valueBytes) : 0;
    let name = at + 4;
    let unit = name;
    let value = name;
    if ((info & HAS_NAME) != 0) {
      const lengths: usize = kind == BOOL ? 2 : 4;
      name += lengths;
      if (name > end) {
        this.outcome = Outcome.Short;
        return target;
      }
      unit = name + u16At(name - lengths, bigEndian);
      value = kind == BOOL ? unit : unit + u16At(name - 2, bigEndian);
    }
    if (value + fixedBytes + valueBytes > end) {
      this.outcome = Outcome.Short;
      return target;
    }
    const room = kind == FLOAT ? MOST_FLOAT_BYTES + 8 : NUMBER_ROOM;
    target = this.writer.grow(target, stringRoom(value - name) + room);
    store<u8>(target++, ARGUMENT_SEPARATOR);
    if (value > name) {
      const invalid = this.invalidOf(info);
      target = writeName(target, name, unit, invalid);
      target = writeName(target, unit, value, invalid);
    }
    this.next = value + fixedBytes + valueBytes;
    if (isFixed) return this.writeFixedPoint(target, value, width, kind == SIGNED, bigEndian);
    if (kind == BOOL) return writeU32(target, load<u8>(value));
    if (kind == FLOAT) {
      return width == 3 ? writeF32(target, f32At(value, bigEndian)) : writeF64(target, f64At(value, bigEndian));
    }
    return writeInteger(target, value, width, kind == SIGNED, bigEndian);
  }

  /**
   * A physical value, `value * quantisation + offset`, without its fraction. Chipmunk counts with unsigned numbers, so that negative
   * products become 0 and negative sums wrap around.
   */
  private writeFixedPoint(target: usize, at: usize, width: u32, signed: bool, bigEndian: bool): usize {
    const quantisation = <f64>f32At(at, bigEndian);
    let offset: i64;
    let value = at + 8;
    if (width <= 3) {
      offset = <i64>(<i32>u32At(at + 4, bigEndian));
    } else if (width == 4) {
      offset = <i64>u64At(at + 4, bigEndian);
      value = at + 12;
    } else {
      // Only the low half of an offset of 128 bits.
      offset = <i64>u64At(bigEndian ? at + 12 : at + 4, bigEndian);
      value = at + 20;
    }
    const product = readNumber(value, width, signed, bigEndian) * quantisation;
    if (this.strict || product >= 9223372036854775808.0) {
      return writeU64(target, saturated(product) + <u64>offset);
    }
    return writeI64(target, saturatedSigned(product) + offset);
  }
}

function isKnown(kind: u32, width: u32, isFixed: bool, strict: bool): bool {
  if (kind == BOOL) return true;
  if (kind == FLOAT) return width == 3 || width == 4;
  if (kind != SIGNED && kind != UNSIGNED) return false;
  if (isFixed && strict) return width == 3 || width == 4;
  return width >= 1 && width <= 5;
}

/** Writes `[DE, AD]`. */
export function writeHexList(target: usize, at: usize, end: usize): usize {
  store<u8>(target++, 91);
  for (; at < end; at++) {
    writeHexByte(target, load<u8>(at));
    store<u16>(target, 0x202c, 2);
    target += 4;
  }
  if (load<u8>(target - 1) == 32) target -= 2;
  store<u8>(target, 93);
  return target + 1;
}

// @ts-ignore: decorator
@inline
function writeInteger(target: usize, at: usize, width: u32, signed: bool, bigEndian: bool): usize {
  switch (width) {
    case 1:
      return signed ? writeI32(target, load<i8>(at)) : writeU32(target, load<u8>(at));
    case 2: {
      const value = u16At(at, bigEndian);
      return signed ? writeI32(target, <i32>(<i16>value)) : writeU32(target, value);
    }
    case 3: {
      const value = u32At(at, bigEndian);
      return signed ? writeI32(target, value) : writeU32(target, value);
    }
    case 4: {
      const value = u64At(at, bigEndian);
      return signed ? writeI64(target, value) : writeU64(target, value);
    }
    default: {
      const low = u64At(bigEndian ? at + 8 : at, bigEndian);
      const high = u64At(bigEndian ? at : at + 8, bigEndian);
      return signed ? writeI128(target, low, high) : writeU128(target, low, high);
    }
  }
}

function readNumber(at: usize, width: u32, signed: bool, bigEndian: bool): f64 {
  switch (width) {
    case 1:
      return signed ? <f64>load<i8>(at) : <f64>load<u8>(at);
    case 2: {
      const value = u16At(at, bigEndian);
      return signed ? <f64>(<i16>value) : <f64>value;
    }
    case 3: {
      const value = u32At(at, bigEndian);
      return signed ? <f64>(<i32>value) : <f64>value;
    }
    case 4: {
      const value = u64At(at, bigEndian);
      return signed ? <f64>(<i64>value) : <f64>value;
    }
    default: {
      const low = <f64>u64At(bigEndian ? at + 8 : at, bigEndian);
      const high = u64At(bigEndian ? at : at + 8, bigEndian);
      return (signed ? <f64>(<i64>high) : <f64>high) * 18446744073709551616.0 + low;
    }
  }
}

/** As `as u64` in Rust. */
function saturated(value: f64): u64 {
  if (!(value > 0)) return 0;
  return value >= 18446744073709551616.0 ? u64.MAX_VALUE : <u64>value;
}

function saturatedSigned(value: f64): i64 {
  if (value != value) return 0;
  if (value <= -9223372036854775808.0) return i64.MIN_VALUE;
  return value >= 9223372036854775808.0 ? i64.MAX_VALUE : <i64>value;
}
