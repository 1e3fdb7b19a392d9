/**
 * Files that are sent inside log messages: FLST begins one, FLDA has a part of it, FLFI ends it. The first and the last argument of such a
 * message are the same tag. Transfers may overlap each other, and their parts may come in any order.
 */
import { Attachment, ByteBuffer, Items, log, u16At, u32At } from '@chipmunk-host/sdk/assembly';
import { Kind, Message } from './message';

const LEVEL_INFO: u32 = 4;
/** MSIN of a verbose log message of that level. */
const INFO: u32 = (LEVEL_INFO << 4) | ((<u32>Kind.Log) << 1) | 1;
/** Warnings stop after so many. */
const MOST_WARNINGS: i32 = 10;

const STRING: u32 = 0x200;
const RAW: u32 = 0x400;
const UNSIGNED: u32 = 0x40;
const KINDS: u32 = 0x7f0;
const HAS_NAME: u32 = 0x800;
const WIDTH: u32 = 15;
const WIDTH_32: u32 = 3;

/** Bytes that an entry of the list of parts and of the list of messages takes, for the limit on memory. */
const PART_BYTES: usize = 24;

class Part {
  constructor(
    readonly number: u32,
    readonly at: usize,
    readonly length: usize,
  ) {}
}

class Transfer {
  readonly data: ByteBuffer = new ByteBuffer();
  readonly parts: Part[] = [];
  readonly messages: u64[] = [];
  /** Whether the parts came in order, each once. */
  inOrder: bool = true;

  constructor(
    readonly id: u32,
    readonly name: string,
    readonly size: u32,
    readonly date: string,
    readonly packets: u32,
  ) {}

  get memory(): usize {
    return this.data.capacity + <usize>(this.parts.length + this.messages.length) * PART_BYTES;
  }
}

/** One argument of the message that is looked at. */
class Value {
  kind: u32 = 0;
  start: usize = 0;
  length: usize = 0;
  number: u32 = 0;
}

export class FileTransfers {
  /** Parts in the order in which they come, whatever their numbers are, as Chipmunk takes them. */
  strict: bool = false;

  private readonly open: Transfer[] = [];
  /** Messages so far. */
  private count: u64 = 0;
  private warnings: i32 = 0;
  private memory: usize = 0;
  private values: Value[] = [];

  /** `limit`: bytes that transfers may keep; 0: none is collected. */
  constructor(private readonly limit: usize) {
    for (let i = 0; i < 8; i++) this.values.push(new Value());
  }

  get isOpen(): bool {
    return this.open.length != 0;
  }

  /** Takes the message that was put in last, which may get an attachment. */
  // @ts-ignore: decorator
  @inline
  add(message: Message, out: Items): void {
    const index = this.count++;
    if (message.msin != INFO || message.argumentCount < 3 || this.limit == 0) return;
    if (message.payload + 10 > message.end) return;
    const first = load<u8>(message.payload, 6);
    if (first == 70 || first <= 32) this.look(message, index, out);
  }

  /** The next message is the first one of its input. Only when no transfer is open. */
  restart(): void {
    this.count = 0;
  }

  /** Counts a message that has no part of a file. */
  pass(): void {
    this.count++;
  }

  private look(message: Message, index: u64, out: Items): void {
    const count = this.readValues(message);
    if (count < 3) return;
    const tag = this.textOf(0);
    if (tag.length != 4 || this.textOf(count - 1) != tag || !this.isNumber(1)) return;
    const id = this.values[1].number;
    if (tag == 'FLST') {
      // Tag, id, name, size, date, packets, size of a packet, tag.
      if (count != 8 || !this.isNumber(3) || !this.isNumber(5) || !this.isNumber(6)) return;
      if (this.values[2].kind != STRING || this.values[4].kind != STRING) return;
      this.forget(id, 'another one with its number began');
      const transfer = new Transfer(id, this.textOf(2), this.values[3].number, this.textOf(4), this.values[5].number);
      transfer.messages.push(index);
      this.open.push(transfer);
      this.memory += transfer.memory;
    } else if (tag == 'FLDA') {
      if (count != 5 || !this.isNumber(2) || this.values[3].kind != RAW) return;
      const transfer = this.find(id);
      if (transfer !== null) this.append(transfer, index);
    } else if (tag == 'FLFI') {
      const transfer = this.find(id);
      if (transfer === null) return;
      transfer.messages.push(index);
      this.finish(transfer, out);
    }
  }

