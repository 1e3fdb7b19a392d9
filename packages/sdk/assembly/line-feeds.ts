/**
 * Finds where lines end. A search that stops at each line feed has the processor guess where the next one is, and it guesses wrong once a
 * line. This one goes over a block of text without looking at what it finds: it writes the addresses into a table.
 */

const LF: u8 = 10;
/** The text of a block stays in the processor's first cache until items are made of it. */
const BLOCK_BYTES: usize = 4096;
/** Bytes that are searched at once. */
const STEP: usize = 64;
const ENTRY_BYTES: usize = 4;
/** Where more line feeds are in one step than one, so many are written at once. */
const MANY: i32 = 8;
/** Below so many line feeds in a block, steps without any are passed over in the next one. */
const FEW: usize = 16;

/** A line feed for each byte of a block. Each step writes more entries than it has line feeds, which the next step overwrites. */
const table = memory.data((4096 + 64) * 4, 16);
/** Loaded and not written as a constant, which engines would make anew for each step. */
const lineFeed = memory.data<u8>([LF]);

/** The line feeds of one block of text. All instances share one table: `find` replaces what another one has found. */
export class LineFeeds {
  /** Whether all bytes of the block are ASCII. */
  ascii: bool = true;
  /** The addresses of the line feeds lie in four bytes each from here on. */
  readonly first: usize = table;
  /** Where the table ends. */
  last: usize = table;

  /** How many there are. */
  // @ts-ignore: decorator
  @inline
  get count(): i32 {
    return <i32>((this.last - this.first) / ENTRY_BYTES);
  }

  /** The address of line feed number `index` of the block, which is smaller than `count`. */
  // @ts-ignore: decorator
  @inline
  at(index: i32): usize {
    return load<usize>(this.first + <usize>index * ENTRY_BYTES);
  }

  /** Finds those of the block that begins at `at`: up to `end`, or of the next 4 KiB. Returns where the block ends. */
  find(at: usize, end: usize): usize {
    const blockEnd = min(at + BLOCK_BYTES, end);
    const isSparse = this.last - this.first < FEW * ENTRY_BYTES;
    const lf = v128.load8_splat(lineFeed);
    let entry = table;
    let all = i64x2.splat(0);
    // Only whole steps are loaded at once: the bytes after the block may not be the input's.
    for (; at + STEP <= blockEnd; at += STEP) {
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const c = v128.load(at, 32);
      const d = v128.load(at, 48);
      all = v128.or(all, v128.or(v128.or(a, b), v128.or(c, d)));
      const inA = i8x16.eq(a, lf);
      const inB = i8x16.eq(b, lf);
      const inC = i8x16.eq(c, lf);
      const inD = i8x16.eq(d, lf);
      if (isSparse && !v128.any_true(v128.or(v128.or(inA, inB), v128.or(inC, inD)))) continue;
      const low = <u64>i8x16.bitmask(inA) | ((<u64>i8x16.bitmask(inB)) << 16);
      const high = <u64>i8x16.bitmask(inC) | ((<u64>i8x16.bitmask(inD)) << 16);
      entry = this.put(entry, at, low | (high << 32));
    }
    let rest: u32 = 0;
    for (; at < blockEnd; at++) {
      const byte = <u32>load<u8>(at);
      rest |= byte;
      store<usize>(entry, at);
      entry += byte == LF ? ENTRY_BYTES : 0;
    }
    this.last = entry;
    this.ascii = (i8x16.bitmask(all) | (rest & 0x80)) == 0;
    return blockEnd;
  }

  /** Writes the address of each bit, and some beyond; returns where the next entry belongs. */
  // @ts-ignore: decorator
  @inline
  private put(entry: usize, at: usize, bits: u64): usize {
    const count = <i32>popcnt(bits);
    store<usize>(entry, at + <usize>ctz(bits));
    if (count > 1) {
      let rest = bits & (bits - 1);
      for (let i = 1; i < MANY; i++) {
        store<usize>(entry + <usize>i * ENTRY_BYTES, at + <usize>ctz(rest));
        rest &= rest - 1;
      }
      for (let i = MANY; i < count; i++) {
        store<usize>(entry + <usize>i * ENTRY_BYTES, at + <usize>ctz(rest));
        rest &= rest - 1;
      }
    }
    return entry + <usize>count * ENTRY_BYTES;
  }
}
