/** A fast search for four bytes. */

/** Where the first four bytes that are `pattern`, read as a little-endian number, begin from `at` on; `end` where there are none. */
export function findPattern(at: usize, end: usize, pattern: u32): usize {
  const first = i8x16.splat(<i8>pattern);
  const second = i8x16.splat(<i8>(pattern >> 8));
  // A look at sixteen places reads seventeen bytes.
  for (; at + 20 <= end; at += 16) {
    let found = i8x16.bitmask(v128.and(i8x16.eq(v128.load(at), first), i8x16.eq(v128.load(at, 1), second)));
    while (found != 0) {
      const place = at + <usize>ctz(found);
      if (load<u32>(place) == pattern) return place;
      found &= found - 1;
    }
  }
  for (; at + 4 <= end; at++) {
    if (load<u32>(at) == pattern) return at;
  }
  return end;
}
