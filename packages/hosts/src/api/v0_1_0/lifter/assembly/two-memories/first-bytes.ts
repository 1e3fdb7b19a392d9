/** Fewer than sixteen bytes of the plugin's memory as one vector. */

/** The `bytes` bytes at `at`, fewer than 16, which lie in bounds, and zeros behind them. */
export function first(at: usize, bytes: usize): v128 {
  // What is behind them is read only where it is in the memory, and masked.
  const index = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  if (<u64>at + 16 <= (<u64>memory.size()) << 16)
    return v128.and(v128.load(at), i8x16.lt_u(index, i8x16.splat(<i8>bytes)));
  return atEnd(at, bytes);
}

/** The same where the memory ends behind them, byte by byte. */
function atEnd(at: usize, bytes: usize): v128 {
  let low: u64 = 0;
  let high: u64 = 0;
  for (let i: usize = 0; i < bytes; i++) {
    const byte = <u64>load<u8>(at + i);
    if (i < 8) low |= byte << (<u64>(i << 3));
    else high |= byte << (<u64>((i - 8) << 3));
  }
  return i64x2.replace_lane(i64x2.splat(low), 1, high);
}
