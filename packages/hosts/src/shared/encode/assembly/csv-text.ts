/** Fields of CSV (RFC 4180): quoted where they hold the delimiter, a quote, or an end of line. */
const QUOTE: u8 = 0x22;

/** What one byte becomes at most. */
export const CSV_GROWTH: u32 = 2;

/** Whether the bytes from `from` up to `end` have to be quoted. */
export function mustQuote(from: usize, end: usize, delimiter: u8): bool {
  while (from < end) {
    const bytes = v128.load(from);
    const left = end - from;
    let found = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(delimiter)), i8x16.eq(bytes, i8x16.splat(QUOTE))),
        v128.or(i8x16.eq(bytes, i8x16.splat(0x0a)), i8x16.eq(bytes, i8x16.splat(0x0d))),
      ),
    );
    if (left < 16) found &= (1 << (<i32>left)) - 1;
    if (found != 0) return true;
    from += 16;
  }
  return false;
}

/** Whether a spreadsheet may take a field with this first byte for a formula. */
export function beginsFormula(byte: u8): bool {
  return byte == 0x3d || byte == 0x2b || byte == 0x2d || byte == 0x40 || byte == 0x09 || byte == 0x0d;
}

/** Writes the bytes from `from` up to `end` with each quote twice, and up to 15 more. @returns where they end */
export function quotedText(from: usize, end: usize, at: usize): usize {
  while (from < end) {
    const bytes = v128.load(from);
    v128.store(at, bytes);
    const left = end - from;
    let found = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(QUOTE)));
    if (left < 16) found &= (1 << (<i32>left)) - 1;
    if (found == 0) {
      if (left <= 16) return at + left;
      from += 16;
      at += 16;
      continue;
    }
    const more = <usize>ctz(found) + 1;
    from += more;
    at += more;
    store<u8>(at, QUOTE);
    at++;
  }
  return at;
}
