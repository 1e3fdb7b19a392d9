/** The values of a message, sorted by their fields, in the order in which these come first. */
import { Field, MessageType } from './message-type';
import { groupEnd, readTag, readVarint, valueEnd, varint, Wire } from './wire';

const NONE: i32 = -1;
/** Behind bytes that are put together: what is read beyond them. */
const MARGIN: i32 = 16;

export class Occurrences {
  private readonly numbers: u32[] = [];
  private readonly fields: (Field | null)[] = [];
  private readonly firsts: i32[] = [];
  private readonly lasts: i32[] = [];
  private readonly counts: i32[] = [];
  /** For each value: where it begins and ends, its wire type, and the next one of its field. */
  private readonly starts: usize[] = [];
  private readonly ends: usize[] = [];
  private readonly wires: u32[] = [];
  private readonly nexts: i32[] = [];
  /** How many bytes `join` put together. */
  joinedBytes: usize = 0;
  /** For each oneof the group that was there last. */
  private readonly oneofs: Map<i32, i32> = new Map();

  /** Reads a message; returns how many bytes of it are of no known field, or no values. */
  read(type: MessageType, at: usize, end: usize, depth: i32): usize {
    const known: Map<u64, i32> = new Map();
    let undecoded: usize = 0;
    while (at < end) {
      const value = readTag(at, end);
      const tag = <u32>varint;
      const next = value == 0 ? <usize>0 : valueEnd(tag, value, end, depth);
      if (next == 0) return undecoded + (end - at);
      const found = type.find(tag >> 3);
      const field = found !== null && found.takes(tag & 7) ? found : null;
      if (field === null) undecoded += next - at;
      // Values that the field does not take are a group of their own.
      const key = ((<u64>(tag >> 3)) << 1) | <u64>(field !== null);
      if (!known.has(key)) {
        known.set(key, this.numbers.length);
        this.numbers.push(tag >> 3);
        this.fields.push(field);
        this.firsts.push(NONE);
        this.lasts.push(NONE);
        this.counts.push(0);
      }
      const group = known.get(key);
      if (field !== null && field.oneof >= 0) this.oneofs.set(field.oneof, group);
      this.add(group, value, next, tag & 7);
      at = next;
    }
    return undecoded;
  }

  get groups(): i32 {
    return this.numbers.length;
  }

  /** Null: it is not known. */
  fieldOf(group: i32): Field | null {
    return this.fields[group];
  }

  numberOf(group: i32): u32 {
    return this.numbers[group];
  }

  countOf(group: i32): i32 {
    return this.counts[group];
  }

  /** Whether another field of its oneof came later. */
  isReplaced(group: i32): bool {
    const oneof = this.fields[group]!.oneof;
    return oneof >= 0 && this.oneofs.get(oneof) != group;
  }

  /** The first value of a group; -1 is none. */
  firstOf(group: i32): i32 {
    return this.firsts[group];
  }

  lastOf(group: i32): i32 {
    return this.lasts[group];
  }

  nextOf(value: i32): i32 {
    return this.nexts[value];
  }

  wireAt(value: i32): u32 {
    return this.wires[value];
  }

  valueAt(value: i32): usize {
    return this.starts[value];
  }

  endAt(value: i32): usize {
    return this.ends[value];
  }

  /** The contents of all values of a group, which are messages, one behind the other. */
  join(group: i32): StaticArray<u8> {
    let length: usize = 0;
    for (let value = this.firsts[group]; value >= 0; value = this.nexts[value])
      length += this.ends[value] - this.contentAt(value);
    const joined = new StaticArray<u8>(<i32>length + MARGIN);
    let to = changetype<usize>(joined);
    for (let value = this.firsts[group]; value >= 0; value = this.nexts[value]) {
      const start = this.contentAt(value);
      const end = this.contentEnd(group, value);
      memory.copy(to, start, end - start);
      to += end - start;
    }
    this.joinedBytes = to - changetype<usize>(joined);
    return joined;
  }

  private contentAt(value: i32): usize {
    return this.wires[value] == Wire.Bytes ? readVarint(this.starts[value], this.ends[value]) : this.starts[value];
  }

  private contentEnd(group: i32, value: i32): usize {
    if (this.wires[value] != Wire.Group) return this.ends[value];
    valueEnd((this.numbers[group] << 3) | Wire.Group, this.starts[value], this.ends[value], 0);
    return groupEnd;
  }

  private add(group: i32, start: usize, end: usize, wire: u32): void {
    const value = this.starts.length;
    this.starts.push(start);
    this.ends.push(end);
    this.wires.push(wire);
    this.nexts.push(NONE);
    if (this.lasts[group] == NONE) this.firsts[group] = value;
    else this.nexts[this.lasts[group]] = value;
    this.lasts[group] = value;
    this.counts[group]++;
  }
}
