/** Which messages are shown: by level, and by the ids of application, context and ECU. It is asked before any text is made. */
import { Kind, Message } from './message';
import { Content, Message2 } from './message-2';

const ID_BYTES: i32 = 4;

/** One id or prefix: those four bytes of an id that `mask` covers must be those of `value`. */
class Pattern {
  constructor(
    readonly value: u32,
    readonly mask: u32,
    readonly excludes: bool,
  ) {}

  matches(start: usize, length: usize): bool {
    const isPrefix = this.mask != 0xffffffff;
    let bytes: usize = 0;
    while (bytes < <usize>ID_BYTES && ((this.value >> ((<u32>bytes) << 3)) & 0xff) != 0) bytes++;
    if (isPrefix ? length < bytes : length != bytes) return false;
    for (let i: usize = 0; i < bytes; i++) {
      if (load<u8>(start + i) != <u8>(this.value >> ((<u32>i) << 3))) return false;
    }
    return true;
  }
}

export class IdFilter {
  private readonly patterns: Pattern[] = [];
  private includes: bool = false;

  /** `text`: ids between commas; `ID*` is a prefix, `!ID` excludes. Returns null, or what is wrong. */
  add(text: string): string | null {
    const parts = text.split(',');
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i].trim();
      if (part.length == 0) continue;
      const excludes = part.startsWith('!');
      const isPrefix = part.endsWith('*');
      const id = part.slice(excludes ? 1 : 0, part.length - (isPrefix ? 1 : 0));
      const bytes = String.UTF8.encode(id);
      if (bytes.byteLength == 0 && !isPrefix) return `'${part}' is no id; expected one like APP1, APP* or !APP1`;
      if (bytes.byteLength > ID_BYTES) return `'${part}' is longer than an id, which has up to 4 bytes`;
      let value: u32 = 0;
      for (let byte = 0; byte < bytes.byteLength; byte++) {
        value |= (<u32>load<u8>(changetype<usize>(bytes) + byte)) << ((<u32>byte) << 3);
      }
      const covered: u32 = (<u32>bytes.byteLength) << 3;
      const mask: u32 = isPrefix && covered < 32 ? (1 << covered) - 1 : 0xffffffff;
      this.patterns.push(new Pattern(value, mask, excludes));
      if (!excludes) this.includes = true;
    }
    return null;
  }

  get isEmpty(): bool {
    return this.patterns.length == 0;
  }

  /** Whether an id of any length is wanted. `start` 0: the message has none. */
  wantsText(start: usize, length: usize): bool {
    if (this.patterns.length == 0) return true;
    let wanted = !this.includes;
    for (let i = 0; i < this.patterns.length; i++) {
      const pattern = this.patterns[i];
      if (start == 0 || !pattern.matches(start, length)) continue;
      if (pattern.excludes) return false;
      wanted = true;
    }
    return wanted;
  }

  /** Whether the id at `at` is wanted; 0: the message has none. */
  wants(at: usize): bool {
    if (this.patterns.length == 0) return true;
    const id = at == 0 ? 0 : terminated(load<u32>(at));
    let wanted = !this.includes;
    for (let i = 0; i < this.patterns.length; i++) {
      const pattern = this.patterns[i];
      if (at == 0 || (id & pattern.mask) != pattern.value) continue;
      if (pattern.excludes) return false;
      wanted = true;
    }
    return wanted;
  }
}

export class Filter {
  /** The largest number of a level that is shown, 1 (fatal) to 6 (verbose); 0: all messages. */
  level: u32 = 0;
  readonly applications: IdFilter = new IdFilter();
  readonly contexts: IdFilter = new IdFilter();
  readonly ecus: IdFilter = new IdFilter();

  get isEmpty(): bool {
    return this.level == 0 && this.applications.isEmpty && this.contexts.isEmpty && this.ecus.isEmpty;
  }

  wants(message: Message, ecu: usize): bool {
    if (this.level != 0 && message.hasExtendedHeader && message.kind == Kind.Log) {
      const level = message.msin >> 4;
      // A number that is no level is shown: nobody knows how grave it is.
      if (level > this.level && level <= 6) return false;
    }
    return this.applications.wants(message.application) && this.contexts.wants(message.context) && this.ecus.wants(ecu);
  }

  /** The same for a message of version 2, with the addresses of its storage headers, 0 for none. */
  wants2(message: Message2, storage2: usize, storage1: usize): bool {
    if (this.level != 0 && message.content != Content.Opaque && ((message.msin >> 1) & 7) == <u32>Kind.Log) {
      const level = message.msin >> 4;
      if (level > this.level && level <= 6) return false;
    }
    const application = message.application;
    const context = message.context;
    const ecu = message.ecu;
    if (!this.applications.wantsText(application.start, application.length)) return false;
    if (!this.contexts.wantsText(context.start, context.length)) return false;
    if (ecu.start != 0) return this.ecus.wantsText(ecu.start, ecu.length);
    return storage2 == 0
      ? this.ecus.wants(storage1 == 0 ? 0 : storage1 + 12)
      : this.ecus.wantsText(storage2 + 14, load<u8>(storage2, 13));
  }
}

/** An id without what is behind its first NUL. */
function terminated(id: u32): u32 {
  const zeros = (id - 0x01010101) & ~id & 0x80808080;
  return zeros == 0 ? id : id & ((1 << (ctz(zeros) - 7)) - 1);
}
