/** One message of protocol version 2 as its headers describe it; addresses lie in the input. */
import { u32At, u64At } from '@chipmunk-host/sdk/assembly';

/** Before a message in a file. Read as a little-endian number. */
export const STORAGE_2_PATTERN: u32 = 0x02544c44;
/** A storage header of version 2 without its ECU id. */
export const STORAGE_2_BYTES: usize = 14;
/** HTYP2, the counter and the length. */
export const BASE_HEADER_BYTES: usize = 7;

export const enum Content {
  Verbose,
  Opaque,
  Control,
}

// Of HTYP2, read as a little-endian number.
const CONTENT: u32 = 3;
const HAS_ECU: u32 = 1 << 2;
const HAS_APPLICATION: u32 = 1 << 3;
const HAS_SESSION: u32 = 1 << 4;
const HAS_SOURCE: u32 = 1 << 8;
const HAS_TAGS: u32 = 1 << 9;
const HAS_PRIVACY: u32 = 1 << 10;
const HAS_SEGMENT: u32 = 1 << 11;
/** Bits that no sample and no tool sets. */
const RESERVED: u32 = 0xfffff000;

const NANOSECONDS: u32 = 0x3fffffff;
const IS_RELATIVE: u32 = 0x80000000;

/** A text in the input; `start` is 0 where the message has none. */
export class Field {
  start: usize = 0;
  length: usize = 0;
}

export class Message2 {
  header: usize = 0;
  payload: usize = 0;
  end: usize = 0;
  content: Content = Content.Verbose;
  counter: u32 = 0;
  msin: u32 = 0;
  argumentCount: u32 = 0;
  hasTime: bool = false;
  isRelative: bool = false;
  seconds: u64 = 0;
  nanoseconds: u32 = 0;
  messageId: u32 = 0;
  hasSession: bool = false;
  session: u32 = 0;
  readonly ecu: Field = new Field();
  readonly application: Field = new Field();
  readonly context: Field = new Field();
  readonly source: Field = new Field();
  line: u32 = 0;
  hasTags: bool = false;
  /** Where the first tag's length lies. */
  tags: usize = 0;
  tagCount: u32 = 0;
  hasPrivacy: bool = false;
  privacy: u32 = 0;
  hasSegment: bool = false;
  /** 0 first, 1 consecutive, 2 last, 3 abort. */
  segmentType: u32 = 0;
  /** Total length, sequence number, or reason. */
  segmentValue: u64 = 0;

  private at: usize = 0;

  /**
   * Reads the headers of the message at `header`, which ends at `end`; false when they go beyond that or cannot be ones. `bigEndian`: the
   * order of bytes of numbers in headers. Seconds are big-endian in any case.
   */
  read(header: usize, end: usize, bigEndian: bool): bool {
    const htyp = load<u32>(header);
    this.header = header;
    this.end = end;
    this.content = htyp & CONTENT;
    this.counter = load<u8>(header, 4);
    this.at = header + BASE_HEADER_BYTES;
    if (this.at + conditionalBytes(htyp) > end) return false;
    this.readConditional(bigEndian);

    clear(this.ecu);
    clear(this.application);
    clear(this.context);
    clear(this.source);
    if ((htyp & HAS_ECU) != 0 && !this.readText(this.ecu)) return false;
    if ((htyp & HAS_APPLICATION) != 0 && !(this.readText(this.application) && this.readText(this.context)))
      return false;
    this.hasSession = (htyp & HAS_SESSION) != 0;
    if (this.hasSession) {
      if (this.at + 4 > end) return false;
      this.session = this.take32(bigEndian);
    }
    if ((htyp & HAS_SOURCE) != 0) {
      if (!this.readText(this.source) || this.at + 4 > end) return false;
      this.line = this.take32(bigEndian);
    }
    this.hasTags = (htyp & HAS_TAGS) != 0;
    if (this.hasTags && !this.readTags()) return false;
    this.hasPrivacy = (htyp & HAS_PRIVACY) != 0;
    if (this.hasPrivacy) {
      if (this.at >= end) return false;
      this.privacy = load<u8>(this.at++);
    }
    this.hasSegment = (htyp & HAS_SEGMENT) != 0;
    if (this.hasSegment && !this.readSegment(bigEndian)) return false;
    this.payload = this.at;
    return true;
  }

