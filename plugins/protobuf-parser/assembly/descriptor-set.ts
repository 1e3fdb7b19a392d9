/** Reads descriptor sets (`FileDescriptorSet` of descriptor.proto), which `protoc --descriptor_set_out` writes. */
import { EnumType, Field, Kind, MessageType } from './message-type';
import { NONE, readTag, valueEnd, varint, Wire } from './wire';

const REPEATED: u64 = 3;

/** A field whose type is looked up when all are known. */
class Open {
  constructor(
    readonly field: Field,
    readonly name: string,
    readonly typeName: string,
    readonly scope: string,
  ) {}
}

/** An extension whose message is looked up when all are known. */
class Extension {
  constructor(
    readonly field: Field,
    readonly extendee: string,
    readonly scope: string,
  ) {}
}

/** The fields of a message, one after the other. */
class Reader {
  number: u32 = 0;
  wire: u32 = 0;
  start: usize = 0;
  /** The number, or the length of the bytes. */
  value: u64 = 0;
  isBroken: bool = false;

  constructor(
    private at: usize,
    private readonly end: usize,
  ) {}

  next(): bool {
    if (this.at >= this.end) return false;
    const value = readTag(this.at, this.end);
    const tag = <u32>varint;
    const next = value == 0 ? NONE : valueEnd(tag, value, this.end, 0);
    if (next == 0) {
      this.isBroken = true;
      return false;
    }
    this.number = tag >> 3;
    this.wire = tag & 7;
    this.value = varint;
    this.start = this.wire == Wire.Bytes ? next - <usize>varint : value;
    this.at = next;
    return true;
  }

  get text(): string {
    return this.wire == Wire.Bytes ? String.UTF8.decodeUnsafe(this.start, <usize>this.value) : '';
  }

  /** The message that the field is. */
  get inside(): Reader {
    return new Reader(this.start, this.wire == Wire.Bytes ? this.start + <usize>this.value : this.start);
  }
}

export class DescriptorSet {
  /** Messages that are no entries of maps, in their order. */
  readonly messages: MessageType[] = [];
  private readonly byName: Map<string, MessageType> = new Map();
  private readonly enums: Map<string, EnumType> = new Map();
  private readonly open: Open[] = [];
  private readonly extensions: Extension[] = [];

  /** Adds the files of a set; false: it is none. */
  add(at: usize, end: usize): bool {
    const set = new Reader(at, end);
    let files = 0;
    while (set.next()) {
      if (set.number != 1 || set.wire != Wire.Bytes || !this.addFile(set)) return false;
      files++;
    }
    return files > 0 && !set.isBroken;
  }

  /** Puts together what was added; returns what is missing, or an empty text. */
  link(): string {
    for (let i = 0; i < this.extensions.length; i++) {
      const extension = this.extensions[i];
      const name = this.resolve(extension.extendee, extension.scope);
      if (!this.byName.has(name)) return `the message '${extension.extendee}', which is extended`;
      this.byName.get(name).add(extension.field);
    }
    for (let i = 0; i < this.open.length; i++) {
      const open = this.open[i];
      const name = this.resolve(open.typeName, open.scope);
      if (open.field.kind == Kind.Enum && this.enums.has(name)) open.field.values = this.enums.get(name);
      else if (open.field.kind != Kind.Enum && this.byName.has(name)) open.field.message = this.byName.get(name);
      else return `the type '${open.typeName}' of the field '${open.name}' of '${open.scope}'`;
    }
    return '';
  }

  /** By its full name or, if only one message has it, its last part. Null: there is none, or several. */
  find(name: string): MessageType | null {
    if (this.byName.has(name)) return this.byName.get(name);
    let found: MessageType | null = null;
    for (let i = 0; i < this.messages.length; i++) {
      if (this.messages[i].name != name) continue;
      if (found !== null) return null;
      found = this.messages[i];
    }
    return found;
  }

  private addFile(set: Reader): bool {
    let scope = '';
    const names = set.inside;
    while (names.next()) {
      if (names.number == 2) scope = names.text;
    }
    const file = set.inside;
    while (file.next()) {
      if (file.number == 4) this.addMessage(file, scope);
      else if (file.number == 5) this.addEnum(file, scope);
      else if (file.number == 7) this.addField(file, scope, null);
    }
    return !file.isBroken;
  }

  private addMessage(from: Reader, scope: string): void {
    const fullName = joined(scope, nameIn(from));
    const message = new MessageType(fullName);
    const parts = from.inside;
    while (parts.next()) {
      if (parts.number == 7) message.isMapEntry = isMapEntry(parts);
    }
    this.byName.set(fullName, message);
    if (!message.isMapEntry) this.messages.push(message);
    const content = from.inside;
    while (content.next()) {
      if (content.number == 2) this.addField(content, fullName, message);
      else if (content.number == 3) this.addMessage(content, fullName);
      else if (content.number == 4) this.addEnum(content, fullName);
      else if (content.number == 6) this.addField(content, fullName, null);
    }
  }

  private addEnum(from: Reader, scope: string): void {
    const fullName = joined(scope, nameIn(from));
    const type = new EnumType(fullName);
    const content = from.inside;
    while (content.next()) {
      if (content.number != 2) continue;
      const value = content.inside;
      let number: i32 = 0;
      let name = '';
      while (value.next()) {
        if (value.number == 1) name = value.text;
        else if (value.number == 2) number = <i32>value.value;
      }
      type.add(number, name);
    }
    this.enums.set(fullName, type);
  }

  /** @param message the one that it is in; null: it is an extension */
  private addField(from: Reader, scope: string, message: MessageType | null): void {
    const content = from.inside;
    let name = '';
    let extendee = '';
    let typeName = '';
    let number: u32 = 0;
    let kind: i32 = 0;
    let oneof: i32 = -1;
    let isRepeated = false;
    while (content.next()) {
      if (content.number == 1) name = content.text;
      else if (content.number == 2) extendee = content.text;
      else if (content.number == 3) number = <u32>content.value;
      else if (content.number == 4) isRepeated = content.value == REPEATED;
      else if (content.number == 5) kind = <i32>content.value;
      else if (content.number == 6) typeName = content.text;
      else if (content.number == 9) oneof = <i32>content.value;
    }
    const field = new Field(message === null ? `[${joined(scope, name)}]` : name, number, kind);
    field.isRepeated = isRepeated;
    if (message !== null) {
      field.oneof = oneof;
      message.add(field);
    } else {
      this.extensions.push(new Extension(field, extendee, scope));
    }
    if (kind == Kind.Message || kind == Kind.Group || kind == Kind.Enum) {
      this.open.push(new Open(field, name, typeName, scope));
    }
  }

  /** The full name of a type: `.a.B` is one; others are looked for from the scope outwards. */
  private resolve(name: string, scope: string): string {
    if (name.startsWith('.')) return name.substring(1);
    while (true) {
      const full = joined(scope, name);
      if (scope == '' || this.byName.has(full) || this.enums.has(full)) return full;
      scope = scope.includes('.') ? scope.substring(0, scope.lastIndexOf('.')) : '';
    }
  }
}

function nameIn(from: Reader): string {
  const content = from.inside;
  while (content.next()) {
    if (content.number == 1) return content.text;
  }
  return '';
}

function isMapEntry(from: Reader): bool {
  const options = from.inside;
  while (options.next()) {
    if (options.number == 7) return options.value != 0;
  }
  return false;
}

function joined(scope: string, name: string): string {
  return scope == '' ? name : `${scope}.${name}`;
}
