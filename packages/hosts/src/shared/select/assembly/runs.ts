/** Runs of entries: those that follow each other and are all marked, or all not. */

/** @returns the first entry behind `entry`, up to `end`, whose mark is another than its own */
export function endOfRun(bits: usize, entry: u32, end: u32): u32 {
  const isMarked = (load<u8>(bits + (entry >> 3)) >> <u8>(entry & 7)) & 1;
  // Bits that differ are 1.
  const flip: u64 = isMarked != 0 ? 0xffffffffffffffff : 0;
  let word = entry & ~63;
  let differing = (load<u64>(bits + (word >> 3)) ^ flip) & ((<u64>0xffffffffffffffff) << (entry & 63));
  while (differing == 0) {
    word += 64;
    if (word >= end) return end;
    differing = load<u64>(bits + (word >> 3)) ^ flip;
  }
  const found = word + <u32>ctz(differing);
  return found < end ? found : end;
}
