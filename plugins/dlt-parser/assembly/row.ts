/** The row of a message: eleven columns. */
import {
  Items,
  MOST_TIME_BYTES,
  NO_TIME,
  TextWriter,
  u32At,
  validUtf8End,
  writeDateTime,
  writeLatin1,
  writeNanoseconds,
  writeU32,
} from '@chipmunk-host/sdk/assembly';
import { ARGUMENT_SEPARATOR, ArgumentWriter, Outcome, writeHexList } from './arguments';
import { ControlServices } from './control-services';
import { HAS_SESSION, HAS_TIME, Kind, Message } from './message';
import { networkTexts, typeTexts } from './message-types';
import { kindOfSomeIp, SOME_IP_ROOM, SomeIp, writeIncompleteSomeIp, writeSomeIpCall } from './some-ip';
import { StaticTexts } from './static-text';
import { Storage2Time } from './storage-2';

export const COLUMNS: i32 = 11;

/** `2024-02-20T13:17:26` */
const DATE_TIME_BYTES: usize = 19;
/** Both numbers of a header, and what may be written beyond them. */
const HEAD_ROOM: usize = MOST_TIME_BYTES + 64;
const MICROS_A_SECOND: u32 = 1000000;
const NANOS_A_SECOND: i64 = 1000000000;
/** In 2262; nanoseconds of later ones are beyond 64 bits. */
const LAST_SECOND: u64 = 9223372035;
const CACHED_DATE_TIME: usize = memory.data(32);
/** A column, for a moment. */
const ID_PAIR: usize = memory.data(8, 8);
const NUMBERS: u32 = 256;
const NETWORK_IPC: u32 = 1;
const NETWORK_SOME_IP: u32 = 6;

export class RowWriter {
  readonly arguments: ArgumentWriter;
  /** Exactly as Chipmunk shows it. */
  strict: bool = false;

  /** The storage header of version 2 that the message has; 0 for none. */
  storage2: usize = 0;

  private readonly time2: Storage2Time = new Storage2Time();
  private readonly numbers: StaticTexts;
  private readonly types: StaticTexts = typeTexts();
  private readonly networks: StaticTexts = networkTexts();
  private readonly services: ControlServices = new ControlServices();
  /** `-`, and `ECU`. */
  private readonly fixed: StaticTexts = new StaticTexts(['-', 'ECU']);
  /** The second whose text is in `CACHED_DATE_TIME`. */
  private cachedSecond: u64 = u64.MAX_VALUE;
  private payloadEnd: usize = 0;
  /** Of the row under way: nanoseconds since 1970, as its first column shows it. */
  private time: i64 = NO_TIME;
  /** Of the latest `findId`. */
  private idStart: usize = 0;
  private idLength: usize = 0;

  /** Whether what was read decides how later messages are. */
  get decides(): bool {
    return this.time2.decides;
  }

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

