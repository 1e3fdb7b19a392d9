/**
 * Module `read`, part two: hands measured records to the module `write`.
 *
 * A wasm function sees one memory, but it can call a function of another module that sees another one, and such a call costs
 * about as much as copying a hundred bytes. So text crosses in the arguments, up to 96 bytes a call, which is what V8 passes
 * in registers. Loads never reach past a string's end: where one does not fill the last sixteen bytes they overlap those before.
 */
import {
  ATTACHMENT, COLUMN_BYTES, COLUMNS, CONSUMED, JOINED_COLUMNS, LINE, MESSAGE_CASE, MESSAGE_LENGTH, MESSAGE_POINTER,
  RECORD_BYTES, SKIPPED, VALUE_OPTION, WITH_ATTACHMENT, YIELD_ATTACHMENT, YIELD_CASE,
} from './parse-return';
import { look, LOOK_BYTES } from './separators';
import { timeAt } from './times';

// Every call returns 0 to go on. `row`: 0, or the kind of the entry whose last string this is; `used`: what it consumed.
// @ts-ignore: decorator
@external('write', 'row') declare function row(kind: i32, used: u32): i32;
// @ts-ignore: decorator
@external('write', 'time') declare function time(value: i64): void;
// @ts-ignore: decorator
@external('write', 'upTo7') declare function upTo7(bytes: u32, row: i32, used: u32, text: u64): i32;
// @ts-ignore: decorator
@external('write', 'upTo15') declare function upTo15(bytes: u32, row: i32, used: u32, first: u64, last: u64): i32;
// @ts-ignore: decorator
@external('write', 'upTo31') declare function upTo31(bytes: u32, row: i32, used: u32, a: v128, z: v128): i32;
// @ts-ignore: decorator
@external('write', 'upTo63')
declare function upTo63(bytes: u32, row: i32, used: u32, a: v128, b: v128, y: v128, z: v128): i32;
// @ts-ignore: decorator
@external('write', 'upTo96')
declare function upTo96(bytes: u32, row: i32, used: u32, a: v128, b: v128, c: v128, x: v128, y: v128, z: v128): i32;
// @ts-ignore: decorator
@external('write', 'next96')
declare function next96(bytes: u32, a: v128, b: v128, c: v128, x: v128, y: v128, z: v128): i32;
// @ts-ignore: decorator
@external('write', 'last96')
declare function last96(bytes: u32, row: i32, used: u32, a: v128, b: v128, c: v128, x: v128, y: v128, z: v128): i32;

/** How many records the last `walk` handed over wholly. */
export let walked: u32 = 0;

/**
 * Hands over `count` records as `measure` counted them, with their times, which lie at `times`, unless that is 0; stops at what `write`
 * answers, if that is not 0, and returns it.
 */
export function walk(list: usize, count: u32, mostColumns: u32, times: usize): i32 {
  const end = list + <usize>count * RECORD_BYTES;
  let status = 0;
  let record = list;
  for (; record != end; record += RECORD_BYTES) {
    const used = <u32>load<u64>(record, CONSUMED);
    if (load<u8>(record, VALUE_OPTION) == 0) {
      if (used == 0) continue;
      status = row(SKIPPED, used);
    } else {
      if (times != 0) time(load<i64>(timeAt(record, list, times)));
      const yieldCase = load<u8>(record, YIELD_CASE);
      const attached: i32 = yieldCase == 0 ? 0 : <i32>WITH_ATTACHMENT;
      if (yieldCase == YIELD_ATTACHMENT) status = row(ATTACHMENT, used);
      else if (load<u8>(record, MESSAGE_CASE) == 0) {
        const text = load<u32>(record, MESSAGE_POINTER);
        const bytes = load<u32>(record, MESSAGE_LENGTH);
        if (mostColumns > 1) status = joined(text, bytes, mostColumns, attached, used);
        else status = string(text, bytes, LINE + attached, used);
      } else status = columns(load<u32>(record, MESSAGE_POINTER), load<u32>(record, MESSAGE_LENGTH), COLUMNS + attached, used);
    }
    if (status != 0) break;
  }
  walked = <u32>((record - list) / RECORD_BYTES);
  return status;
}

// @ts-ignore: decorator
@inline function columns(list: usize, count: u32, kind: i32, used: u32): i32 {
  if (count == 0) return row(kind, used);
  const last = list + <usize>(count - 1) * COLUMN_BYTES;
  for (let column = list; column != last; column += COLUMN_BYTES) {
    const status = string(load<u32>(column), load<u32>(column, 4), 0, used);
    if (status != 0) return status;
  }
  return string(load<u32>(last), load<u32>(last, 4), kind, used);
}

/** A line, as columns if it holds separators. */
function joined(at: usize, bytes: u32, mostColumns: u32, attached: i32, used: u32): i32 {
  let begin: u32 = 0;
  let separators = mostColumns - 1;
  for (let done: u32 = 0; done < bytes && separators != 0; done += LOOK_BYTES) {
    let found = look(at + done, bytes - done);
    while (found != 0) {
      const cut = done + <u32>ctz(found);
      const status = string(at + begin, cut - begin, 0, used);
      if (status != 0) return status;
      begin = cut + 1;
      if (--separators == 0) break;
      found &= found - 1;
    }
  }
  return string(at + begin, bytes - begin, (begin == 0 ? LINE : JOINED_COLUMNS) + attached, used);
}

function string(at: usize, bytes: u32, row: i32, used: u32): i32 {
  if (bytes >= 48) return bytes <= 96 ? medium(at, bytes, row, used) : long(at, bytes, row, used);
  const end = at + bytes;
  if (bytes < 8) return upTo7(bytes, row, used, short(at, bytes));
  if (bytes < 16) return upTo15(bytes, row, used, load<u64>(at), load<u64>(end - 8));
  if (bytes < 32) return upTo31(bytes, row, used, v128.load(at), v128.load(end - 16));
  return upTo63(
    bytes, row, used, v128.load(at), v128.load(at, 16), v128.load(end - 32), v128.load(end - 16),
  );
}

// @ts-ignore: decorator
@inline function medium(at: usize, bytes: u32, row: i32, used: u32): i32 {
  const end = at + bytes - 48;
  return upTo96(
    bytes, row, used, v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(end), v128.load(end, 16),
    v128.load(end, 32),
  );
}

// @ts-ignore: decorator
@inline function long(at: usize, bytes: u32, row: i32, used: u32): i32 {
  const last = at + bytes - 96;
  for (; at < last; at += 96) {
    const status = next96(
      bytes, v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48), v128.load(at, 64), v128.load(at, 80),
    );
    if (status != 0) return status;
  }
  return last96(
    bytes, row, used, v128.load(last), v128.load(last, 16), v128.load(last, 32), v128.load(last, 48), v128.load(last, 64),
    v128.load(last, 80),
  );
}

/** Fewer than eight bytes as one word. */
// @ts-ignore: decorator
@inline function short(at: usize, bytes: u32): u64 {
  if (bytes >= 4) return <u64>load<u32>(at) | (<u64>load<u32>(at + bytes - 4) << ((bytes - 4) << 3));
  if (bytes == 0) return 0;
  const middle = bytes >> 1;
  return (
    <u64>load<u8>(at) | (<u64>load<u8>(at + middle) << (middle << 3)) | (<u64>load<u8>(at + bytes - 1) << ((bytes - 1) << 3))
  );
}
