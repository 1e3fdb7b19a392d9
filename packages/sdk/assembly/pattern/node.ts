/** What a pattern says, as a tree. */
import { CharSet } from './char-set';

export const enum Kind {
  /** Matches nothing, everywhere. */
  Empty,
  Set,
  Sequence,
  Either,
  Repeat,
  /** A group with a name. */
  Group,
  Begin,
  End,
  WordBreak,
  NoWordBreak,
}

/** More than any number of repetitions that a pattern can name. */
export const UNLIMITED: i32 = i32.MAX_VALUE;

export class Node {
  set: CharSet | null = null;
  readonly children: Node[] = [];
  least: i32 = 0;
  most: i32 = 0;
  isLazy: bool = false;
  /** Of a group, from 0. */
  group: i32 = 0;

  constructor(readonly kind: Kind) {}

  static ofSet(set: CharSet): Node {
    const node = new Node(Kind.Set);
    node.set = set;
    return node;
  }

  /** Whether a named group is in it. */
  get hasGroup(): bool {
    if (this.kind == Kind.Group) return true;
    for (let i = 0; i < this.children.length; i++) {
      if (this.children[i].hasGroup) return true;
    }
    return false;
  }
}