    const pairs = out.reserveColumns(COLUMNS);
    this.time = NO_TIME;
    let text = writer.begin(HEAD_ROOM);
    let end = text;
    if (message.hasStorage) {
      end = this.writeStorageTime(text, message.start);
      this.storeId(out, pairs + 8, message.start + 12);
    } else {
      if (this.storage2 != 0 && this.time2.read(this.storage2 + 4)) {
        end = this.writeTime(text, this.time2.seconds, this.time2.nanoseconds);
      } else if (received >= 0) {
        end = this.writeReceiveTime(text, received);
      }
      if (message.ecu != 0) this.storeId(out, pairs + 8, message.ecu);
      else storePair(pairs + 8, this.fixed.at(1), this.fixed.lengthAt(1));
    }
    storePair(pairs, text, end - text);
    this.storeNumber(pairs + 16, message.htyp >> 5);
    text = end;
    if ((message.htyp & HAS_SESSION) != 0) end = writeU32(text, message.session);
    storePair(pairs + 24, text, end - text);
    this.storeNumber(pairs + 32, load<u8>(message.header, 1));
    text = end;
    if ((message.htyp & HAS_TIME) != 0) end = writeU32(text, message.time);
    storePair(pairs + 40, text, end - text);
    writer.end(end);
    this.storeId(out, pairs + 48, message.ecu);
    if (message.hasExtendedHeader) {
      this.storeId(out, pairs + 56, message.application);
      this.storeId(out, pairs + 64, message.context);
      storePair(pairs + 72, this.types.at(message.msin >> 1), this.types.lengthAt(message.msin >> 1));
    } else {
      for (let column: usize = 56; column <= 72; column += 8) storePair(pairs + column, this.fixed.at(0), 1);
    }
    storePair(pairs + 80, payloadStart, payload - payloadStart);
    out.columnsAt(pairs, COLUMNS, consumed);
    this.putTime(out);
  }

  /** For a row that is written elsewhere: before its time is written, and behind the row. */
  forgetTime(): void {
    this.time = NO_TIME;
  }

  // @ts-ignore: decorator
  @inline
  putTime(out: Items): void {
    if (this.time != NO_TIME) out.time(this.time);
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
    return this.writeServiceName(target, service);
  }

  /** Whether a control service has a name of its own. */
  isKnownService(service: u32): bool {
    return this.services.isNamed(service);
  }

  /** Writes the name of a control service; 64 bytes are enough. */
  writeServiceName(target: usize, service: u32): usize {
    const index = this.services.indexOf(service);
    const length = this.services.lengthAt(index);
    memory.copy(target, this.services.textAt(index), length);
    return target + length;
  }

  /** Writes the time of the storage header at `header`. */
  writeStorageTime(at: usize, header: usize): usize {
    const seconds = load<u32>(header, 4);
    const micros = load<u32>(header, 8);
    if (micros >= MICROS_A_SECOND) return this.writeOddTime(at, seconds, micros);
    return this.writeTime(at, seconds, micros * 1000);
  }

  writeReceiveTime(at: usize, milliseconds: i64): usize {
    const seconds = <u64>milliseconds / 1000;
    return this.writeTime(at, seconds, <u32>(<u64>milliseconds - seconds * 1000) * 1000000);
  }

  // @ts-ignore: decorator
  @inline
  writeTime(at: usize, seconds: u64, nanoseconds: u32): usize {
    this.setTime(seconds, nanoseconds);
    return writeNanoseconds(this.writeSecond(at, seconds), nanoseconds);
  }

  // @ts-ignore: decorator
  @inline
  private setTime(seconds: u64, nanoseconds: u32): void {
    if (seconds <= LAST_SECOND) this.time = <i64>seconds * NANOS_A_SECOND + nanoseconds;
  }

  // @ts-ignore: decorator
  @inline
  putNumber(out: Items, number: u32): void {
    out.column(this.numbers.at(number), this.numbers.lengthAt(number));
  }

  putType(out: Items, msin: u32): void {
    out.column(this.types.at(msin >> 1), this.types.lengthAt(msin >> 1));
  }

  putDash(out: Items): void {
    out.column(this.fixed.at(0), 1);
  }

  putDefaultEcu(out: Items): void {
    out.column(this.fixed.at(1), this.fixed.lengthAt(1));
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
      // Times do not know leap seconds: it is the second behind it.
      this.setTime(<u64>seconds + 1, (micros - MICROS_A_SECOND) * 1000);
      at = this.writeSecond(at, seconds);
      store<u16>(at - 2, 0x3036);
      return writeNanoseconds(at, (micros - MICROS_A_SECOND) * 1000);
    }
    const text = String.UTF8.encode(`no valid timestamp for ${seconds}s/${micros}us`);
    memory.copy(at, changetype<usize>(text), text.byteLength);
    return at + text.byteLength;
  }

  /** Puts in the column of the id at `at`; 0: the message has none. */
  putId(out: Items, at: usize): void {
    this.storeId(out, ID_PAIR, at);
    out.column(load<usize>(ID_PAIR), load<usize>(ID_PAIR, 4));
  }

  // @ts-ignore: decorator
  @inline
  private storeNumber(pair: usize, number: u32): void {
    store<u64>(pair, this.numbers.pairAt(number));
  }

  /** Stores the column of the id at `at` as a pair; 0: the message has none. */
  // @ts-ignore: decorator
  @inline
  private storeId(out: Items, pair: usize, at: usize): void {
    if (at == 0) {
      store<u64>(pair, 0);
      return;
    }
    const id = load<u32>(at);
    const zeros = (id - 0x01010101) & ~id & 0x80808080;
    const length: usize = zeros == 0 ? 4 : ctz(zeros) >> 3;
    if ((id & 0x80808080) == 0) {
      storePair(pair, at, length);
      return;
    }
    this.findId(out, at, length);
    storePair(pair, this.idStart, this.idLength);
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

/** Stores the address and the length of a column. */
// @ts-ignore: decorator
@inline
function storePair(pair: usize, at: usize, length: usize): void {
  store<usize>(pair, at);
  store<usize>(pair, length, 4);
}
