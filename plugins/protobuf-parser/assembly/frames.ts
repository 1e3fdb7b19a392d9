/** Finds where messages begin and end that have their lengths in front. */
import { mayBegin } from './fit';
import { Types } from './types';
import { MOST_VARINT_BYTES, readVarint, varint } from './wire';

export const enum Frame {
  /** A message lies from `start` up to `next`. */
  Message,
  /** No message begins before `next`. */
  Unknown,
  /** More input is needed to tell. */
  Incomplete,
}

/** What is at a place; how much it says for the place that a message is there. */
const enum Fit {
  /** No message. */
  None = 0,
  /** That depends on bytes that are not there yet. */
  Open = 1,
  /** Fields, of which half are known by their bytes, or more. */
  Fair = 2,
  /** Known fields alone, each once if it is not repeated. */
  Whole = 3,
}

/** So much says that messages are in a row: two with known fields alone, or three with others. */
const ENOUGH: i32 = 6;
/** The same behind what has its length in front, where the input may also end. */
const ENOUGH_BEHIND: i32 = 5;

export class Frames {
  /** Where the message begins, behind its length. */
  start: usize = 0;
  /** Behind what was read last. */
  next: usize = 0;
  /** Whether there was a message with known fields alone. */
  private hasWhole: bool = false;

  constructor(
    private readonly types: Types,
    /** A longer message is none. */
    private readonly most: usize,
  ) {}

  /** Tells what begins at `at`; `isLast`: there is no input behind `end`. */
  read(at: usize, end: usize, isLast: bool): Frame {
    const fit = this.fitAt(at, end, isLast);
    const next = this.next;
    const start = this.start;
    if (fit == Fit.Open) return Frame.Incomplete;
    if (fit == Fit.Whole) {
      if (next != start) this.hasWhole = true;
      return Frame.Message;
    }
    const isNothing = next != 0 && this.types.misfit == next - start;
    // What it holds is damaged, or has fields that are not known, if messages begin behind it.
    if (next != 0) {
      const behind = this.rowAt(next, end, isLast, fit == Fit.Fair || !this.hasWhole, ENOUGH_BEHIND);
      if (behind == Fit.Open) return Frame.Incomplete;
      if (behind == Fit.Whole) {
        const inside = this.pairIn(at + 1, next, end, isLast, isNothing);
        if (inside == Fit.Open) return Frame.Incomplete;
        if (inside == Fit.None) return this.found(Frame.Message, start, next);
      }
    }
    for (let place = at + 1; place < end; place++) {
      // Empty messages are everywhere, where zeros are.
      if (load<u8>(place) == 0) continue;
      const here = this.rowAt(place, end, isLast, !this.hasWhole, ENOUGH);
      if (here == Fit.Open) return Frame.Incomplete;
      if (here == Fit.Whole) return this.found(Frame.Unknown, at, place);
    }
    return isLast ? this.found(Frame.Unknown, at, end) : Frame.Incomplete;
  }

  private found(frame: Frame, start: usize, next: usize): Frame {
    this.start = start;
    this.next = next;
    return frame;
  }

  /**
   * Whether messages in a row begin at a place: `Whole`, `None` or `Open`.
   * @param mayBeFair whether messages count that have fields which are not known
   * @param needed how much they have to say
   */
  private rowAt(place: usize, end: usize, isLast: bool, mayBeFair: bool, needed: i32): Fit {
    let found: i32 = 0;
    while (found < needed) {
      while (place < end && load<u8>(place) == 0) place++;
      if (place == end) return !isLast ? Fit.Open : found > Fit.Fair || needed < ENOUGH ? Fit.Whole : Fit.None;
      const fit = this.fitAt(place, end, isLast);
      if (fit <= Fit.Open || (fit == Fit.Fair && !mayBeFair)) return fit == Fit.Open ? Fit.Open : Fit.None;
      found += fit;
      place = this.next;
    }
    return Fit.Whole;
  }

  /**
   * Whether two messages in a row begin between two places, `Whole`, `None` or `Open`: a length that is damaged may lead to the end of a later
   * message, or to a part of one that looks like a message.
   * @param isNothing whether nothing is known of what lies between them
   */
  private pairIn(at: usize, next: usize, end: usize, isLast: bool, isNothing: bool): Fit {
    for (; at < next; at++) {
      if (load<u8>(at) == 0) continue;
      const first = this.fitAt(at, end, isLast);
      if (first == Fit.Open) return Fit.Open;
      const second = this.next;
      // One that ends where the others begin may be a part of the message, if anything else of it is known.
      if (first != Fit.Whole || (second == next && !isNothing)) continue;
      const fit = this.rowAt(second, end, isLast, false, Fit.Whole);
      if (fit != Fit.None) return fit;
    }
    return Fit.None;
  }

  /** What is at a place. `next` is behind it then; 0: that is not known. */
  private fitAt(at: usize, end: usize, isLast: bool): Fit {
    this.next = 0;
    const start = readVarint(at, end);
    if (start == 0) return !isLast && end - at < MOST_VARINT_BYTES ? Fit.Open : Fit.None;
    const length = varint;
    if (length > <u64>this.most) return Fit.None;
    this.start = start;
    if (length > <u64>(end - start)) return isLast || !mayBegin(start, end, length) ? Fit.None : Fit.Open;
    this.next = start + <usize>length;
    const types = this.types;
    types.look(start, this.next);
    if (types.misfit == 0 && !types.isTwice) return Fit.Whole;
    return !types.isBroken && types.misfit << 1 <= <usize>length ? Fit.Fair : Fit.None;
  }
}
