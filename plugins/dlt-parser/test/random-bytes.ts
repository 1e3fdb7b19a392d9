// Numbers in both orders of bytes, and a source of random ones that gives the same for the same seed.

export function u16(value: number, bigEndian: boolean): Buffer {
  const data = Buffer.alloc(2);
  if (bigEndian) data.writeUInt16BE(value);
  else data.writeUInt16LE(value);
  return data;
}

export function u32(value: number, bigEndian: boolean): Buffer {
  const data = Buffer.alloc(4);
  if (bigEndian) data.writeUInt32BE(value >>> 0);
  else data.writeUInt32LE(value >>> 0);
  return data;
}

export function u64(value: bigint, bigEndian: boolean): Buffer {
  const data = Buffer.alloc(8);
  if (bigEndian) data.writeBigUInt64BE(value);
  else data.writeBigUInt64LE(value);
  return data;
}

export function u128(value: bigint, bigEndian: boolean): Buffer {
  const halves = [u64(value >> 64n, bigEndian), u64(value & 0xffff_ffff_ffff_ffffn, bigEndian)];
  return Buffer.concat(bigEndian ? halves : halves.reverse());
}

export function f32(value: number, bigEndian: boolean): Buffer {
  const data = Buffer.alloc(4);
  if (bigEndian) data.writeFloatBE(value);
  else data.writeFloatLE(value);
  return data;
}

export function f64(value: number, bigEndian: boolean): Buffer {
  const data = Buffer.alloc(8);
  if (bigEndian) data.writeDoubleBE(value);
  else data.writeDoubleLE(value);
  return data;
}

export function bytes(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

const TEXTS = [
  '',
  'plain text',
  'two\nlines',
  'a\r\nb\n\nc',
  'lone\rcr',
  'grüße 日本 😀',
  'tab\tand\x04\x05',
  'x'.repeat(100),
];
/** What is no text in UTF-8. */
const INVALID = [Buffer.from([0x6f, 0xff, 0xfe]), Buffer.from([0x61, 0xc3]), Buffer.from([0xfc, 0x0a, 0x62])];

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 up to 2^32. */
  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return (value ^ (value >>> 14)) >>> 0;
  }

  below(limit: number): number {
    return Math.floor((this.u32() / 4294967296) * limit);
  }

  chance(share: number): boolean {
    return this.u32() < share * 4294967296;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value;
  }

  list<Value>(least: number, most: number, make: () => Value): Value[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** A number of so many bytes, often a special one. */
  integer(length: number): bigint {
    const bits = BigInt(length * 8);
    const special = [0n, 1n, (1n << bits) - 1n, 1n << (bits - 1n), (1n << (bits - 1n)) - 1n, 100n];
    if (this.chance(0.3)) return this.pick(special) & ((1n << bits) - 1n);
    const value = BigInt(`0x${this.bytes(length).toString('hex')}`);
    return this.chance(0.3) ? value >> BigInt(this.below(length * 8)) : value;
  }

  f32(): number {
    const special = [
      0,
      -0,
      1,
      0.1,
      -42.5,
      3.4028234663852886e38,
      1e-45,
      1.17549435e-38,
      Infinity,
      -Infinity,
      NaN,
      16777216,
    ];
    return this.chance(0.3) ? Math.fround(this.pick(special)) : this.bytes(4).readFloatLE();
  }

  f64(): number {
    const special = [
      0,
      -0,
      1,
      0.1,
      -42.5,
      1.7976931348623157e308,
      5e-324,
      2.2250738585072014e-308,
      1e23,
      Infinity,
      -Infinity,
      NaN,
    ];
    return this.chance(0.3) ? this.pick(special) : this.bytes(8).readDoubleLE();
  }

  /** Bytes of a text argument, with or without a NUL at the end. */
  text(): Buffer {
    const text = this.chance(0.2)
      ? this.pick(INVALID)
      : this.chance(0.2)
        ? Buffer.from(
            this.list(0, 40, () => this.pick(['a', 'bc\n', 'ü', '日', '😀', 'x'.repeat(this.below(20))])).join(''),
          )
        : this.chance(0.3)
          ? Buffer.from(Array.from({ length: this.below(70) }, () => 32 + this.below(95)))
          : Buffer.from(this.pick(TEXTS));
    return Buffer.concat([text, Buffer.from(this.pick(['\0', '\0', '', '\0behind']))]);
  }
}
