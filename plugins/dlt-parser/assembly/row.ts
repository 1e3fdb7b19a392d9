/** The row of a message: eleven columns. */
import {
  Items,
  MOST_TIME_BYTES,
  TextWriter,
  u32At,
  validUtf8End,
  writeDateTime,
  writeLatin1,
  writePadded,
  writeU32,
} from '@chipmunk-host/sdk/assembly';
import { ARGUMENT_SEPARATOR, ArgumentWriter, Outcome, writeHexList } from './arguments';
import { ControlServices } from './control-services';
import { HAS_SESSION, HAS_TIME, Kind, Message } from './message';
import { networkTexts, typeTexts } from './message-types';
import { kindOfSomeIp, SOME_IP_ROOM, SomeIp, writeIncompleteSomeIp, writeSomeIpCall } from './some-ip';
import { StaticTexts } from './static-text';

export const COLUMNS: i32 = 11;

/** `2024-02-20T13:17:26` */
const DATE_TIME_BYTES: usize = 19;
/** Both numbers of a header, and what may be written beyond them. */
const HEAD_ROOM: usize = MOST_TIME_BYTES + 64;
const MICROS_A_SECOND: u32 = 1000000;
const CACHED_DATE_TIME: usize = memory.data(32);
const NUMBERS: u32 = 256;
const NETWORK_IPC: u32 = 1;
const NETWORK_SOME_IP: u32 = 6;

export class RowWriter {
  readonly arguments: ArgumentWriter;
  /** Exactly as Chipmunk shows it. */
  strict: bool = false;

  private readonly numbers: StaticTexts;
  private readonly types: StaticTexts = typeTexts();
  private readonly networks: StaticTexts = networkTexts();
  private readonly services: ControlServices = new ControlServices();
  /** `-`, and `ECU`. */
  private readonly fixed: StaticTexts = new StaticTexts(['-', 'ECU']);
  /** The second whose text is in `CACHED_DATE_TIME`. */
  private cachedSecond: u64 = u64.MAX_VALUE;
  private payloadEnd: usize = 0;
  /** Of the latest `findId`. */
  private idStart: usize = 0;
  private idLength: usize = 0;

  constructor(private readonly writer: TextWriter) {
    this.arguments = new ArgumentWriter(writer);
    const numbers: string[] = [];
    for (let i: u32 = 0; i < NUMBERS; i++) numbers.push(i.toString());
    this.numbers = new StaticTexts(numbers);
  }

  /** Writes the payload, whose arguments must end before `limit`. `arguments` tells how that went. `put` is next, or nothing. */
  // @ts-ignore: decorator
  @inline
  begin(message: Message, limit: usize): void {
    this.payloadEnd = this.writePayload(message, limit);
  }

  /**
   * Puts in the row of the message that was begun, of which `consumed` bytes are used up. `received`: when the message was received,
   * in milliseconds since 1970, -1 if that is not known; it stands in where the storage header is missing.
   */
  put(out: Items, message: Message, received: i64, consumed: u64): void {
    const writer = this.writer;
    const payload = this.payloadEnd;
    const payloadStart = writer.start;
    writer.end(payload);

    out.beginColumns(COLUMNS);
    let text = writer.begin(HEAD_ROOM);
    let end = text;
    if (message.hasStorage) end = this.writeStorageTime(text, message.start);
    else if (received >= 0) end = this.writeReceiveTime(text, received);
    out.column(text, end - text);
    if (message.hasStorage) this.putId(out, message.start + 12);
    else if (message.ecu != 0) this.putId(out, message.ecu);
    else out.column(this.fixed.at(1), this.fixed.lengthAt(1));
    const version = message.htyp >> 5;
    out.column(this.numbers.at(version), 1);
    text = end;
    if ((message.htyp & HAS_SESSION) != 0) end = writeU32(text, message.session);
    out.column(text, end - text);
    const counter = <u32>load<u8>(message.header, 1);
    out.column(this.numbers.at(counter), this.numbers.lengthAt(counter));
    text = end;
    if ((message.htyp & HAS_TIME) != 0) end = writeU32(text, message.time);
    out.column(text, end - text);
    writer.end(end);
    this.putId(out, message.ecu);
    if (message.hasExtendedHeader) {
      this.putId(out, message.application);
      this.putId(out, message.context);
      const type = message.msin >> 1;
      out.column(this.types.at(type), this.types.lengthAt(type));
    } else {
      for (let i = 0; i < 3; i++) out.column(this.fixed.at(0), 1);
    }
    out.column(payloadStart, payload - payloadStart);
    out.endColumns(consumed);
  }

  /** Writes the payload as the text that the writer begins; returns where it ends. */
  private writePayload(message: Message, limit: usize): usize {
    const args = this.arguments;
    const isNetwork = message.kind == Kind.Network;
    args.outcome = Outcome.Complete;
    args.next = message.end;
    if (message.isVerbose) {
      args.strict = this.strict;
      args.rawWithoutNames = isNetwork;
      args.rawOnly = isNetwork && this.strict;
      const target = this.writer.begin(64);
      const end = args.write(target, message.payload, limit, message.argumentCount, message.bigEndian);
      return isNetwork && args.rawCount >= 2 ? this.writeSomeIp(message, end) : end;
    }
    const at = message.payload;
    const bytes = message.end - at;
    if (message.hasExtendedHeader && message.kind == Kind.Control) return this.writeService(message, at, bytes);
    if (bytes < 4) {
      args.outcome = Outcome.Short;
      return this.writer.begin(64);
    }
    let target = this.writer.begin((bytes << 2) + 64);
    store<u16>(target, <u16>ARGUMENT_SEPARATOR | (91 << 8));
    target = writeU32(target + 2, u32At(at, message.bigEndian));
    store<u32>(target, 93 | (<u32>ARGUMENT_SEPARATOR << 8) | (32 << 16));
    target += 3;
    if (isNetwork && message.hasExtendedHeader) {
      const network = message.msin >> 4;
      const length = this.networks.lengthAt(network);
      memory.copy(target, this.networks.at(network), length);
      return target + length;
    }
    return writeHexList(target, at + 4, message.end);
  }

