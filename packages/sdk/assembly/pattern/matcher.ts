/**
 * Runs a program over a text. Marks are only made while another way is still to be tried: without one, what fails now is the end, so no place
 * is come to again.
 */
import { allocateBlock, blockSize, freeBlock, resizeBlock } from '../blocks';
import { BEYOND_STOPS, IS_WIDE, STOPS, step, upperBits } from './char-set';
import { OP_BYTES, Op } from './op';

/** Marks and ways that are still to be tried may take so much. */
const MOST_BYTES: usize = 0x4000000;
const SMALLEST_STACK: usize = 4096;
const ENTRY_BYTES: usize = 12;
/** Marks of sixteen places are looked at at once. */
const MARK_MARGIN: usize = 8;
/** For a place that there is none of. */
const NONE: usize = 0;

/** What is on the stack: what to do, where, and a number. */
const enum Way {
  /** Go on with an instruction at a place. */
  GoOn,
  /** A group has the place again that it had before. */
  Restore,
  /** A `Star` gives back one character more. */
  Shorter,
  /** A `LazyStar` takes one character more. */
  Longer,
}

export class Matcher {
  private stack: usize = 0;
  private stackEnd: usize = 0;
  private top: usize = 0;
  private marks: usize = 0;
  private marksSize: usize = 0;
  /** Bytes of marks of each row, in the text that is matched. */
  private rowBytes: usize = 0;
  private isMarking: bool = false;
  /** Whether the latest `run` ended at a place that was marked before. */
  private hasMet: bool = false;
  /** Whether there was no room to note what is still to be tried. */
  private isExhausted: bool = false;
  private text: usize = 0;
  private textEnd: usize = 0;

  constructor(
    private readonly code: usize,
    private readonly rows: i32,
    readonly spans: usize,
    private readonly spanBytes: usize,
  ) {}

  match(text: usize, end: usize): bool {
    const spans = this.spans;
    for (let done: usize = 0; done < this.spanBytes; done += 8) store<u64>(spans + done, 0);
    this.text = text;
    this.textEnd = end;
    this.isMarking = false;
    this.isExhausted = false;
    this.top = this.stack;
    if (((end - text) >> 3) * <usize>this.rows > MOST_BYTES) return false;
    let at = text;
    let op = this.code;
    while (true) {
      switch (load<i32>(op)) {
        case Op.Byte:
          if (at < end && load<u8>(at) == <u8>load<i32>(op, 4)) {
            at++;
            op += OP_BYTES;
            continue;
          }
          break;
        case Op.Set: {
          const next = at < end ? step(load<usize>(op, 4), at) : NONE;
          if (next != NONE) {
            at = next;
            op += OP_BYTES;
            continue;
          }
          break;
        }
        case Op.Span: {
          const next =
            load<i32>(op, 16) < 0 || this.top == this.stack ? this.span(op, at, end) : this.markedSpan(op, at, end);
          if (next != NONE) {
            at = next;
            op += OP_BYTES;
            continue;
          }
          break;
        }
        case Op.Save: {
          const slot = spans + load<usize>(op, 4);
          if (this.top != this.stack && !this.push(Way.Restore, slot, load<usize>(slot))) return false;
          store<usize>(slot, at);
          op += OP_BYTES;
          continue;
        }
        case Op.Branch: {
          const row = load<i32>(op, 16);
          if (row >= 0 && this.top != this.stack && !this.mark(row, at)) break;
          op = isIn(load<usize>(op, 12), at, end) ? load<usize>(op, 4) : load<usize>(op, 8);
          continue;
        }
        case Op.Jump:
          op = load<usize>(op, 4);
          continue;
        case Op.Choice:
          if (!this.mark(load<i32>(op, 16), at)) break;
          if (!this.push(Way.GoOn, load<usize>(op, 8), at)) return false;
          op = load<usize>(op, 4);
          continue;
        case Op.Rest:
          if (load<i32>(op, 8) != 0 && at == end) break;
          at = end;
          op += OP_BYTES;
          continue;
        case Op.Match:
          if (at == end) return true;
          break;
        case Op.Star: {
          const low = this.take(op, at, end);
          if (low == NONE) break;
          const high = this.run(op, low, end);
          if (high == NONE) break;
          at = this.shorten(op, high, low, end);
          if (at == NONE) break;
          op += OP_BYTES;
          continue;
        }
        case Op.LazyStar: {
          const low = this.take(op, at, end);
          if (low == NONE || !this.mark(load<i32>(op, 16), low)) break;
          at = isIn(load<usize>(op, 12), low, end) ? low : this.lengthen(op, low, end);
          if (at == NONE) break;
          if (!this.push(Way.Longer, op, at)) return false;
          op += OP_BYTES;
          continue;
        }
        case Op.Begin:
          if (at != text) break;
          op += OP_BYTES;
          continue;
        case Op.End:
          if (at != end) break;
          op += OP_BYTES;
          continue;
        case Op.WordBreak:
          if (!this.isWordBreak(at)) break;
          op += OP_BYTES;
          continue;
        default:
          if (this.isWordBreak(at)) break;
          op += OP_BYTES;
          continue;
      }
      // This way has failed: the latest one that was not tried is next.
      at = NONE;
      while (at == NONE) {
        if (this.top == this.stack || this.isExhausted) return false;
        this.top -= ENTRY_BYTES;
        const what = this.top;
        const where = load<usize>(what, 4);
        const value = load<usize>(what, 8);
        switch (load<i32>(what)) {
          case Way.Restore:
            store<usize>(where, value);
            break;
          case Way.GoOn:
            op = where;
            at = value;
            break;
          case Way.Longer:
            at = this.lengthen(where, value, end);
            if (at == NONE) break;
            if (!this.push(Way.Longer, where, at)) return false;
            op = where + OP_BYTES;
            break;
          default:
            // Two entries: where it may end now, and where at least.
            this.top -= ENTRY_BYTES;
            at = this.shorten(where, value, load<usize>(this.top, 8), end);
            op = where + OP_BYTES;
        }
      }
    }
  }

