/** What a descriptor set says of messages. */
import { Wire } from './wire';

/** `FieldDescriptorProto.Type`. */
export const enum Kind {
  Double = 1,
  Float,
  Int64,
  Uint64,
  Int32,
  Fixed64,
  Fixed32,
  Bool,
  String,
  Group,
  Message,
  Bytes,
  Uint32,
  Enum,
  Sfixed32,
  Sfixed64,
  Sint32,
  Sint64,
}

const DIRECT: u32 = 128;
/** Behind a name that is copied: what is read beyond it. */
const MARGIN: i32 = 16;

/** A text of UTF-8 that stays where it is; 16 bytes behind it may be read. */
export class Word {
  readonly at: usize;
  readonly length: usize;
  private readonly bytes: ArrayBuffer;

  constructor(readonly text: string) {
    const encoded = String.UTF8.encode(text);
    this.bytes = new ArrayBuffer(encoded.byteLength + MARGIN);
    this.at = changetype<usize>(this.bytes);
    this.length = encoded.byteLength;
    memory.copy(this.at, changetype<usize>(encoded), this.length);
  }
}

export class EnumType {
  readonly names: Map<i32, Word> = new Map();

  constructor(readonly name: string) {}

  /** Of two names of one number the first one counts. */
  add(number: i32, name: string): void {
    if (!this.names.has(number)) this.names.set(number, new Word(`"${name}"`));
  }
}

export class Field {
  isRepeated: bool = false;
  /** Of the oneof that it is in; -1: it is in none. */
  oneof: i32 = -1;
  message: MessageType | null = null;
  values: EnumType | null = null;
  /** The wire type of one value. */
  readonly wire: u32;
  /** `"name":` */
  readonly label: Word;

  constructor(
    name: string,
    readonly number: u32,
    readonly kind: i32,
  ) {
    this.wire = wireOf(kind);
    this.label = new Word(`"${name}":`);
  }

  get isMap(): bool {
    const message = this.message;
    return message !== null && message.isMapEntry;
  }

  /** Whether values with this wire type are of this field. */
  // @ts-ignore: decorator
  @inline
  takes(wire: u32): bool {
    return wire == this.wire || this.takesToo(wire);
  }

  /** Whether a value with this wire type is several numbers, or none. */
  // @ts-ignore: decorator
  @inline
  isPackedIn(wire: u32): bool {
    return wire != this.wire && wire == Wire.Bytes && this.message === null;
  }

  /** Numbers may be packed, and messages may be written as groups. */
  private takesToo(wire: u32): bool {
    if (this.message !== null) return wire == Wire.Bytes || wire == Wire.Group;
    return wire == Wire.Bytes && this.isRepeated && this.wire != Wire.Bytes;
  }
}

export class MessageType {
  isMapEntry: bool = false;
  private readonly low: StaticArray<usize> = new StaticArray<usize>(DIRECT);
  private readonly high: Map<u32, Field> = new Map();
  /** Keeps the fields that `low` has the addresses of. */
  private readonly fields: Field[] = [];

  constructor(readonly fullName: string) {}

  get name(): string {
    return this.fullName.substring(this.fullName.lastIndexOf('.') + 1);
  }

  /** Of two fields with one number the last one counts. */
  add(field: Field): void {
    this.fields.push(field);
    if (field.number < DIRECT) this.low[field.number] = changetype<usize>(field);
    else this.high.set(field.number, field);
  }

  // @ts-ignore: decorator
  @inline
  find(number: u32): Field | null {
    if (number < DIRECT) return changetype<Field | null>(unchecked(this.low[number]));
    return this.high.has(number) ? this.high.get(number) : null;
  }
}

function wireOf(kind: i32): u32 {
  switch (kind) {
    case Kind.Double:
    case Kind.Fixed64:
    case Kind.Sfixed64:
      return Wire.Fixed64;
    case Kind.Float:
    case Kind.Fixed32:
    case Kind.Sfixed32:
      return Wire.Fixed32;
    case Kind.String:
    case Kind.Message:
    case Kind.Bytes:
      return Wire.Bytes;
    case Kind.Group:
      return Wire.Group;
    default:
      return Wire.Varint;
  }
}
