/** Small values as msgpack. The counterpart of msgpack-value.ts. */
import { isBytes, type MsgpackValue } from './msgpack-value.js';

const utf8 = new TextEncoder();

/** Members of maps that are undefined are left out. @throws RangeError when a `bigint` takes more than 64 bits */
export function encodeValue(value: MsgpackValue): Uint8Array {
  const parts: Uint8Array[] = [];
  write(parts, value);
  return joinBytes(parts);
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function write(parts: Uint8Array[], value: MsgpackValue): void {
  if (value === null || value === undefined) parts.push(Uint8Array.of(0xc0));
  else if (typeof value === 'boolean') parts.push(Uint8Array.of(value ? 0xc3 : 0xc2));
  else if (typeof value === 'number') parts.push(numberBytes(value));
  else if (typeof value === 'bigint') parts.push(bigintBytes(value));
  else if (typeof value === 'string') {
    const text = utf8.encode(value);
    parts.push(lengthBytes(text.length, { short: 0xa0, shortest: 32, types: [0xd9, 0xda, 0xdb] }), text);
  } else if (isBytes(value)) {
    parts.push(lengthBytes(value.length, { types: [0xc4, 0xc5, 0xc6] }), value);
  } else if (isArray(value)) {
    parts.push(lengthBytes(value.length, { short: 0x90, shortest: 16, types: [undefined, 0xdc, 0xdd] }));
    for (const element of value) write(parts, element);
  } else {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    parts.push(lengthBytes(members.length, { short: 0x80, shortest: 16, types: [undefined, 0xde, 0xdf] }));
    for (const [key, member] of members) {
      write(parts, key);
      write(parts, member);
    }
  }
}

function isArray(value: object): value is readonly MsgpackValue[] {
  return Array.isArray(value);
}

interface LengthTypes {
  /** Type byte that has lengths below `shortest` in it, if there is one. */
  readonly short?: number;
  readonly shortest?: number;
  /** Type bytes of lengths of 8, 16 and 32 bits. */
  readonly types: readonly [number | undefined, number, number];
}

function lengthBytes(length: number, { short = 0, shortest = 0, types: [of8, of16, of32] }: LengthTypes): Uint8Array {
  if (length < shortest) return Uint8Array.of(short | length);
  if (length < 0x100 && of8 !== undefined) return Uint8Array.of(of8, length);
  return length < 0x1_0000 ? typed(of16, 2, (view) => view.setUint16(1, length)) : uint32Bytes(of32, length);
}

function numberBytes(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return typed(0xcb, 8, (view) => view.setFloat64(1, value));
  if (value >= 0 && value < 0x80) return Uint8Array.of(value);
  if (value < 0 && value >= -32) return Uint8Array.of(value & 0xff);
  if (value >= 0 && value < 0x1_0000_0000) return uint32Bytes(0xce, value);
  if (value < 0 && value >= -0x8000_0000) return typed(0xd2, 4, (view) => view.setInt32(1, value));
  return bigintBytes(BigInt(value));
}

function bigintBytes(value: bigint): Uint8Array {
  if (value >= 0n && value < 2n ** 64n) return typed(0xcf, 8, (view) => view.setBigUint64(1, value));
  if (value < 0n && value >= -(2n ** 63n)) return typed(0xd3, 8, (view) => view.setBigInt64(1, value));
  throw new RangeError(`${value} takes more than 64 bits`);
}

function uint32Bytes(type: number, value: number): Uint8Array {
  return typed(type, 4, (view) => view.setUint32(1, value));
}

function typed(type: number, bytes: number, set: (view: DataView) => void): Uint8Array {
  const encoded = Uint8Array.of(type, ...new Uint8Array(bytes));
  set(new DataView(encoded.buffer));
  return encoded;
}
