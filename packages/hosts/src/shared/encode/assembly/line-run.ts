/**
 * Rows that are lines, one behind another, which are most rows of most parsers: what the plan makes of a line is known beforehand (the frame,
 * encoding-program.ts), so nothing is asked for each row but whether it is one, and whether it fits.
 */
import { mustQuote, quotedText } from './csv-text';
import { digits, eight, ZEROS } from './digits';
import { jsonText } from './json-text';
import { copied } from './plain-text';
import { CSV, DELIMITER, FIXED, FRAME, GROWTH, JSON_TEXT, PER_STRING, plan } from './plan';
import { countLines, isPlainRun, lineAt, offset, rows, runEnd, textFrom, textTo, usedBytesOf } from './rows';

// A frame: literals with their bytes, and the numbers and the text between them.
const LITERAL_0: usize = 0;
const NUMBER_1: usize = 8;
const LITERAL_1: usize = 12;
const NUMBER_2: usize = 20;
const LITERAL_2: usize = 24;
const MODE: usize = 32;
const LITERAL_3: usize = 36;

// The numbers of a frame; 0 for none, 2 for the length.
const OFFSET: u32 = 1;

const QUOTE: u8 = 0x22;
const EIGHT_DIGITS: u64 = 100_000_000;
/** Numbers below have two times eight digits at most. */
const SIXTEEN_DIGITS: u64 = EIGHT_DIGITS * EIGHT_DIGITS;

// The digits of a position above its last eight change seldom: those of the last one.
let highBase: u64 = 0;
let highDigits: u64 = 0;
let highBytes: usize = 0;

/** Writes lines from the next row on, up to the first one that is none, that does not fit, or that is damaged. @returns where they end */
export function lines(start: usize, end: usize): usize {
  const frame = plan + load<u32>(plan + FRAME);
  if (frame == plan || !isPlainRun()) return start;
  const fixed = <u64>load<u32>(plan + FIXED) + load<u32>(plan + PER_STRING);
  const growth = <u64>load<u32>(plan + GROWTH);
  const number1 = load<u32>(frame + NUMBER_1);
  const number2 = load<u32>(frame + NUMBER_2);
  const mode = load<u32>(frame + MODE);
  const delimiter = load<u8>(plan + DELIMITER);
  let at = start;
  let row = rows;
  let position = offset;
  const stop = runEnd();
  while (row < stop && lineAt(row)) {
    if (fixed + growth * <u64>(textTo - textFrom) > <u64>(end - at)) break;
    const used = usedBytesOf(row);
    at = literal(frame + LITERAL_0, at);
    if (number1 != 0) {
      at = number1 == OFFSET ? positionDigits(position, at) : digits(used, at);
      at = literal(frame + LITERAL_1, at);
    }
    if (number2 != 0) {
      at = number2 == OFFSET ? positionDigits(position, at) : digits(used, at);
      at = literal(frame + LITERAL_2, at);
    }
    if (mode == JSON_TEXT) {
      store<u8>(at, QUOTE);
      at = jsonText(textFrom, textTo, at + 1);
      store<u8>(at, QUOTE);
      at++;
    } else if (mode == CSV && mustQuote(textFrom, textTo, delimiter)) {
      store<u8>(at, QUOTE);
      at = quotedText(textFrom, textTo, at + 1);
      store<u8>(at, QUOTE);
      at++;
    } else {
      at = copied(textFrom, textTo, at);
    }
    at = literal(frame + LITERAL_3, at);
    position += used;
    row++;
  }
  countLines(row, position);
  return at;
}

// @ts-ignore: decorator
@inline function literal(entry: usize, at: usize): usize {
  const from = plan + load<u32>(entry);
  return copied(from, from + load<u32>(entry, 4), at);
}

/** As `digits`, without a division for most positions. */
// @ts-ignore: decorator
@inline function positionDigits(position: u64, at: usize): usize {
  if (position < EIGHT_DIGITS || position >= SIXTEEN_DIGITS) return digits(position, at);
  if (position - highBase >= EIGHT_DIGITS) findHigh(position);
  store<u64>(at, highDigits);
  store<u64>(at + highBytes, eight(<u32>(position - highBase)) + ZEROS);
  return at + highBytes + 8;
}

function findHigh(position: u64): void {
  const high = position / EIGHT_DIGITS;
  const all = eight(<u32>high);
  const leading = min<u64>(ctz(all) >> 3, 7);
  highBase = high * EIGHT_DIGITS;
  highDigits = (all + ZEROS) >> (leading << 3);
  highBytes = 8 - <usize>leading;
}
