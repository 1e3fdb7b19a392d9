/** The inside of a string of JSON, as `JSON.stringify` writes it: sixteen bytes are looked at at once for what has to be escaped. */

/** What one byte becomes at most. */
export const JSON_GROWTH: u32 = 6;

const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;
/** `\u00` */
const UNICODE: u32 = 0x3030755c;

/** Writes the bytes from `from` up to `end`, and up to 15 more. @returns where they end */
export function jsonText(from: usize, end: usize, at: usize): usize {
  while (from < end) {
    const bytes = v128.load(from);
    v128.store(at, bytes);
    const left = end - from;
    let found = i8x16.bitmask(
      v128.or(
        i8x16.lt_u(bytes, i8x16.splat(0x20)),
        v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH))),
      ),
    );
    if (left < 16) found &= (1 << <i32>left) - 1;
    if (found == 0) {
      if (left <= 16) return at + left;
      from += 16;
      at += 16;
      continue;
    }
    const plain = <usize>ctz(found);
    at = escaped(load<u8>(from + plain), at + plain);
    from += plain + 1;
  }
  return at;
}

function escaped(byte: u8, at: usize): usize {
  let short: u32 = 0;
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
      short = byte;
      break;
    case 0x08:
      short = 0x62;
      break;
    case 0x09:
      short = 0x74;
      break;
    case 0x0a:
      short = 0x6e;
      break;
    case 0x0c:
      short = 0x66;
      break;
    case 0x0d:
      short = 0x72;
      break;
    default:
      store<u32>(at, UNICODE);
      store<u8>(at + 4, 0x30 + (byte >> 4));
      store<u8>(at + 5, hexDigit(byte & 15));
      return at + 6;
  }
  store<u16>(at, <u16>(BACKSLASH | (short << 8)));
  return at + 2;
}

// @ts-ignore: decorator
@inline function hexDigit(value: u8): u8 {
  return value < 10 ? 0x30 + value : 0x57 + value;
}