  /** Behind as many characters as there are; 0: they are too few. */
  // @ts-ignore: decorator
  @inline
  private span(op: usize, at: usize, end: usize): usize {
    const set = load<usize>(op, 4);
    const most = load<i32>(op, 12);
    if (load<i32>(set, IS_WIDE) != 0 && (most != i32.MAX_VALUE || load<i32>(op, 8) > 1 || load<i32>(set, IS_WIDE) == 2)) {
      return this.countedSpan(op, at, end);
    }
    const limit = most < <i32>(end - at) ? at + <usize>most : end;
    let next = at;
    while (true) {
      const stops = stopsAt(set, next);
      if (stops != 0) {
        next += <usize>ctz(stops);
        break;
      }
      next += 16;
      if (next >= limit) break;
    }
    if (next > limit) next = limit;
    return <i32>(next - at) < load<i32>(op, 8) ? NONE : next;
  }

  /** The same, one character after the other. */
  private countedSpan(op: usize, at: usize, end: usize): usize {
    const set = load<usize>(op, 4);
    const most = load<i32>(op, 12);
    let count: i32 = 0;
    while (at < end && count < most) {
      const next = step(set, at);
      if (next == NONE) break;
      at = next;
      count++;
    }
    return count < load<i32>(op, 8) ? NONE : at;
  }

  /** The same, each place once. */
  private markedSpan(op: usize, at: usize, end: usize): usize {
    const low = this.take(op, at, end);
    if (low == NONE) return NONE;
    const high = this.run(op, low, end);
    if (high == NONE) return NONE;
    // A place that was marked before leads to what has failed.
    return this.hasMet ? NONE : high;
  }

  /** Behind the least number of characters of a repetition; 0: they are not there. */
  // @ts-ignore: decorator
  @inline
  private take(op: usize, at: usize, end: usize): usize {
    for (let least = load<i32>(op, 8); least > 0; least--) {
      if (at >= end) return NONE;
      at = step(load<usize>(op, 4), at);
      if (at == NONE) return NONE;
    }
    return at;
  }

  /** Marks the places of a repetition from `low` on; returns the last one, or the first one that was marked before. 0: that is `low`. */
  private run(op: usize, low: usize, end: usize): usize {
    const set = load<usize>(op, 4);
    const row = load<i32>(op, 16);
    this.hasMet = false;
    if (!this.mark(row, low)) return NONE;
    if (load<i32>(set, IS_WIDE) == 2) {
      while (low < end) {
        const next = step(set, low);
        if (next == NONE) break;
        low = next;
        this.hasMet = !this.mark(row, low);
        if (this.hasMet) break;
      }
      return low;
    }
    // The place behind each character is marked, so the mark of a character is one place further.
    const marks = this.rowAt(row);
    while (low < end) {
      const place = low + 1 - this.text;
      const word = marks + (place >> 3);
      const shift = <u32>place & 7;
      const marked = (load<u32>(word) >> shift) & 0xffff;
      const stops = stopsAt(set, low) | 0x10000;
      const toMark: usize = marked == 0 ? 17 : <usize>ctz(marked) + 1;
      const length = min<usize>(min<usize>(ctz(stops), end - low), toMark);
      store<u32>(word, load<u32>(word) | (((1 << <u32>length) - 1) << shift));
      low += length;
      this.hasMet = length == toMark;
      if (length < 16 || this.hasMet) break;
    }
    return low;
  }

