/**
 * Copies text out of the plugin's memory. It is read in vectors of sixteen bytes; where the last one would reach past the end of the
 * text it overlaps those before it. Every function returns all bytes of the text OR-ed together: whether it is ASCII.
 */
import { put128 } from './cells';
import { first } from './first-bytes';

/** Written past the end of the text at most. */
export const SPILL: usize = 16;

/** Copies the `bytes` bytes at `from`, which lie in bounds, to `to`. */
export function copy(to: usize, from: usize, bytes: usize): v128 {
  if (bytes < 16) return upTo15(to, from, bytes);
  if (bytes <= 32) return ends16(to, from, bytes);
  if (bytes <= 64) return ends32(to, from, bytes);
  if (bytes <= 128) return ends64(to, from, bytes);
  return long(to, from, bytes);
}

/** Copies fewer than 16 bytes, and zeros behind them. */
function upTo15(to: usize, from: usize, bytes: usize): v128 {
  const seen = first(from, bytes);
  put128(to, seen);
  return seen;
}

/** The first 16 and the last 16, of 16 to 32. */
function ends16(to: usize, from: usize, bytes: usize): v128 {
  const last = bytes - 16;
  const a = v128.load(from);
  const z = v128.load(from + last);
  put128(to, a);
  put128(to + last, z);
  return v128.or(a, z);
}

/** The first 32 and the last 32, of 32 to 64. */
function ends32(to: usize, from: usize, bytes: usize): v128 {
  return v128.or(next32(to, from), next32(to + bytes - 32, from + bytes - 32));
}

/** The first 64 and the last 64, of 64 to 128. */
function ends64(to: usize, from: usize, bytes: usize): v128 {
  return v128.or(next64(to, from), next64(to + bytes - 64, from + bytes - 64));
}

/** More than 64. */
function long(to: usize, from: usize, bytes: usize): v128 {
  const last = from + bytes - 64;
  let seen = i64x2(0, 0);
  for (; from < last; from += 64) {
    seen = v128.or(seen, next64(to, from));
    to += 64;
  }
  return v128.or(seen, next64(to - (from - last), last));
}

function next32(to: usize, from: usize): v128 {
  const a = v128.load(from);
  const b = v128.load(from, 16);
  put128(to, a);
  put128(to + 16, b);
  return v128.or(a, b);
}

function next64(to: usize, from: usize): v128 {
  const a = v128.load(from);
  const b = v128.load(from, 16);
  const c = v128.load(from, 32);
  const d = v128.load(from, 48);
  put128(to, a);
  put128(to + 16, b);
  put128(to + 32, c);
  put128(to + 48, d);
  return v128.or(v128.or(a, b), v128.or(c, d));
}

/** From so many bytes on, calling the engine's own copy is faster. */
const BULK: usize = 512;

/** Copies any bytes, and writes none past their end. */
export function copyExactly(to: usize, from: usize, bytes: usize): void {
  // From 16 bytes on `copy` overlaps, and so is exact.
  if (bytes < 16 || bytes >= BULK) memory.copy(to, from, bytes);
  else copy(to, from, bytes);
}
