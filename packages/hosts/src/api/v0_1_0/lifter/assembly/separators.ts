/**
 * Where columns were joined into one line, in the plugin's memory: U+0004 stands between them. Sixteen bytes are looked at at once, and only as far as
 * separators count: what is behind the last one that does is the last column, whatever it holds.
 */

const SEPARATOR: u8 = 4;

/** Bytes that one look covers. */
export const LOOK_BYTES: u32 = 16;

/** How many of the first `most` separators the `bytes` bytes at `at`, which lie in bounds, hold. */
export function cuts(at: usize, bytes: u32, most: u32): u32 {
  let found: u32 = 0;
  for (let done: u32 = 0; done < bytes; done += LOOK_BYTES) {
    found += <u32>popcnt(look(at + done, bytes - done));
    if (found >= most) return most;
  }
  return found;
}

/** One bit for each separator among the first sixteen of the `bytes` bytes, at least one, at `at`. Reads in bounds only. */
// @ts-ignore: decorator
@inline export function look(at: usize, bytes: u32): i32 {
  if (bytes >= LOOK_BYTES) return separators(at);
  // Fewer are read together with those before them. Below address 16 there are none, but others behind them.
  if (at >= LOOK_BYTES) return separators(at + bytes - LOOK_BYTES) >> <i32>(LOOK_BYTES - bytes);
  return separators(at) & ((1 << bytes) - 1);
}

// @ts-ignore: decorator
@inline function separators(at: usize): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(SEPARATOR)));
}
