/**
 * Module `write`: runs in the worker's shared memory, where the ring lies, and writes a batch in place (docs/batch-format.md).
 *
 * `begin` lays the batch out from what the module `read` measured, that module's `walk` then calls the functions for rows and
 * strings, and `end` says how many bytes it took. A batch is first tried as ASCII, which has no table of unit ends; the first
 * character beyond that gives up (NOT_ASCII) and the host begins it again with `ascii` 0.
 *
 * Calls are not trusted: what does not fit into the tables as they were laid out is refused (DISAGREES), never written.
 */
import { byteLength } from './frame-header';
import {
  attachmentsStart, frameStart, hasCounts, hasTimes, isAscii, kindsEnd, kindsStart, lay, consumedStart, countsStart, textEndsEnd,
  textEndsStart, textLimit, textStart, timesStart, unitEndsAway,
} from './layout';
import { SKIPPED } from './parse-return';
import { NO_TIME } from './times';
import { units } from './utf8';

// What the calls return.
const GO_ON: i32 = 0;
const NOT_ASCII: i32 = 1;
const NOT_UTF8: i32 = 2;
const DISAGREES: i32 = 3;

/** UTF-16 code units of all text so far, unless the batch is tried as ASCII. */
export let unitsSoFar: u32 = 0;
export { attachmentsStart };

let afterSkipped: bool = false;

// Where the next row and the next text end go.
let kind: usize = 0;
let consumed: usize = 0;
let counts: usize = 0;
let times: usize = 0;
/** Of the next row, unless it is skipped. */
let timeHere: i64 = 0;
let textEnd: usize = 0;
/** Where the string under way begins. */
let text: usize = 0;

// Of a string that comes in more than one call: how much of it is written, and all of that OR-ed together.
let part: usize = 0;
let partSeen: v128 = i64x2(0, 0);

/** Returns 0 when the batch does not fit into `slotBytes` bytes. */
export function begin(
  frame: usize, slotBytes: u32, prefix: u32, source: u32, ascii: u32, entries: u32, items: u32, strings: u32, textBytes: u32,
  attachments: u32, attachmentBytes: u32, offset: f64, bytes: u32, skippedBytes: u32, stringsPerEntry: u32, varying: u32,
  timed: u32,
): i32 {
  const fits = lay(
    frame, slotBytes, prefix, source, ascii != 0, entries, items, strings, textBytes, attachments, attachmentBytes, <u64>offset,
    bytes, skippedBytes, stringsPerEntry, varying != 0, timed != 0,
  );
  if (!fits) return 0;
  kind = kindsStart;
  consumed = consumedStart;
  counts = countsStart;
  times = timesStart;
  timeHere = NO_TIME;
  textEnd = textEndsStart;
  text = textStart;
  unitsSoFar = 0;
  part = 0;
  partSeen = i64x2(0, 0);
  afterSkipped = false;
  return 1;
}

/** Bytes of the whole batch, or 0 when its tables are not all full. */
export function end(): u32 {
  if (kind != kindsEnd || textEnd != textEndsEnd || text != textLimit) return 0;
  const bytes = <u32>(text - frameStart);
  byteLength(frameStart, bytes);
  return bytes;
}

/** Adds an entry, or widens the one before when both are skipped. */
export function row(kindHere: i32, used: u32): i32 {
  const isSkipped = kindHere == SKIPPED;
  if (isSkipped && afterSkipped) {
    store<u32>(consumed - 4, load<u32>(consumed - 4) + used);
    return GO_ON;
  }
  if (kind >= kindsEnd) return DISAGREES;
  afterSkipped = isSkipped;
  store<u8>(kind, <u8>kindHere);
  kind++;
  store<u32>(consumed, used);
  consumed += 4;
  if (hasCounts) {
    store<u32>(counts, <u32>(textEnd - textEndsStart) >> 2);
    counts += 4;
  }
  if (hasTimes) {
    store<i64>(times, isSkipped ? NO_TIME : timeHere);
    times += 8;
  }
  return GO_ON;
}

/** Sets the time of the row that is added next. */
export function time(value: i64): void {
  timeHere = value;
}

// @ts-ignore: decorator
@inline function fits(bytes: u32): bool {
  return <usize>bytes <= textLimit - text && textEnd < textEndsEnd;
}

