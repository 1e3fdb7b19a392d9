/** Base64 of RFC 4648, with padding, by the language alone. */
import { encodedText } from './text-decoder.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const DIGITS = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const PADDING = 0x3d;

export function base64(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const bits = byteAt(bytes, i) * 0x1_0000 + byteAt(bytes, i + 1) * 0x100 + byteAt(bytes, i + 2);
    out[at++] = digit(bits >> 18);
    out[at++] = digit(bits >> 12);
    out[at++] = left > 1 ? digit(bits >> 6) : PADDING;
    out[at++] = left > 2 ? digit(bits) : PADDING;
  }
  return encodedText(out).ascii(0, out.length);
}

function byteAt(bytes: Uint8Array, index: number): number {
  return index < bytes.length ? (bytes[index] as number) : 0;
}

function digit(bits: number): number {
  return DIGITS[bits & 0x3f] as number;
}
