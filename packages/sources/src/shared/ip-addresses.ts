/** Addresses and networks of IPv4 and IPv6 as bytes and as text. */
import { isIPv4, isIPv6 } from 'node:net';

/** @param version 4 or 6 */
export function addressText(bytes: Uint8Array, at: number, version: number): string {
  if (version === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[at + 2 * i] as number) << 8) | (bytes[at + 2 * i + 1] as number)).toString(16),
  );
  const [from, to] = longestZeros(words);
  return to - from < 2 ? words.join(':') : `${words.slice(0, from).join(':')}::${words.slice(to).join(':')}`;
}

/** Address and port as they are written together. */
export function endpointText(bytes: Uint8Array, at: number, version: number, port: number): string {
  const address = addressText(bytes, at, version);
  return version === 4 ? `${address}:${port}` : `[${address}]:${port}`;
}

/** The bytes of an address in text, 4 or 16; undefined when it is none. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  // The last 4 bytes may be written as IPv4.
  const inWords = text.replace(/\d+\.\d+\.\d+\.\d+$/, (dotted) => {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = inWords.split('::');
  const before = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const words = [...before, ...Array<string>(8 - before.length - behind.length).fill('0'), ...behind];
  return Uint8Array.from(words.flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff]));
}

/** An address, or all that begin like it. */
export interface Network {
  /** 4 or 16. */
  readonly bytes: Uint8Array;
  /** How many of the bits count, from the first one on. */
  readonly bits: number;
}

/** An address, or one with the number of bits that count, such as `10.0.0.0/8`. undefined: it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length, ...more] = text.split('/');
  const bytes = addressBytes(address);
  if (bytes === undefined || more.length > 0) return undefined;
  if (length === undefined) return { bytes, bits: bytes.length * 8 };
  const bits = Number(length);
  return /^\d{1,3}$/.test(length) && bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

function longestZeros(words: readonly string[]): [from: number, to: number] {
  let best: [number, number] = [0, 0];
  for (let from = 0; from < words.length; from++) {
    let to = from;
    while (words[to] === '0') to++;
    if (to - from > best[1] - best[0]) best = [from, to];
  }
  return best;
}
