/**
 * Any value of msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md), for the small maps of a batch whose members are not
 * fixed. A library would be larger than all of this package. Sizes are checked before anything is made of them.
 */
import { formatError } from './batch-error.js';
import { encodedText } from './text-decoder.js';

/** Whole numbers that a double cannot hold are `bigint`. */
export type MsgpackValue =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly MsgpackValue[]
  | MsgpackMap;

export interface MsgpackMap {
  readonly [key: string]: MsgpackValue;
}

export function isMap(value: MsgpackValue): value is MsgpackMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isBytes(value);
}

/** Whether it is a `Uint8Array`, of any realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** Arrays and maps in one another. */
const MOST_LEVELS = 16;

/** The value that is all of `bytes`. @throws BatchError `ERR_BATCH_FORMAT` */
export function decodeValue(bytes: Uint8Array): MsgpackValue {
  const [value, ...rest] = decodeValues(bytes);
  if (rest.length > 0) throw formatError('bytes follow a value that should be the last');
  return value;
}

/** All values in `bytes`, which has at least one. @throws BatchError `ERR_BATCH_FORMAT` */
export function decodeValues(bytes: Uint8Array): MsgpackValue[] {
  const reader = new ValueReader(bytes);
  const values: MsgpackValue[] = [];
  do values.push(reader.value(0));
  while (reader.position < bytes.length);
  return values;
}

class ValueReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  value(level: number): MsgpackValue {
    const type = this.#uint(1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 0x0f, level);
    if (type < 0xa0) return this.#array(type & 0x0f, level);
    if (type < 0xc0) return this.#string(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#bytes.slice(...this.#range(this.#uint(1 << (type - 0xc4))));
      case 0xca:
        return this.#view.getFloat32(this.#range(4)[0]);
      case 0xcb:
        return this.#view.getFloat64(this.#range(8)[0]);
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#uint(1 << (type - 0xcc));
      case 0xcf:
        return plain(this.#view.getBigUint64(this.#range(8)[0]));
      case 0xd0:
        return this.#view.getInt8(this.#range(1)[0]);
      case 0xd1:
        return this.#view.getInt16(this.#range(2)[0]);
      case 0xd2:
        return this.#view.getInt32(this.#range(4)[0]);
      case 0xd3:
        return plain(this.#view.getBigInt64(this.#range(8)[0]));
      case 0xd4:
        return this.#undefined();
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#string(this.#uint(1 << (type - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(type === 0xdc ? 2 : 4), level);
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(type === 0xde ? 2 : 4), level);
      default:
        throw formatError(`type byte ${type} stands where a value is due`);
    }
  }

  #uint(bytes: number): number {
    const [at] = this.#range(bytes);
    if (bytes === 1) return this.#view.getUint8(at);
    return bytes === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #string(length: number): string {
    return encodedText(this.#bytes).utf8(...this.#range(length));
  }

  #array(length: number, level: number): MsgpackValue[] {
    this.#requireRoom(length, level);
    return Array.from({ length }, () => this.value(level + 1));
  }

  #map(length: number, level: number): MsgpackMap {
    this.#requireRoom(length * 2, level);
    const members = Array.from({ length }, () => [this.#key(level), this.value(level + 1)] as const);
    return Object.fromEntries(members);
  }

  #key(level: number): string {
    const key = this.value(level + 1);
    if (typeof key !== 'string') throw formatError('the key of a map is no string');
    return key;
  }

  /** Records of version 1 may have members of extension type 0, in one byte that is 0: they are undefined. */
  #undefined(): undefined {
    const [at] = this.#range(2);
    if (this.#view.getUint16(at) !== 0) throw formatError('an extension stands where a value is due');
    return undefined;
  }

  /** Each value takes at least one byte. */
  #requireRoom(values: number, level: number): void {
    if (values > this.#bytes.length - this.position) throw formatError('a value is cut off');
    if (level >= MOST_LEVELS) throw formatError(`values are in one another more than ${MOST_LEVELS} deep`);
  }

  #range(bytes: number): [start: number, end: number] {
    const start = this.position;
    if (bytes > this.#bytes.length - start) throw formatError('a value is cut off');
    this.position = start + bytes;
    return [start, this.position];
  }
}

function plain(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
