/** The row of a message of protocol version 2: the same eleven columns, and what has no column behind the payload. */
import {
  Items,
  MOST_TEXT_GROWTH,
  TextWriter,
  u32At,
  validUtf8End,
  writeMendedUtf8,
  writePadded,
  writeU32,
  writeU64,
} from '@chipmunk-host/sdk/assembly';
import { ARGUMENT_SEPARATOR, writeHexList } from './arguments';
import { Content, Field, Message2 } from './message-2';
import { COLUMNS, RowWriter } from './row';
import { Segments } from './segments';
import { StaticTexts } from './static-text';
import { Storage2Time } from './storage-2';

const HEAD_ROOM: usize = 192;
const LEAST_TEXT_ROOM: usize = 64;
const SEGMENT_TYPES: u32 = 4;
const NANOS_A_SECOND: u32 = 1000000000;

export class RowWriter2 {
  /** The storage header of version 2 that the message has; 0 for none. */
  storage: usize = 0;
  private readonly time: Storage2Time = new Storage2Time();
  private readonly segments: Segments = new Segments();
  private readonly frames: StaticTexts = new StaticTexts(['first', 'consecutive', 'last', 'abort']);
  /** Ends of the payload's text. */
  private payloadStart: usize = 0;
  private payloadEnd: usize = 0;

  constructor(
    private readonly writer: TextWriter,
    private readonly rows: RowWriter,
  ) {}

  /** Whether what was read decides how later messages are. */
  get decides(): bool {
    return this.time.decides || this.segments.isOpen;
  }

  /**
   * Puts in the row of a message, of which `consumed` bytes are used up. `storage1` is where a storage header of version 1 lies, 0 for none.
   * `received`: when the message was received, in milliseconds since 1970, -1 if that is not known.
   */
  write(out: Items, message: Message2, storage1: usize, received: i64, consumed: u64): void {
    this.writePayload(message);
    const rows = this.rows;
    const writer = this.writer;
    out.beginColumns(COLUMNS);
    rows.forgetTime();
    let text = writer.begin(HEAD_ROOM);
    let end = this.writeTime(text, message, storage1, received);
    out.column(text, end - text);
    writer.end(end);
    if (this.storage != 0) this.putText(out, this.storage + 14, load<u8>(this.storage, 13));
    else if (storage1 != 0) rows.putId(out, storage1 + 12);
    else if (message.ecu.start != 0) this.putField(out, message.ecu);
    else rows.putDefaultEcu(out);
    rows.putNumber(out, 2);
    text = writer.begin(HEAD_ROOM);
    end = message.hasSession ? writeU32(text, message.session) : text;
    out.column(text, end - text);
    rows.putNumber(out, message.counter);
    text = end;
    if (message.hasTime) {
      end = writeU64(text, message.seconds);
      store<u8>(end, 46);
      if (message.nanoseconds < NANOS_A_SECOND) end = writePadded(end + 1, message.nanoseconds, 9);
      else end = writeText(end + 1, 'invalid');
    }
    out.column(text, end - text);
    writer.end(end);
    this.putField(out, message.ecu);
    if (message.application.start != 0) {
      this.putField(out, message.application);
      this.putField(out, message.context);
    } else {
      rows.putDash(out);
      rows.putDash(out);
    }
    if (message.content == Content.Opaque) rows.putDash(out);
    else rows.putType(out, message.msin);
    out.column(this.payloadStart, this.payloadEnd - this.payloadStart);
    out.endColumns(consumed);
    rows.putTime(out);
  }

  private writeTime(at: usize, message: Message2, storage1: usize, received: i64): usize {
    const rows = this.rows;
    if (this.storage != 0) {
      if (this.time.read(this.storage + 4)) return rows.writeTime(at, this.time.seconds, this.time.nanoseconds);
    } else if (storage1 != 0) {
      return rows.writeStorageTime(at, storage1);
    }
    if (message.hasTime && !message.isRelative && message.nanoseconds < NANOS_A_SECOND)
      return rows.writeTime(at, message.seconds, message.nanoseconds);
    return received >= 0 ? rows.writeReceiveTime(at, received) : at;
  }

