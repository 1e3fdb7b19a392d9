/**
 * What there is to know of each instruction to step over it: what follows its opcode, and by how much it makes the stack of
 * operands higher. https://webassembly.github.io/spec/core/appendix/index-instructions.html
 */

/** What follows an opcode. */
export const Immediates = {
  unknown: 0,
  none: 1,
  /** An index or a constant: one LEB128. */
  one: 2,
  two: 3,
  /** Alignment and offset, with the memory's index between where the alignment says so. */
  memory: 4,
  fourBytes: 5,
  eightBytes: 6,
  types: 7,
  heapType: 8,
  block: 9,
  elseOrEnd: 10,
  branch: 11,
  branchTable: 12,
  /** Leaves the function, or does not return: `unreachable`, `return`. */
  leave: 13,
  call: 14,
  tryTable: 15,
  exception: 16,
  legacyException: 17,
  functionReference: 18,
  bulk: 19,
  vector: 20,
  atomic: 21,
  gc: 22,
} as const;

const I = Immediates;

export const Opcode = {
  loop: 0x03,
  else: 0x05,
  throw: 0x08,
  end: 0x0b,
  branch: 0x0c,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callReference: 0x14,
  returnCallReference: 0x15,
  globalGet: 0x23,
  i32Constant: 0x41,
  i64Constant: 0x42,
  f32Constant: 0x43,
  f64Constant: 0x44,
  refNull: 0xd0,
  refFunction: 0xd2,
  refAsNonNull: 0xd4,
  branchOnNonNull: 0xd6,
  gc: 0xfb,
  bulk: 0xfc,
  vector: 0xfd,
  atomic: 0xfe,
} as const;

type Range = readonly [first: number, last: number, value: number];

export const IMMEDIATES = Uint8Array.from(
  table(256, I.unknown, [
    [0x00, 0x00, I.leave],
    [0x01, 0x01, I.none],
    [0x02, 0x04, I.block],
    [0x05, 0x05, I.elseOrEnd],
    [0x06, 0x07, I.legacyException],
    [0x08, 0x08, I.exception],
    [0x09, 0x09, I.legacyException],
    [0x0a, 0x0a, I.exception],
    [0x0b, 0x0b, I.elseOrEnd],
    [0x0c, 0x0d, I.branch],
    [0x0e, 0x0e, I.branchTable],
    [0x0f, 0x0f, I.leave],
    [0x10, 0x15, I.call],
    [0x18, 0x19, I.legacyException],
    [0x1a, 0x1b, I.none],
    [0x1c, 0x1c, I.types],
    [0x1f, 0x1f, I.tryTable],
    [0x20, 0x26, I.one],
    [0x28, 0x3e, I.memory],
    [0x3f, 0x42, I.one],
    [0x43, 0x43, I.fourBytes],
    [0x44, 0x44, I.eightBytes],
    [0x45, 0xc4, I.none],
    [0xd0, 0xd0, I.heapType],
    [0xd1, 0xd1, I.none],
    [0xd2, 0xd2, I.one],
    [0xd3, 0xd3, I.gc],
    [0xd4, 0xd6, I.functionReference],
    [0xfb, 0xfb, I.gc],
    [0xfc, 0xfc, I.bulk],
    [0xfd, 0xfd, I.vector],
    [0xfe, 0xfe, I.atomic],
  ]),
);

/** By how much the stack gets higher with each opcode of one byte, but for blocks and calls. */
export const EFFECTS = Int8Array.from(
  table(256, 0, [
    [0x04, 0x04, -1],
    [0x0d, 0x0e, -1],
    [0x1a, 0x1a, -1],
    [0x1b, 0x1c, -2],
    [0x20, 0x20, 1],
    [0x21, 0x21, -1],
    [0x23, 0x23, 1],
    [0x24, 0x24, -1],
    [0x26, 0x26, -2],
    [0x36, 0x3e, -2],
    [0x3f, 0x3f, 1],
    [0x41, 0x44, 1],
    [0x46, 0x4f, -1],
    [0x51, 0x66, -1],
    [0x6a, 0x78, -1],
    [0x7c, 0x8a, -1],
    [0x92, 0x98, -1],
    [0xa0, 0xa6, -1],
    [0xd0, 0xd0, 1],
    [0xd2, 0xd2, 1],
    [0xd3, 0xd3, -1],
    [0xd6, 0xd6, -1],
  ]),
);

/** Conversions without traps, and memories and tables in bulk: by the number behind the prefix. */
export const BULK = {
  immediates: [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1],
  effects: [0, 0, 0, 0, 0, 0, 0, 0, -3, 0, -3, -3, -3, 0, -3, -1, 1, -3],
  firstWide: 0x13,
  lastWide: 0x16,
} as const;

export const VECTOR = {
  effects: table(0x114, 0, [
    [0x0b, 0x0b, -2],
    [0x0c, 0x0c, 1],
    [0x0d, 0x0e, -1],
    ...[0x17, 0x1a, 0x1c, 0x1e, 0x20, 0x22].map((replaceLane): Range => [replaceLane, replaceLane, -1]),
    [0x23, 0x4c, -1],
    [0x4e, 0x51, -1],
    [0x52, 0x52, -2],
    [0x54, 0x57, -1],
    [0x58, 0x5b, -2],
    [0x65, 0x66, -1],
    [0x6b, 0x73, -1],
    [0x76, 0x79, -1],
    [0x7b, 0x7b, -1],
    [0x82, 0x82, -1],
    [0x85, 0x86, -1],
    [0x8b, 0x93, -1],
    [0x95, 0x9f, -1],
    [0xab, 0xbf, -1],
    [0xcb, 0xdf, -1],
    [0xe4, 0xeb, -1],
    [0xf0, 0xf7, -1],
    [0x100, 0x100, -1],
    [0x105, 0x10c, -2],
    [0x10d, 0x112, -1],
    [0x113, 0x113, -2],
  ]),
  firstMemory: 0x00,
  lastMemory: 0x0b,
  constant: 0x0c,
  shuffle: 0x0d,
  extractLane: 0x15,
  lastReplaceLane: 0x22,
  loadLane: 0x54,
  lastLane: 0x5b,
  lastLoad: 0x5d,
  relaxed: 0x100,
} as const;

export const ATOMIC = {
  fence: 0x03,
  /** The numbers below this one that are not given away. */
  firstLoad: 0x10,
  effects: table(0x4f, 0, [
    [0x00, 0x00, -1],
    [0x01, 0x02, -2],
    [0x17, 0x1d, -2],
    [0x1e, 0x47, -1],
    [0x48, 0x4e, -2],
  ]),
} as const;

/** By the number behind the prefix of GC. What is made of values on the stack counts as if it took none of them. */
export const GC = {
  immediates: [1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 0, 1, 2, 2, 2, 1, 1, 1, 1, 4, 4, 0, 0, 0, 0, 0],
  effects: [1, 1, 0, 0, 0, -2, -1, 0, 1, -1, -1, -1, -1, -1, -3, 0, -4, -5, -4, -4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
} as const;

function table(length: number, otherwise: number, ranges: readonly Range[]): readonly number[] {
  const values = new Array<number>(length).fill(otherwise);
  for (const [first, last, value] of ranges) values.fill(value, first, last + 1);
  return values;
}
