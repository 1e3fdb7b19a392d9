/**
 * The two columns that the string parser makes of each line, its length and its text, joined into one line, as plugins made with
 * Chipmunk's own crate have them. Only for input that is ASCII and ends with LF.
 */
import { Column, Input, Items, Parser, RenderOptions, Version } from '@chipmunk-host/sdk/assembly';

const LF: u8 = 10;
const SEPARATOR: u8 = 4;
/** Digits of the largest 32-bit number. */
const MOST_DIGITS: usize = 10;

class JoinedColumns extends Parser {
  version(): Version {
    return new Version(0, 1, 0);
  }

  renderOptions(): RenderOptions | null {
    return new RenderOptions([new Column('Length', 'Length of the message in bytes', 60), new Column('Message', 'The line')]);
  }

  parse(input: Input, out: Items): void {
    let line = input.start;
    let at = line;
    const end = input.end;
    for (; at + 16 <= end; at += 16) {
      let breaks = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(LF)));
      while (breaks != 0) {
        const next = at + ctz(breaks) + 1;
        put(out, line, next - 1 - line);
        line = next;
        breaks &= breaks - 1;
      }
      if (out.full) return;
    }
    for (; at < end; at++) {
      if (load<u8>(at) != LF) continue;
      put(out, line, at - line);
      line = at + 1;
    }
  }
}

// @ts-ignore: decorator
@inline
function put(out: Items, line: usize, length: usize): void {
  const text = out.reserve(MOST_DIGITS + 1 + length) + MOST_DIGITS + 1;
  if (length < 16) {
    for (let i: usize = 0; i < length; i++) store<u8>(text + i, load<u8>(line + i));
  } else {
    // The last vector may overlap the one before it.
    const last = length - 16;
    for (let done: usize = 0; done < last; done += 16) v128.store(text + done, v128.load(line + done));
    v128.store(text + last, v128.load(line + last));
  }
  store<u8>(text - 1, SEPARATOR);
  let first = text - 1;
  let digits = <u32>length;
  do {
    first--;
    store<u8>(first, 48 + (digits % 10));
    digits /= 10;
  } while (digits != 0);
  out.line(first, text + length - first, <u64>length + 1);
}

export function create(): Parser {
  return new JoinedColumns();
}
