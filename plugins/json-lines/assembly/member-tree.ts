/** The members of objects that are shown in columns, or that lead to such. One table holds those of all levels. */
import { MemberPath } from './member-path';

/** What a value must be, for its column. */
export const enum Form {
  Any,
  /** A string. */
  Text,
  /** No object and no array. */
  Scalar,
  /** A point in time: see time-form.ts. */
  Time,
}

export class MemberNode {
  /** The number of the column that shows the value; -1: none. */
  column: i32 = -1;
  form: i32 = Form.Any;
  /** Of the values that one column could show, the one with the smallest number is shown. */
  rank: i32 = 0;
  /** Whether members of the value are shown. */
  hasChildren: bool = false;
  /** Whether the column is the time of the row. */
  isTime: bool = false;
  /** The number of the line in which it was seen last. */
  line: u32 = 0;
  /** Columns that show members of the value. */
  readonly columnsBelow: i32[] = [];

  constructor(
    readonly id: u32,
    readonly parent: u32,
    readonly name: ArrayBuffer,
    readonly first: u64,
    readonly last: u64,
  ) {}
}

const FACTOR: u64 = 0x9e3779b97f4a7c15;

export class MemberTree {
  /** The member of an object that is the line is a child of this one. */
  readonly root: u32 = 0;
  /** The column that is the time of the row; -1: none. */
  timeColumn: i32 = -1;
  private readonly nodes: MemberNode[] = [];
  /** Addresses of nodes; twice as many as there are at least. */
  private table: StaticArray<usize> = new StaticArray<usize>(16);
  private mask: u32 = 15;
  private shift: u64 = 60;

  /** Adds the members of a path; returns the last one. */
  add(path: MemberPath, column: i32): MemberNode {
    const names = path.names;
    let node = this.child(this.root, names[0]);
    for (let i = 1; i < names.length; i++) {
      node.hasChildren = true;
      node.columnsBelow.push(column);
      node = this.child(node.id, names[i]);
    }
    node.column = column;
    node.isTime = column == this.timeColumn;
    return node;
  }

  /** The member of `parent` whose name lies at `at`, without escapes. Up to 16 bytes behind it are read. */
  // @ts-ignore: decorator
  @inline
  find(parent: u32, at: usize, length: usize): MemberNode | null {
    const first = length >= 8 ? load<u64>(at) : load<u64>(at) & ((<u64>1 << (<u64>length << 3)) - 1);
    const last = length > 8 ? load<u64>(at + length - 8) : 0;
    let place = this.placeOf(parent, first, last, length);
    while (true) {
      const address = load<usize>(changetype<usize>(this.table) + (<usize>place << 2));
      if (address == 0) return null;
      const node = changetype<MemberNode>(address);
      if (node.first == first && node.last == last && node.parent == parent && isNamed(node, at, length)) return node;
      place = (place + 1) & this.mask;
    }
  }

  // @ts-ignore: decorator
  @inline
  private placeOf(parent: u32, first: u64, last: u64, length: usize): u32 {
    const key = first ^ (last * FACTOR) ^ (<u64>length << 56) ^ (<u64>parent << 40);
    return <u32>((key * FACTOR) >> this.shift);
  }

  private child(parent: u32, name: string): MemberNode {
    const bytes = String.UTF8.encode(name);
    const length = <usize>bytes.byteLength;
    // There are bytes behind it that may be read.
    const text = new ArrayBuffer(<i32>length + 16);
    memory.copy(changetype<usize>(text), changetype<usize>(bytes), length);
    const at = changetype<usize>(text);
    const known = this.find(parent, at, length);
    if (known !== null) return known;
    const first = length >= 8 ? load<u64>(at) : load<u64>(at) & ((<u64>1 << (<u64>length << 3)) - 1);
    const last = length > 8 ? load<u64>(at + length - 8) : 0;
    const node = new MemberNode(this.nodes.length + 1, parent, bytes, first, last);
    this.nodes.push(node);
    this.fill();
    return node;
  }

  private fill(): void {
    const nodes = this.nodes;
    if (nodes.length << 1 > this.table.length) {
      this.mask = (this.mask << 1) | 1;
      this.shift--;
    }
    this.table = new StaticArray<usize>(this.mask + 1);
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i];
      let place = this.placeOf(node.parent, node.first, node.last, node.name.byteLength);
      while (this.table[place] != 0) place = (place + 1) & this.mask;
      this.table[place] = changetype<usize>(node);
    }
  }
}

// @ts-ignore: decorator
@inline
function isNamed(node: MemberNode, at: usize, length: usize): bool {
  if (<usize>node.name.byteLength != length) return false;
  return length <= 16 || memory.compare(changetype<usize>(node.name), at, length) == 0;
}
