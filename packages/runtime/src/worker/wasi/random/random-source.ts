/** The randomness that a plugin sees: the machine's, or a generator that repeats from its seed. */
import { getRandomValues } from 'node:crypto';

export interface RandomSource {
  fill(bytes: Uint8Array): void;
  u64(): bigint;
}

/** What `getRandomValues` gives at a time. https://www.w3.org/TR/webcrypto/#Crypto-method-getRandomValues */
const MAX_FILL_BYTES = 65_536;

export function randomSource(seed: number | undefined): RandomSource {
  const fill = seed === undefined ? fillFromMachine : seededFill(seed);
  const word = new BigUint64Array(1);
  const wordBytes = new Uint8Array(word.buffer);
  return {
    fill,
    u64() {
      fill(wordBytes);
      return word[0] ?? 0n;
    },
  };
}

function fillFromMachine(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += MAX_FILL_BYTES)
    getRandomValues(bytes.subarray(at, at + MAX_FILL_BYTES) as Uint8Array<ArrayBuffer>);
}

/** mulberry32: one 32-bit word of state, a byte for each step. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function seededFill(seed: number): (bytes: Uint8Array) => void {
  let state = seed >>> 0;
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      bytes[i] = (mixed ^ (mixed >>> 14)) >>> 24;
    }
  };
}