  /** Writes the text of a SOME/IP message instead of the arguments, which end at `end`, if they are one. */
  private writeSomeIp(message: Message, end: usize): usize {
    const args = this.arguments;
    const network = message.msin >> 4;
    if (network != NETWORK_IPC && network != NETWORK_SOME_IP) return end;
    const kind = kindOfSomeIp(args.secondRaw, args.secondRawEnd);
    // What the text does not have would be lost.
    const isWhole = args.written == 2 && kind == SomeIp.Call;
    if (!isWhole && (!this.strict || kind == SomeIp.Other)) return end;
    const target = this.writer.begin(((args.secondRawEnd - args.secondRaw) << 2) + SOME_IP_ROOM);
    if (kind == SomeIp.Incomplete) return writeIncompleteSomeIp(target, args.secondRaw, args.secondRawEnd);
    return writeSomeIpCall(target, args.firstRaw, args.firstRawEnd, args.secondRaw);
  }

  private writeService(message: Message, at: usize, bytes: usize): usize {
    const target = this.writer.begin(64);
    if (bytes == 0) {
      this.arguments.outcome = Outcome.Short;
      return target;
    }
    // Chipmunk takes the first byte, whatever the order of bytes is.
    const isWhole = bytes >= 4 && !this.strict;
    const service = isWhole ? u32At(at, message.bigEndian) : <u32>load<u8>(at);
    const index = this.services.indexOf(service);
    const length = this.services.lengthAt(index);
    memory.copy(target, this.services.textAt(index), length);
    return target + length;
  }

  private writeStorageTime(at: usize, header: usize): usize {
    const seconds = load<u32>(header, 4);
    const micros = load<u32>(header, 8);
    if (micros >= MICROS_A_SECOND) return this.writeOddTime(at, seconds, micros);
    at = this.writeSecond(at, seconds);
    return writeFraction(at, micros * 1000);
  }

  private writeReceiveTime(at: usize, milliseconds: i64): usize {
    const seconds = <u64>milliseconds / 1000;
    at = this.writeSecond(at, seconds);
    return writeFraction(at, <u32>(<u64>milliseconds - seconds * 1000) * 1000000);
  }

  // @ts-ignore: decorator
  @inline
  private writeSecond(at: usize, seconds: u64): usize {
    if (seconds != this.cachedSecond) {
      const end = writeDateTime(at, seconds);
      if (end - at != DATE_TIME_BYTES) return end;
      v128.store(CACHED_DATE_TIME, v128.load(at));
      v128.store(CACHED_DATE_TIME, v128.load(at, 16), 16);
      this.cachedSecond = seconds;
      return end;
    }
    v128.store(at, v128.load(CACHED_DATE_TIME));
    store<u32>(at, load<u32>(CACHED_DATE_TIME, 16), 16);
    return at + DATE_TIME_BYTES;
  }

  /** A second may have more microseconds than a million only where a leap second may be. */
  private writeOddTime(at: usize, seconds: u32, micros: u32): usize {
    if (seconds % 60 == 59 && micros < 2 * MICROS_A_SECOND) {
      at = this.writeSecond(at, seconds);
      store<u16>(at - 2, 0x3036);
      return writeFraction(at, (micros - MICROS_A_SECOND) * 1000);
    }
    const text = String.UTF8.encode(`no valid timestamp for ${seconds}s/${micros}us`);
    memory.copy(at, changetype<usize>(text), text.byteLength);
    return at + text.byteLength;
  }

  /** Puts in the column of the id at `at`; 0: the message has none. */
  // @ts-ignore: decorator
  @inline
  private putId(out: Items, at: usize): void {
    if (at == 0) {
      out.column(0, 0);
      return;
    }
    const id = load<u32>(at);
    const zeros = (id - 0x01010101) & ~id & 0x80808080;
    if ((id & 0x80808080) == 0) {
      out.column(at, zeros == 0 ? 4 : <usize>ctz(zeros) >> 3);
      return;
    }
    this.findId(out, at, zeros == 0 ? 4 : <usize>ctz(zeros) >> 3);
    out.column(this.idStart, this.idLength);
  }

  private findId(out: Items, at: usize, length: usize): void {
    // The lowest zero byte is found exactly; a byte beyond ASCII is none.
    const valid = validUtf8End(at, at + length) - at;
    this.idStart = at;
    this.idLength = valid;
    if (valid == length || this.strict) return;
    this.idStart = out.reserve(length << 1);
    this.idLength = writeLatin1(this.idStart, at, at + length) - this.idStart;
  }
}

/** Writes `.713537000Z` for nanoseconds that are whole thousands. */
// @ts-ignore: decorator
@inline
function writeFraction(at: usize, nanoseconds: u32): usize {
  store<u8>(at, 46);
  at = writePadded(at + 1, nanoseconds, 9);
  store<u8>(at, 90);
  return at + 1;
}
