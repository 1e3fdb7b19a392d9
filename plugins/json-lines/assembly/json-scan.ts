/**
 * Finds where values of JSON end, and checks them by the grammar of RFC 8259: what `JSON.parse` refuses is refused here.
 *
 * There must be an LF behind the text, which is in no value: so a scan stops there without looking for the end. Each function returns
 * the address behind what it has read; 0: there is a fault, and `faultAt` and `fault` say which.
 */

export const LF: u8 = 10;
export const QUOTE: u8 = 34;
export const COMMA: u8 = 44;
export const COLON: u8 = 58;
export const OPEN_BRACE: u8 = 123;
export const CLOSE_BRACE: u8 = 125;
export const OPEN_BRACKET: u8 = 91;
const CLOSE_BRACKET: u8 = 93;
const BACKSLASH: u8 = 92;
const MINUS: u8 = 45;

export const enum Fault {
  Object,
  Value,
  Name,
  Colon,
  Comma,
  CommaInArray,
  Text,
  Escape,
  Digit,
  End,
}

export let fault: i32 = Fault.Object;
export let faultAt: usize = 0;
/** Whether the text that `stringEnd` read last has escapes. */
export let hasEscapes: bool = false;

/** For each container that is open around the value whether it is an object. */
let nesting: StaticArray<u8> = new StaticArray<u8>(256);

/** Remembers a fault; always 0. */
export function fail(at: usize, what: Fault): usize {
  fault = what;
  faultAt = at;
  return 0;
}

/** Behind spaces, tabs and CRs. */
// @ts-ignore: decorator
@inline
export function skipSpace(at: usize): usize {
  return load<u8>(at) > 32 ? at : behindSpace(at);
}

function behindSpace(at: usize): usize {
  while (true) {
    const byte = load<u8>(at);
    if (byte != 32 && byte != 9 && byte != 13) return at;
    at++;
  }
}

/** Where the quote that ends a text lies, which begins at `at`, behind its first quote. */
// @ts-ignore: decorator
@inline
export function stringEnd(at: usize): usize {
  const found = i8x16.bitmask(specials(v128.load(at)));
  const place = at + <usize>ctz(found | 0x10000);
  if (load<u8>(place) != QUOTE) return longStringEnd(place);
  hasEscapes = false;
  return place;
}

/** Quotes, backslashes and control characters. */
// @ts-ignore: decorator
@inline
function specials(text: v128): v128 {
  const ends = v128.or(i8x16.eq(text, i8x16.splat(QUOTE)), i8x16.eq(text, i8x16.splat(BACKSLASH)));
  return v128.or(ends, i8x16.lt_u(text, i8x16.splat(32)));
}

function longStringEnd(at: usize): usize {
  hasEscapes = false;
  while (true) {
    const found = i8x16.bitmask(specials(v128.load(at)));
    if (found == 0) {
      at += 16;
      continue;
    }
    at += <usize>ctz(found);
    const byte = load<u8>(at);
    if (byte == QUOTE) return at;
    if (byte != BACKSLASH) return fail(at, Fault.Text);
    hasEscapes = true;
    const length = escapeLength(at);
    if (length == 0) return fail(at, Fault.Escape);
    at += length;
  }
}

/** Bytes of the escape at `at`; 0: it is none. */
function escapeLength(at: usize): usize {
  switch (load<u8>(at, 1)) {
    case 34:
    case 92:
    case 47:
    case 98:
    case 102:
    case 110:
    case 114:
    case 116:
      return 2;
    case 117:
      for (let i: usize = 2; i < 6; i++) {
        if (!isHexDigit(load<u8>(at + i))) return 0;
      }
      return 6;
    default:
      return 0;
  }
}

function isHexDigit(byte: u32): bool {
  return byte - 48 < 10 || (byte | 32) - 97 < 6;
}

// @ts-ignore: decorator
@inline
function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 48 < 10;
}