  /** The next shorter end of a repetition, from `at` down to `low`, behind which the pattern may go on; 0: there is none. */
  private shorten(op: usize, at: usize, low: usize, end: usize): usize {
    const first = load<usize>(op, 12);
    while (!isIn(first, at, end)) {
      if (at <= low) return NONE;
      at = before(at);
    }
    if (at > low) {
      const shorter = before(at);
      if (!this.push(Way.Shorter, op, low) || !this.push(Way.Shorter, op, shorter)) {
        this.isExhausted = true;
        return NONE;
      }
    }
    return at;
  }

  /** The next longer end of a repetition, behind `at`; 0: there is none. */
  private lengthen(op: usize, at: usize, end: usize): usize {
    const set = load<usize>(op, 4);
    const first = load<usize>(op, 12);
    const row = load<i32>(op, 16);
    do {
      at = at < end ? step(set, at) : NONE;
      if (at == NONE || !this.mark(row, at)) return NONE;
    } while (!isIn(first, at, end));
    return at;
  }

  private isWordBreak(at: usize): bool {
    const before = at > this.text && isWordByte(load<u8>(at - 1));
    const behind = at < this.textEnd && isWordByte(load<u8>(at));
    return before != behind;
  }

  /** Marks a place in a row; false: it was marked before. */
  // @ts-ignore: decorator
  @inline
  private mark(row: i32, at: usize): bool {
    const place = at - this.text;
    const byte = this.rowAt(row) + (place >> 3);
    const bit = 1 << (<u32>place & 7);
    const marks = <u32>load<u8>(byte);
    store<u8>(byte, marks | bit);
    return (marks & bit) == 0;
  }

  // @ts-ignore: decorator
  @inline
  private rowAt(row: i32): usize {
    if (!this.isMarking) this.beginMarks();
    return this.marks + <usize>row * this.rowBytes;
  }

  private beginMarks(): void {
    this.isMarking = true;
    this.rowBytes = ((this.textEnd - this.text) >> 3) + MARK_MARGIN;
    const bytes = this.rowBytes * <usize>this.rows;
    if (this.marksSize < bytes) {
      if (this.marks != 0) freeBlock(this.marks);
      this.marks = allocateBlock(bytes + (bytes >> 1));
      this.marksSize = blockSize(this.marks);
    }
    memory.fill(this.marks, 0, bytes);
  }

  // @ts-ignore: decorator
  @inline
  private push(what: Way, where: usize, value: usize): bool {
    if (this.top == this.stackEnd && !this.grow()) return false;
    store<i32>(this.top, what);
    store<usize>(this.top, where, 4);
    store<usize>(this.top, value, 8);
    this.top += ENTRY_BYTES;
    return true;
  }

  private grow(): bool {
    const used = this.top - this.stack;
    if (used >= MOST_BYTES) return false;
    const size = used == 0 ? SMALLEST_STACK : used << 1;
    this.stack = this.stack == 0 ? allocateBlock(size) : resizeBlock(this.stack, size);
    this.top = this.stack + used;
    this.stackEnd = this.stack + (blockSize(this.stack) / ENTRY_BYTES) * ENTRY_BYTES;
    return true;
  }
}

/** A bit for each of the sixteen bytes from `at` on that is not in the set. */
// @ts-ignore: decorator
@inline
function stopsAt(set: usize, at: usize): u32 {
  const text = v128.load(at);
  const lower = v128.swizzle(v128.load(set, STOPS), v128.and(text, i8x16.splat(15)));
  const upper = v128.swizzle(v128.load(upperBits), i8x16.shr_u(text, 4));
  const stops = i8x16.ne(v128.and(lower, upper), i8x16.splat(0));
  return <u32>i8x16.bitmask(stops) | (<u32>i8x16.bitmask(text) & load<u32>(set, BEYOND_STOPS));
}

// @ts-ignore: decorator
@inline
function isIn(first: usize, at: usize, end: usize): bool {
  return load<u8>(first + (at < end ? <usize>load<u8>(at) : 256)) != 0;
}

/** Where the character before `at` begins. */
// @ts-ignore: decorator
@inline
function before(at: usize): usize {
  do at--;
  while ((load<u8>(at) & 0xc0) == 0x80);
  return at;
}

function isWordByte(byte: u32): bool {
  return byte - 48 < 10 || (byte | 32) - 97 < 26 || byte == 95;
}
