/** What patterns are compiled to: instructions of 20 bytes, what to do and four numbers. */
import { CharSet } from './char-set';

export const enum Op {
  /** a: the byte. */
  Byte,
  /** a: the set. */
  Set,
  /** As many characters of a set as there are. a: the set; b, c: the least and the most; d: the row of marks, or -1. */
  Span,
  /** Any number of characters of a set, with all numbers tried. a: the set; b: the least; c: what may come behind it; d: the row of marks. */
  Star,
  /** The same, the fewest first. */
  LazyStar,
  /** a: the instruction to try first; b: the other one; d: the row of marks. */
  Choice,
  /** a: where to go on if the next byte is one of c; b: where otherwise; d: the row of marks, or -1. */
  Branch,
  /** a: where to go on. */
  Jump,
  /** a: where to keep the place. */
  Save,
  Match,
  Begin,
  End,
  WordBreak,
  NoWordBreak,
  /** The rest of the text. b: the least characters, 0 or 1. */
  Rest,
  /** While a program is made: a `Span` if nothing of it can come behind; else the instruction d is next. */
  Bounded,
}

export const OP_BYTES: usize = 20;

export class Instruction {
  d: i32 = -1;
  set: CharSet | null = null;

  constructor(
    public op: i32,
    public a: i32 = 0,
    public b: i32 = 0,
    public c: i32 = 0,
  ) {}
}