// @ts-ignore: decorator
@inline
function behindDigits(at: usize): usize {
  while (isDigit(at)) at++;
  return at;
}

/** Behind the number that begins at `at`, with a digit or a minus. */
export function numberEnd(at: usize): usize {
  if (load<u8>(at) == MINUS) at++;
  if (load<u8>(at) == 48) at++;
  else if (isDigit(at)) at = behindDigits(at + 1);
  else return fail(at, Fault.Digit);
  if (load<u8>(at) == 46) {
    at++;
    if (!isDigit(at)) return fail(at, Fault.Digit);
    at = behindDigits(at);
  }
  if ((load<u8>(at) | 32) == 101) {
    at++;
    const sign = load<u8>(at);
    if (sign == 43 || sign == MINUS) at++;
    if (!isDigit(at)) return fail(at, Fault.Digit);
    at = behindDigits(at);
  }
  return at;
}

/** Behind the value that begins at `at`. */
export function valueEnd(at: usize): usize {
  const byte = load<u8>(at);
  return byte == OPEN_BRACE || byte == OPEN_BRACKET ? containerEnd(at) : scalarEnd(at);
}

/** Behind a value that is no array and no object. */
export function scalarEnd(at: usize): usize {
  const byte = load<u8>(at);
  if (byte == QUOTE) {
    const end = stringEnd(at + 1);
    return end == 0 ? 0 : end + 1;
  }
  if (byte - 48 < 10 || byte == MINUS) return numberEnd(at);
  const word = load<u32>(at);
  // `true`, `null`, and `alse` behind an `f`.
  if (word == 0x65757274 || word == 0x6c6c756e) return at + 4;
  if (byte == 102 && load<u32>(at, 1) == 0x65736c61) return at + 5;
  return fail(at, Fault.Value);
}

/** Behind the array or object that begins at `at`. It may be nested to any depth. */
function containerEnd(at: usize): usize {
  let depth: i32 = 0;
  while (true) {
    // A value begins here.
    const byte = load<u8>(at);
    if (byte == OPEN_BRACE || byte == OPEN_BRACKET) {
      const isObject = byte == OPEN_BRACE;
      if (depth == nesting.length) growNesting();
      unchecked((nesting[depth] = <u8>isObject));
      depth++;
      at = skipSpace(at + 1);
      if (load<u8>(at) != (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        if (isObject) {
          at = memberValue(at);
          if (at == 0) return 0;
        }
        continue;
      }
      at++;
      depth--;
    } else {
      at = scalarEnd(at);
      if (at == 0) return 0;
    }
    // A value ends here.
    while (true) {
      if (depth == 0) return at;
      at = skipSpace(at);
      const isObject = unchecked(nesting[depth - 1]) != 0;
      const next = load<u8>(at);
      if (next == COMMA) {
        at = skipSpace(at + 1);
        if (isObject) {
          at = memberValue(at);
          if (at == 0) return 0;
        }
        break;
      }
      if (next != (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) return fail(at, isObject ? Fault.Comma : Fault.CommaInArray);
      at++;
      depth--;
    }
  }
}

/** Where the value of the member begins whose name begins at `at`. */
function memberValue(at: usize): usize {
  if (load<u8>(at) != QUOTE) return fail(at, Fault.Name);
  const end = stringEnd(at + 1);
  if (end == 0) return 0;
  at = skipSpace(end + 1);
  if (load<u8>(at) != COLON) return fail(at, Fault.Colon);
  return skipSpace(at + 1);
}

/** Behind the member whose name begins at `at`, which has been read before. */
export function memberEnd(at: usize): usize {
  return valueEnd(memberValue(at));
}

function growNesting(): void {
  const grown = new StaticArray<u8>(nesting.length << 1);
  memory.copy(changetype<usize>(grown), changetype<usize>(nesting), nesting.length);
  nesting = grown;
}