  private writePayload(message: Message2): void {
    const writer = this.writer;
    const at = message.payload;
    const bytes = message.end - at;
    let target = writer.begin(LEAST_TEXT_ROOM);
    if (message.hasSegment) {
      const whole = this.segments.take(message);
      if (whole !== null && message.content == Content.Verbose) {
        target = this.writeArguments(target, message, whole.start, whole.start + whole.length);
      } else {
        target = this.writeSegment(target, message);
      }
    } else if (message.content == Content.Verbose) {
      target = this.writeArguments(target, message, at, message.end);
    } else if (message.content == Content.Control) {
      if (bytes >= 4) target = this.rows.writeServiceName(target, this.serviceAt(at));
    } else {
      target = writer.grow(target, (bytes << 2) + LEAST_TEXT_ROOM);
      store<u16>(target, <u16>ARGUMENT_SEPARATOR | (91 << 8));
      target = writeU32(target + 2, message.messageId);
      store<u32>(target, 93 | ((<u32>ARGUMENT_SEPARATOR) << 8) | (32 << 16));
      target = writeHexList(target + 3, at, message.end);
    }
    if (message.source.start != 0) target = this.writeSource(target, message);
    if (message.hasTags) target = this.writeTags(target, message);
    if (message.hasPrivacy) {
      target = writer.grow(target, LEAST_TEXT_ROOM);
      target = writeText(target, '\x05[privacy ');
      target = writeU32(target, message.privacy);
      store<u8>(target++, 93);
    }
    this.payloadStart = writer.start;
    this.payloadEnd = target;
    writer.end(target);
  }

  private writeArguments(target: usize, message: Message2, at: usize, end: usize): usize {
    const args = this.rows.arguments;
    args.strict = false;
    args.rawOnly = false;
    args.rawWithoutNames = ((message.msin >> 1) & 7) == 2;
    return args.write(target, at, end, message.argumentCount, isBigEndian(at, end - at));
  }

  /** The service at `at`: little-endian, or big-endian where only that is a service that is known. */
  private serviceAt(at: usize): u32 {
    const service = u32At(at, false);
    const other = u32At(at, true);
    return !this.rows.isKnownService(service) && this.rows.isKnownService(other) ? other : service;
  }

  private writeSegment(target: usize, message: Message2): usize {
    const bytes = message.end - message.payload;
    target = this.writer.grow(target, (bytes << 2) + LEAST_TEXT_ROOM);
    target = writeText(target, '\x05[segment ');
    const type = message.segmentType;
    if (type < SEGMENT_TYPES) {
      const length = this.frames.lengthAt(type);
      memory.copy(target, this.frames.at(type), length);
      target += length;
      if (type != 2) {
        store<u8>(target++, 32);
        target = writeU64(target, message.segmentValue);
      }
    } else {
      target = writeU32(target, type);
    }
    store<u32>(target, 93 | ((<u32>ARGUMENT_SEPARATOR) << 8) | (32 << 16));
    return writeHexList(target + 3, message.payload, message.end);
  }

  private writeSource(target: usize, message: Message2): usize {
    const field = message.source;
    target = this.writer.grow(target, field.length * MOST_TEXT_GROWTH + LEAST_TEXT_ROOM);
    store<u16>(target, <u16>ARGUMENT_SEPARATOR | (91 << 8));
    target = writeMendedUtf8(target + 2, field.start, field.start + field.length);
    store<u8>(target++, 58);
    target = writeU32(target, message.line);
    store<u8>(target, 93);
    return target + 1;
  }

  private writeTags(target: usize, message: Message2): usize {
    target = writeText(this.writer.grow(target, LEAST_TEXT_ROOM), '\x05[tags');
    let at = message.tags;
    for (let i: u32 = 0; i < message.tagCount; i++) {
      const length = <usize>load<u8>(at++);
      target = this.writer.grow(target, length * MOST_TEXT_GROWTH + LEAST_TEXT_ROOM);
      store<u8>(target++, 32);
      target = writeMendedUtf8(target, at, at + length);
      at += length;
    }
    store<u8>(target, 93);
    return target + 1;
  }

  private putField(out: Items, field: Field): void {
    if (field.start == 0) out.column(0, 0);
    else this.putText(out, field.start, field.length);
  }

  private putText(out: Items, at: usize, length: usize): void {
    const end = at + length;
    if (validUtf8End(at, end) == end) {
      out.column(at, length);
      return;
    }
    const mended = out.reserve(length * MOST_TEXT_GROWTH);
    out.column(mended, writeMendedUtf8(mended, at, end) - mended);
  }
}

/** Whether the first argument at `at` can only be read as big-endian: no sample shows that. */
function isBigEndian(at: usize, bytes: usize): bool {
  return bytes >= 4 && !isTypeInfo(u32At(at, false)) && isTypeInfo(u32At(at, true));
}

function isTypeInfo(info: u32): bool {
  return info >> 24 == 0 && popcnt((info >> 4) & 0x7f) == 1;
}

/** Writes ASCII. */
function writeText(target: usize, text: string): usize {
  for (let i = 0; i < text.length; i++) store<u8>(target++, <u8>text.charCodeAt(i));
  return target;
}