  private append(transfer: Transfer, index: u64): void {
    const before = transfer.memory;
    const value = this.values[3];
    const number = this.values[2].number;
    const parts = transfer.parts;
    if (number != <u32>parts.length + 1) transfer.inOrder = false;
    parts.push(new Part(number, transfer.data.length, value.length));
    transfer.data.append(value.start, value.length);
    transfer.messages.push(index);
    this.memory += transfer.memory - before;
    while (this.memory > this.limit && this.open.length != 0) {
      const oldest = this.open[0];
      this.warn(oldest, 'there is no more memory for it (setting transfer-mebibytes)');
      this.remove(oldest);
    }
  }

  private finish(transfer: Transfer, out: Items): void {
    const attachment = new Attachment(transfer.name, transfer.size);
    attachment.createdDate = transfer.date;
    attachment.messages = transfer.messages;
    const length = transfer.data.length;
    const content = out.reserve(length);
    let written: usize = 0;
    if (transfer.inOrder || this.strict) {
      memory.copy(content, transfer.data.start, length);
      written = length;
    } else {
      transfer.parts.sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : a.at < b.at ? -1 : 1));
      let last: u32 = 0;
      for (let i = 0; i < transfer.parts.length; i++) {
        const part = transfer.parts[i];
        if (i != 0 && part.number == last) continue;
        last = part.number;
        memory.copy(content + written, transfer.data.start + part.at, part.length);
        written += part.length;
      }
    }
    attachment.content(content, written);
    out.attach(attachment);
    if (written != <usize>transfer.size) this.warn(transfer, 'it ended');
    this.remove(transfer);
  }

  /** Tells the log of transfers that no message ended, when the input has ended. */
  reportUnfinished(): void {
    while (this.open.length != 0) {
      const transfer = this.open[0];
      this.warn(transfer, 'the input ended');
      this.remove(transfer);
    }
  }

  /** Gives all memory back. */
  free(): void {
    for (let i = 0; i < this.open.length; i++) this.open[i].data.free();
  }

  private find(id: u32): Transfer | null {
    for (let i = 0; i < this.open.length; i++) {
      if (this.open[i].id == id) return this.open[i];
    }
    return null;
  }

  private forget(id: u32, reason: string): void {
    const transfer = this.find(id);
    if (transfer === null) return;
    this.warn(transfer, reason);
    this.remove(transfer);
  }

  private remove(transfer: Transfer): void {
    this.memory -= transfer.memory;
    transfer.data.free();
    this.open.splice(this.open.indexOf(transfer), 1);
  }

  private warn(transfer: Transfer, reason: string): void {
    if (this.warnings >= MOST_WARNINGS) return;
    this.warnings++;
    const last = this.warnings == MOST_WARNINGS ? '; there are no more messages about files' : '';
    const bytes = transfer.data.length;
    log.warn(`${bytes} of the ${transfer.size} bytes of file '${transfer.name}' had come when ${reason}${last}`);
  }

  private isNumber(index: i32): bool {
    return this.values[index].kind == UNSIGNED;
  }

  /** The text of an argument without blanks around it; empty when it is none. */
  private textOf(index: i32): string {
    const value = this.values[index];
    if (value.kind != STRING) return '';
    let length: usize = 0;
    while (length < value.length && load<u8>(value.start + length) != 0) length++;
    return String.UTF8.decodeUnsafe(value.start, length).trim();
  }

  /** Reads the arguments; returns how many there are, 0 when a transfer has no such arguments. */
  private readValues(message: Message): i32 {
    const bigEndian = message.bigEndian;
    const end = message.end;
    const count = <i32>message.argumentCount;
    if (count > this.values.length) return 0;
    let at = message.payload;
    for (let i = 0; i < count; i++) {
      if (at + 6 > end) return 0;
      const info = u32At(at, bigEndian);
      const value = this.values[i];
      value.kind = info & KINDS;
      let length: usize;
      if (value.kind == STRING || value.kind == RAW) {
        length = u16At(at + 4, bigEndian);
        at += 6;
        if ((info & HAS_NAME) != 0) {
          if (at + 2 > end) return 0;
          at += 2 + u16At(at, bigEndian);
        }
      } else if (value.kind == UNSIGNED && (info & WIDTH) == WIDTH_32) {
        length = 4;
        at += 4;
        if ((info & HAS_NAME) != 0) {
          if (at + 4 > end) return 0;
          at += 4 + u16At(at, bigEndian) + u16At(at + 2, bigEndian);
        }
      } else {
        return 0;
      }
      if (at + length > end) return 0;
      value.start = at;
      value.length = length;
      if (value.kind == UNSIGNED) value.number = u32At(at, bigEndian);
      at += length;
    }
    return count;
  }
}
