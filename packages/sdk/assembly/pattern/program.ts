/**
 * Compiles the tree of a pattern to instructions.
 *
 * Most patterns of logs need no search: what comes next says which way to go. So a repetition behind which none of its characters can
 * come takes all that it finds (`Span`), and a choice whose ways begin with different characters is made by the next one (`Branch`). Where
 * that is not so, both ways are tried (`Star`, `Choice`). All that can be come to twice at one place of the text then has a row of marks,
 * and is done once for each place: so a match takes time in proportion to the text, whatever the pattern and the text are.
 */
import { allocateBlock } from '../blocks';
import { CharSet } from './char-set';
import { FirstBytes, writeFirst } from './first-bytes';
import { Kind, Node, UNLIMITED } from './node';
import { Instruction, OP_BYTES, Op } from './op';

const MOST_OPS: i32 = 4000;

export class Program {
  /** The first instruction. */
  code: usize = 0;
  /** Rows of marks. */
  rows: i32 = 0;
  /** Whether it was too long to be compiled. */
  isTooLong: bool = false;
  private readonly ops: Instruction[] = [];

  constructor(root: Node) {
    this.emit(root);
    this.put(new Instruction(Op.Match));
    if (!this.isTooLong) {
      this.decide();
      this.mark();
      this.write();
    }
  }

  private put(op: Instruction): Instruction {
    if (this.ops.length >= MOST_OPS) this.isTooLong = true;
    else this.ops.push(op);
    return op;
  }

  private emit(node: Node): void {
    if (this.isTooLong) return;
    switch (node.kind) {
      case Kind.Set:
        this.putSet(node.set!);
        return;
      case Kind.Sequence:
        for (let i = 0; i < node.children.length; i++) this.emit(node.children[i]);
        return;
      case Kind.Either:
        this.emitEither(node);
        return;
      case Kind.Repeat:
        this.emitRepeat(node);
        return;
      case Kind.Group:
        this.put(new Instruction(Op.Save, node.group << 3));
        this.emit(node.children[0]);
        this.put(new Instruction(Op.Save, (node.group << 3) + 4));
        return;
      case Kind.Begin:
        this.put(new Instruction(Op.Begin));
        return;
      case Kind.End:
        this.put(new Instruction(Op.End));
        return;
      case Kind.WordBreak:
        this.put(new Instruction(Op.WordBreak));
        return;
      case Kind.NoWordBreak:
        this.put(new Instruction(Op.NoWordBreak));
        return;
      default:
    }
  }

  private putSet(set: CharSet): void {
    const single = set.single;
    if (single >= 0 && single < 0x80) this.put(new Instruction(Op.Byte, single));
    else this.put(new Instruction(Op.Set)).set = set;
  }

  private emitEither(node: Node): void {
    const last = node.children.length - 1;
    const jumps: Instruction[] = [];
    for (let i = 0; i <= last; i++) {
      if (i == last) {
        this.emit(node.children[i]);
        break;
      }
      const choice = this.put(new Instruction(Op.Choice, this.ops.length + 1));
      this.emit(node.children[i]);
      jumps.push(this.put(new Instruction(Op.Jump)));
      choice.b = this.ops.length;
    }
    for (let i = 0; i < jumps.length; i++) jumps[i].a = this.ops.length;
  }

  private emitRepeat(node: Node): void {
    const child = node.children[0];
    const set = setOf(child);
    if (set !== null && node.most == UNLIMITED) {
      const star = this.put(new Instruction(node.isLazy ? Op.LazyStar : Op.Star, 0, node.least));
      star.set = set;
      return;
    }
    if (set !== null && node.most > 1) {
      const bounded = this.put(new Instruction(Op.Bounded, 0, node.least, node.most));
      bounded.set = set;
      const jump = this.put(new Instruction(Op.Jump));
      bounded.d = this.ops.length;
      if (node.least < node.most) this.emitTimes(node, child);
      jump.a = this.ops.length;
      return;
    }
    this.emitTimes(node, child);
  }

  private emitTimes(node: Node, child: Node): void {
    for (let i = 0; i < node.least; i++) this.emit(child);
    if (node.most == UNLIMITED) {
      const at = this.ops.length;
      const choice = this.put(new Instruction(Op.Choice));
      this.emit(child);
      this.put(new Instruction(Op.Jump, at));
      this.lead(choice, at + 1, this.ops.length, node.isLazy);
      return;
    }
    const choices: Instruction[] = [];
    for (let i = node.least; i < node.most && !this.isTooLong; i++) {
      choices.push(this.put(new Instruction(Op.Choice, this.ops.length + 1)));
      this.emit(child);
    }
    for (let i = 0; i < choices.length; i++) this.lead(choices[i], choices[i].a, this.ops.length, node.isLazy);
  }