  private readConditional(bigEndian: bool): void {
    this.msin = 0;
    this.argumentCount = 0;
    if (this.content != Content.Opaque) {
      this.msin = load<u8>(this.at);
      this.argumentCount = load<u8>(this.at, 1);
      this.at += 2;
    }
    this.hasTime = this.content != Content.Control;
    if (this.hasTime) {
      const word = this.take32(bigEndian);
      this.isRelative = (word & IS_RELATIVE) != 0;
      this.nanoseconds = word & NANOSECONDS;
      this.seconds = seconds40(this.at);
      this.at += 5;
    }
    if (this.content == Content.Opaque) this.messageId = this.take32(bigEndian);
  }

  private readTags(): bool {
    if (this.at >= this.end) return false;
    this.tagCount = load<u8>(this.at++);
    this.tags = this.at;
    for (let i: u32 = 0; i < this.tagCount; i++) {
      if (this.at >= this.end) return false;
      this.at += 1 + <usize>load<u8>(this.at);
      if (this.at > this.end) return false;
    }
    return true;
  }

  private readSegment(bigEndian: bool): bool {
    if (this.at + 2 > this.end) return false;
    const length = <usize>load<u8>(this.at);
    this.segmentType = load<u8>(this.at, 1);
    this.segmentValue = 0;
    this.at += 2;
    const bytes: usize =
      this.segmentType == 0
        ? 8
        : this.segmentType == 1
          ? 4
          : this.segmentType == 2
            ? 0
            : this.segmentType == 3
              ? 1
              : length;
    if (this.at + bytes > this.end) return false;
    if (this.segmentType == 0) this.segmentValue = u64At(this.at, bigEndian);
    else if (this.segmentType == 1) this.segmentValue = u32At(this.at, bigEndian);
    else if (this.segmentType == 3) this.segmentValue = load<u8>(this.at);
    this.at += bytes;
    return true;
  }

  private readText(field: Field): bool {
    if (this.at >= this.end) return false;
    field.length = load<u8>(this.at);
    field.start = this.at + 1;
    this.at = field.start + field.length;
    return this.at <= this.end;
  }

  private take32(bigEndian: bool): u32 {
    const value = u32At(this.at, bigEndian);
    this.at += 4;
    return value;
  }
}

/** Whether HTYP2 at `header` can be one. */
export function canBeVersion2(header: usize): bool {
  const htyp = load<u32>(header);
  return ((htyp >> 5) & 7) == 2 && (htyp & CONTENT) <= <u32>Content.Control && load<u16>(header) != 0x4c44;
}

/** Whether no reserved bit is set either. */
export function isPlainVersion2(header: usize): bool {
  return canBeVersion2(header) && (load<u32>(header) & RESERVED) == 0;
}

/** Bytes of the message at `header`, from HTYP2 on. */
export function messageBytes2(header: usize, bigEndian: bool): usize {
  const length = load<u16>(header, 5);
  return bigEndian ? bswap<u16>(length) : length;
}

/** The fewest bytes that the message at `header` can have. */
export function leastBytes2(header: usize): usize {
  return BASE_HEADER_BYTES + conditionalBytes(load<u32>(header));
}

/** A big-endian number of five bytes. */
export function seconds40(at: usize): u64 {
  return ((<u64>load<u8>(at)) << 32) | bswap<u32>(load<u32>(at + 1));
}

function conditionalBytes(htyp: u32): usize {
  const content = htyp & CONTENT;
  return content == <u32>Content.Verbose ? 11 : content == <u32>Content.Opaque ? 13 : 2;
}

function clear(field: Field): void {
  field.start = 0;
  field.length = 0;
}
