/** With which bytes that can begin which an instruction leads to. */
import { allocateBlock } from '../blocks';
import { CharSet } from './char-set';
import { Instruction, Op } from './op';

const WORDS: i32 = 4;

/** A set of bytes, and whether the text may end instead. */
export class ByteSet {
  readonly words: StaticArray<u64> = new StaticArray<u64>(WORDS);
  hasEnd: bool = false;

  add(byte: u32): void {
    this.words[byte >> 6] |= (<u64>1) << (byte & 63);
  }

  has(byte: u32): bool {
    return ((this.words[byte >> 6] >> (byte & 63)) & 1) != 0;
  }

  addSet(set: CharSet): void {
    const ranges = set.resolved();
    for (let i = 0; i < ranges.length; i += 2) {
      for (let code = ranges[i]; code <= min<u32>(ranges[i + 1], 0x7f); code++) this.add(code);
      if (ranges[i + 1] < 0x80) continue;
      for (let byte: u32 = 0x80; byte < 0x100; byte++) this.add(byte);
    }
  }

  meets(other: ByteSet): bool {
    let both: u64 = 0;
    for (let i = 0; i < WORDS; i++) both |= this.words[i] & other.words[i];
    return both != 0 || (this.hasEnd && other.hasEnd);
  }
}

export class FirstBytes {
  constructor(private readonly ops: Instruction[]) {}

  ofSet(set: CharSet): ByteSet {
    const bytes = new ByteSet();
    bytes.addSet(set);
    return bytes;
  }

  /** Those with which a text can begin that instruction `index` and those behind it match. */
  of(index: i32): ByteSet {
    const found = new ByteSet();
    const seen = new StaticArray<bool>(this.ops.length);
    const open: i32[] = [index];
    while (open.length > 0) {
      const at = open.pop();
      if (seen[at]) continue;
      seen[at] = true;
      const op = this.ops[at];
      switch (op.op) {
        case Op.Byte:
          found.add(op.a);
          break;
        case Op.Match:
          found.hasEnd = true;
          break;
        case Op.Jump:
          open.push(op.a);
          break;
        case Op.Choice:
        case Op.Branch:
          open.push(op.a);
          open.push(op.b);
          break;
        case Op.Set:
          found.addSet(op.set!);
          break;
        case Op.Span:
        case Op.Star:
        case Op.LazyStar:
        case Op.Bounded:
          found.addSet(op.set!);
          if (op.b == 0) open.push(at + 1);
          break;
        default:
          open.push(at + 1);
      }
    }
    return found;
  }
}

/** A table of a byte for each byte: whether it is in the set; the last one says it of the end. */
export function writeFirst(set: ByteSet): usize {
  const at = allocateBlock(257);
  for (let byte: u32 = 0; byte < 256; byte++) store<u8>(at + byte, <u8>set.has(byte));
  store<u8>(at, <u8>set.hasEnd, 256);
  return at;
}