  private lead(choice: Instruction, inside: i32, behind: i32, isLazy: bool): void {
    choice.a = isLazy ? behind : inside;
    choice.b = isLazy ? inside : behind;
  }

  /** Finds what the next byte decides. */
  private decide(): void {
    const firsts = new FirstBytes(this.ops);
    for (let i = 0; i < this.ops.length; i++) {
      const op = this.ops[i];
      if (op.op == Op.Star || op.op == Op.LazyStar) {
        const behind = firsts.of(i + 1);
        if (!firsts.ofSet(op.set!).meets(behind)) {
          op.op = Op.Span;
          op.c = UNLIMITED;
        } else {
          op.c = <i32>writeFirst(behind);
        }
      } else if (op.op == Op.Bounded) {
        if (op.b == op.c || !firsts.ofSet(op.set!).meets(firsts.of(i + 1))) {
          op.op = Op.Span;
          op.d = -1;
        } else {
          op.op = Op.Jump;
          op.a = op.d;
          op.d = -1;
        }
      } else if (op.op == Op.Choice) {
        const first = firsts.of(op.a);
        if (first.meets(firsts.of(op.b))) continue;
        op.op = Op.Branch;
        op.c = <i32>writeFirst(first);
      }
    }
    for (let i = 0; i < this.ops.length; i++) {
      const op = this.ops[i];
      if (op.op != Op.Span || op.c != UNLIMITED || op.b > 1 || !isEverything(op.set!)) continue;
      op.op = Op.Rest;
    }
  }

  /** Gives rows of marks to all that may be come to more than once at a place. */
  private mark(): void {
    const isReached = this.reachedFrom([0], false);
    const open: i32[] = [];
    for (let i = 0; i < this.ops.length; i++) {
      const op = this.ops[i];
      if (!isReached[i] || (op.op != Op.Choice && op.op != Op.Star && op.op != Op.LazyStar)) continue;
      op.d = this.rows++;
      open.push(i);
    }
    const isAgain = this.reachedFrom(open, true);
    for (let i = 0; i < this.ops.length; i++) {
      const op = this.ops[i];
      if (isAgain[i] && (op.op == Op.Branch || (op.op == Op.Span && op.c == UNLIMITED))) op.d = this.rows++;
    }
  }

  /** Which instructions may be done after some others, and these, unless they are only to be passed. */
  private reachedFrom(starts: i32[], isPassed: bool): StaticArray<bool> {
    const isReached = new StaticArray<bool>(this.ops.length);
    if (!isPassed) isReached[starts[0]] = true;
    const open = starts;
    while (open.length > 0) {
      const at = open.pop();
      const op = this.ops[at];
      if (op.op == Op.Match) continue;
      const isWay = op.op == Op.Choice || op.op == Op.Branch;
      const next = isWay || op.op == Op.Jump ? op.a : at + 1;
      if (!isReached[next]) {
        isReached[next] = true;
        open.push(next);
      }
      if (isWay && !isReached[op.b]) {
        isReached[op.b] = true;
        open.push(op.b);
      }
    }
    return isReached;
  }

  private write(): void {
    this.code = allocateBlock(<usize>this.ops.length * OP_BYTES);
    for (let i = 0; i < this.ops.length; i++) {
      const op = this.ops[i];
      const at = this.code + <usize>i * OP_BYTES;
      const isWay = op.op == Op.Choice || op.op == Op.Branch;
      store<i32>(at, op.op);
      store<i32>(
        at,
        isWay || op.op == Op.Jump ? this.addressOf(op.a) : op.set !== null ? <i32>op.set!.write() : op.a,
        4,
      );
      store<i32>(at, isWay ? this.addressOf(op.b) : op.b, 8);
      store<i32>(at, op.c, 12);
      store<i32>(at, op.d, 16);
    }
  }

  private addressOf(index: i32): i32 {
    return <i32>(this.code + <usize>index * OP_BYTES);
  }
}

/** The set of a node that is one character; null: it is something else. */
function setOf(node: Node): CharSet | null {
  if (node.kind == Kind.Set) return node.set;
  return (node.kind == Kind.Sequence || node.kind == Kind.Either) && node.children.length == 1
    ? setOf(node.children[0])
    : null;
}

function isEverything(set: CharSet): bool {
  const ranges = set.resolved();
  return ranges.length == 2 && ranges[0] == 0 && ranges[1] == 0x10ffff;
}
