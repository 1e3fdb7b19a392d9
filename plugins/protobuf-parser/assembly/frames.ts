/** Finds where messages begin and end that have their lengths in front. */
import { mayBegin, misfit } from './fit';
import { Types } from './types';
import { readVarint, varint } from './wire';

export const enum Frame {
  /** A message lies from `start` up to `next`. */
  Message,
  /** No message begins before `next`. */
  Unknown,
  /** More input is needed to tell. */
  Incomplete,
}

/** How far it can be told what is at a place. */
const enum Fit {
  /** A message of a known type, with known fields alone. */
  Whole,
  /** Anything else. */
  None,
  /** That depends on bytes that are not there yet. */
  Open,
}

const MOST_LENGTH_BYTES: usize = 5;

export class Frames {
  /** Where the message begins, behind its length. */
  start: usize = 0;
  /** Behind what was read last. */
  next: usize = 0;

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
    if (fit == Fit.Whole) return Frame.Message;
    if (fit == Fit.Open) return Frame.Incomplete;
    // What it holds is damaged, or has fields that are not known, if a message begins behind it, or the input ends there.
    if (next != 0) {
      if (next == end && !isLast) return Frame.Incomplete;
      const behind = next == end ? Fit.Whole : this.fitAt(next, end, isLast);
      if (behind == Fit.Open) return Frame.Incomplete;
      if (behind == Fit.Whole) {
        const inside = this.chainIn(at + 1, next);
        return inside == 0 ? this.found(Frame.Message, start, next) : this.found(Frame.Unknown, at, inside);
      }
    }
    for (let place = at + 1; place < end; place++) {
      // Empty messages are everywhere, where zeros are.
      if (load<u8>(place) == 0) continue;
      const here = this.fitAt(place, end, isLast);
      if (here == Fit.None) continue;
      if (here == Fit.Open) return Frame.Incomplete;
      const behind = this.next;
      if (behind == end) return isLast ? this.found(Frame.Unknown, at, place) : Frame.Incomplete;
      const second = this.fitAt(behind, end, isLast);
      if (second == Fit.Open) return Frame.Incomplete;
      if (second == Fit.Whole) return this.found(Frame.Unknown, at, place);
    }
    return isLast ? this.found(Frame.Unknown, at, end) : Frame.Incomplete;
  }

  /**
   * Where several messages in a row begin that end at `end`: a length that is damaged may lead to the end of a later message. 0: there are
   * none. One alone may be a part of a message.
   */
  private chainIn(at: usize, end: usize): usize {
    for (; at < end; at++) {
      if (load<u8>(at) == 0) continue;
      let place = at;
      let count = 0;
      while (place < end && this.fitAt(place, end, true) == Fit.Whole) {
        place = this.next;
        count++;
      }
      if (place == end && count > 1) return at;
    }
    return 0;
  }

  private found(frame: Frame, start: usize, next: usize): Frame {
    this.start = start;
    this.next = next;
    return frame;
  }

  /** What is at a place. `next` is behind it then; 0: that is not known. */
  private fitAt(at: usize, end: usize, isLast: bool): Fit {
    this.next = 0;
    const start = readVarint(at, end);
    if (start == 0) return !isLast && end - at < MOST_LENGTH_BYTES ? Fit.Open : Fit.None;
    const length = varint;
    if (length > <u64>this.most) return Fit.None;
    this.start = start;
    if (length > <u64>(end - start)) return isLast || !mayBegin(start, end, length) ? Fit.None : Fit.Open;
    this.next = start + <usize>length;
    if (this.types.isOne) return misfit(this.types.best, start, this.next) == 0 ? Fit.Whole : Fit.None;
    this.types.look(start, this.next);
    return this.types.misfit == 0 ? Fit.Whole : Fit.None;
  }
}
