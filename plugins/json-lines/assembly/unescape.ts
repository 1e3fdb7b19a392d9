/** The text that a string of JSON stands for. */
import { writeCodePoint } from '@chipmunk-host/sdk/assembly';

const BACKSLASH: u8 = 92;
const REPLACEMENT: u32 = 0xfffd;
/** What is written may go beyond its end by so much. */
export const UNESCAPE_SLACK: usize = 16;

/**
 * Writes at `target` the text that lies from `at` up to `end` and whose escapes have been checked; returns where it ends. It is never longer
 * than what it is made of. Surrogates that have no partner become U+FFFD.
 */
export function writeUnescaped(target: usize, at: usize, end: usize): usize {
  while (true) {
    const text = v128.load(at);
    v128.store(target, text);
    const found = i8x16.bitmask(i8x16.eq(text, i8x16.splat(BACKSLASH)));
    const plain: usize = found == 0 ? 16 : <usize>ctz(found);
    at += plain;
    target += plain;
    if (at >= end) return target - (at - end);
    if (found == 0) continue;
    const letter = load<u8>(at, 1);
    if (letter != 117) {
      store<u8>(target, characterOf(letter));
      target++;
      at += 2;
      continue;
    }
    let code = hexadecimal(at + 2);
    at += 6;
    if ((code & 0xf800) == 0xd800) {
      const second = code < 0xdc00 && at + 6 <= end && load<u16>(at) == 0x755c ? hexadecimal(at + 2) : 0;
      if ((second & 0xfc00) == 0xdc00) {
        code = 0x10000 + (((code & 0x3ff) << 10) | (second & 0x3ff));
        at += 6;
      } else {
        code = REPLACEMENT;
      }
    }
    target = writeCodePoint(target, code);
  }
}

function characterOf(letter: u8): u8 {
  switch (letter) {
    case 98:
      return 8;
    case 102:
      return 12;
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    default:
      return letter;
  }
}

/** The number of four hexadecimal digits. */
function hexadecimal(at: usize): u32 {
  let code: u32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const digit = <u32>load<u8>(at + i);
    code = (code << 4) | ((digit & 15) + (digit >> 6) * 9);
  }
  return code;
}
