/** Chooses the format of an input by its first lines. */
import { isUtf8 } from '@chipmunk-host/sdk/assembly';
import { Format } from './format';

const LF: u8 = 10;
const CR: u8 = 13;
/** So many lines are looked at, in so many bytes, at most. */
const FIRST_LINES: i32 = 20;
const FIRST_BYTES: usize = 65536;

export class Guess {
  /** Lines that were looked at: not blank, and not indented. */
  lines: i32 = 0;
  /** How many of them each format matches. */
  readonly matched: i32[] = [];

  constructor(private readonly formats: Format[]) {
    for (let i = 0; i < formats.length; i++) this.matched.push(0);
  }

  /** Looks at the first lines; false: more input is needed. */
  look(start: usize, end: usize, isLast: bool): bool {
    const limit = start + min(end - start, FIRST_BYTES);
    let lines = 0;
    let line = start;
    for (let at = start; at < limit && lines < FIRST_LINES; at++) {
      if (load<u8>(at) != LF) continue;
      this.count(line, at);
      line = at + 1;
      lines++;
    }
    if (lines == FIRST_LINES || end - start >= FIRST_BYTES) return true;
    if (isLast && line < end) this.count(line, end);
    return isLast;
  }

  /** The format that matches most lines, if these are at least half; -1: there is none. */
  get best(): i32 {
    let best = -1;
    for (let i = 0; i < this.matched.length; i++) {
      if (this.matched[i] << 1 >= this.lines && this.matched[i] > (best < 0 ? 0 : this.matched[best])) best = i;
    }
    return best;
  }

  private count(line: usize, end: usize): void {
    if (end > line && load<u8>(end - 1) == CR) end--;
    if (end == line || load<u8>(line) == 32 || load<u8>(line) == 9) return;
    this.lines++;
    if (!isUtf8(line, end)) return;
    for (let i = 0; i < this.formats.length; i++) {
      if (this.formats[i].pattern.match(line, end)) this.matched[i]++;
    }
  }
}
