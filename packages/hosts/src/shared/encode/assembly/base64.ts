/** Base64 of RFC 4648, twelve bytes at a time. */

const PADDING: u8 = 0x3d;

// @ts-ignore: decorator
@inline function characters(values: v128): v128 {
  // What is to be added to a value, by the range that it is in: a-z, 0-9, +, /, A-Z.
  const away = i8x16(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
  const range = v128.or(
    i8x16.sub_sat_u(values, i8x16.splat(51)),
    v128.and(i8x16.lt_u(values, i8x16.splat(26)), i8x16.splat(13)),
  );
  return i8x16.add(i8x16.swizzle(away, range), values);
}

// @ts-ignore: decorator
@inline function sixteen(bytes: v128): v128 {
  const threes = i8x16.swizzle(bytes, i8x16(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1));
  return characters(
    v128.or(
      v128.or(
        v128.and(i32x4.shr_u(threes, 18), i32x4.splat(0x3f)),
        v128.and(i32x4.shr_u(threes, 4), i32x4.splat(0x3f00)),
      ),
      v128.or(
        v128.and(i32x4.shl(threes, 10), i32x4.splat(0x3f0000)),
        v128.and(i32x4.shl(threes, 24), i32x4.splat(0x3f000000)),
      ),
    ),
  );
}

/** Writes the bytes from `from` up to `end`, padded, and up to 15 more; reads up to 15 more. @returns where they end */
export function base64(from: usize, end: usize, at: usize): usize {
  while (end - from >= 12) {
    v128.store(at, sixteen(v128.load(from)));
    from += 12;
    at += 16;
  }
  const left = <i32>(end - from);
  if (left == 0) return at;
  const index = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const bytes = v128.and(v128.load(from), i8x16.lt_u(index, i8x16.splat(<i8>left)));
  v128.store(at, sixteen(bytes));
  at += ((left + 2) / 3) << 2;
  const over = left % 3;
  if (over != 0) store<u8>(at - 1, PADDING);
  if (over == 1) store<u8>(at - 2, PADDING);
  return at;
}