/** Ends a string whose bytes are written. */
// @ts-ignore: decorator
@inline function finish(bytes: u32, rowKind: i32, used: u32, beyondAscii: bool): i32 {
  if (beyondAscii) {
    if (isAscii) return NOT_ASCII;
    const more = units(text, bytes);
    if (more < 0) return NOT_UTF8;
    unitsSoFar += more;
  } else {
    unitsSoFar += bytes;
  }
  text += bytes;
  store<u32>(textEnd, <u32>(text - textStart));
  if (!isAscii) store<u32>(textEnd + unitEndsAway, unitsSoFar);
  textEnd += 4;
  return rowKind == 0 ? GO_ON : row(rowKind, used);
}

export function upTo7(bytes: u32, rowKind: i32, used: u32, word: u64): i32 {
  if (!fits(bytes)) return DISAGREES;
  store<u64>(text, word);
  return finish(bytes, rowKind, used, (word & 0x8080808080808080) != 0);
}

export function upTo15(bytes: u32, rowKind: i32, used: u32, first: u64, last: u64): i32 {
  if (!fits(bytes)) return DISAGREES;
  store<u64>(text, first);
  store<u64>(text + bytes - 8, last);
  return finish(bytes, rowKind, used, ((first | last) & 0x8080808080808080) != 0);
}

export function upTo31(bytes: u32, rowKind: i32, used: u32, a: v128, z: v128): i32 {
  if (!fits(bytes)) return DISAGREES;
  v128.store(text, a);
  v128.store(text + bytes - 16, z);
  return finish(bytes, rowKind, used, i8x16.bitmask(v128.or(a, z)) != 0);
}

export function upTo63(bytes: u32, rowKind: i32, used: u32, a: v128, b: v128, y: v128, z: v128): i32 {
  if (!fits(bytes)) return DISAGREES;
  const end = text + bytes - 32;
  v128.store(text, a);
  v128.store(text, b, 16);
  v128.store(end, y);
  v128.store(end, z, 16);
  return finish(bytes, rowKind, used, i8x16.bitmask(v128.or(v128.or(a, b), v128.or(y, z))) != 0);
}

export function upTo96(
  bytes: u32, rowKind: i32, used: u32, a: v128, b: v128, c: v128, x: v128, y: v128, z: v128,
): i32 {
  if (!fits(bytes)) return DISAGREES;
  const end = text + bytes - 48;
  v128.store(text, a);
  v128.store(text, b, 16);
  v128.store(text, c, 32);
  v128.store(end, x);
  v128.store(end, y, 16);
  v128.store(end, z, 32);
  return finish(bytes, rowKind, used, i8x16.bitmask(all(a, b, c, x, y, z)) != 0);
}

/** The next 96 bytes of a string of `bytes` bytes, which `last96` ends. */
export function next96(bytes: u32, a: v128, b: v128, c: v128, x: v128, y: v128, z: v128): i32 {
  if (!fits(bytes) || part + 96 > <usize>bytes) return DISAGREES;
  store96(text + part, a, b, c, x, y, z);
  partSeen = v128.or(partSeen, all(a, b, c, x, y, z));
  part += 96;
  return GO_ON;
}

/** The last 96 bytes of a string of `bytes` bytes; some of them may be written already. */
export function last96(
  bytes: u32, rowKind: i32, used: u32, a: v128, b: v128, c: v128, x: v128, y: v128, z: v128,
): i32 {
  if (!fits(bytes) || bytes < 96) return DISAGREES;
  store96(text + bytes - 96, a, b, c, x, y, z);
  const seen = v128.or(partSeen, all(a, b, c, x, y, z));
  part = 0;
  partSeen = i64x2(0, 0);
  return finish(bytes, rowKind, used, i8x16.bitmask(seen) != 0);
}

// @ts-ignore: decorator
@inline function store96(at: usize, a: v128, b: v128, c: v128, x: v128, y: v128, z: v128): void {
  v128.store(at, a);
  v128.store(at, b, 16);
  v128.store(at, c, 32);
  v128.store(at, x, 48);
  v128.store(at, y, 64);
  v128.store(at, z, 80);
}

// @ts-ignore: decorator
@inline function all(a: v128, b: v128, c: v128, x: v128, y: v128, z: v128): v128 {
  return v128.or(v128.or(v128.or(a, b), v128.or(c, x)), v128.or(y, z));
}
