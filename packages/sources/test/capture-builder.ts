/** Builds frames and captures, byte by byte, in all the forms that captures have. */

export interface Endpoint {
  readonly address: readonly number[];
  readonly port: number;
}

export const A: Endpoint = { address: [10, 0, 0, 1], port: 40_001 };
export const B: Endpoint = { address: [10, 0, 0, 2], port: 3490 };
export const A6: Endpoint = { address: ip6(1), port: 40_001 };
export const B6: Endpoint = { address: ip6(2), port: 3490 };

function ip6(last: number): number[] {
  return [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
}

export function bytesOf(...parts: readonly (number | readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));
}

export function u16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

/** In the sum of one's complement, as IP, UDP and TCP have it. */
function checksum(...parts: readonly Uint8Array[]): number[] {
  const all = bytesOf(...parts);
  let sum = 0;
  for (let i = 0; i < all.length; i += 2) sum += ((all[i] ?? 0) << 8) | (all[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return u16(~sum & 0xffff);
}

export function udp(from: Endpoint, to: Endpoint, payload: Uint8Array): Uint8Array {
  const length = 8 + payload.length;
  const head = bytesOf(u16(from.port), u16(to.port), u16(length));
  const sum = checksum(pseudoHeader(from, to, 17, length), head, bytesOf(0, 0), payload);
  return bytesOf(head, sum[0] === 0 && sum[1] === 0 ? [0xff, 0xff] : sum, payload);
}

export interface TcpFields {
  readonly sequence: number;
  readonly acknowledged?: number;
  /** Of FIN 1, SYN 2, RST 4, PSH 8, ACK 16. Default: PSH and ACK. */
  readonly flags?: number;
  /** A multiple of 4 bytes. */
  readonly options?: Uint8Array;
}

export function tcp(from: Endpoint, to: Endpoint, payload: Uint8Array, fields: TcpFields): Uint8Array {
  const { sequence, acknowledged = 1, flags = 0x18, options = new Uint8Array(0) } = fields;
  const offset = (5 + options.length / 4) << 4;
  const head = bytesOf(u16(from.port), u16(to.port), u32(sequence), u32(acknowledged), offset, flags, u16(65_535));
  const padded = payload.length % 2 === 0 ? payload : bytesOf(payload, 0);
  const length = 20 + options.length + payload.length;
  const sum = checksum(pseudoHeader(from, to, 6, length), head, bytesOf(0, 0, 0, 0), options, padded);
  return bytesOf(head, sum, 0, 0, options, payload);
}

function pseudoHeader(from: Endpoint, to: Endpoint, protocol: number, length: number): Uint8Array {
  return bytesOf(from.address, to.address, u32(length), 0, 0, 0, protocol);
}

export interface IpFields {
  readonly id?: number;
  /** In bytes. */
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  /** Of IPv4: a multiple of 4 bytes. */
  readonly options?: Uint8Array;
  /** Of IPv6: pairs of a header's number and its bytes, whose first byte is filled in. */
  readonly extensions?: readonly (readonly [number, Uint8Array])[];
  /** Default: what it is. */
  readonly totalLength?: number;
}

export function ip(
  from: Endpoint,
  to: Endpoint,
  protocol: number,
  body: Uint8Array,
  fields: IpFields = {},
): Uint8Array {
  return from.address.length === 4 ? ipv4(from, to, protocol, body, fields) : ipv6(from, to, protocol, body, fields);
}

function ipv4(from: Endpoint, to: Endpoint, protocol: number, body: Uint8Array, fields: IpFields): Uint8Array {
  const { id = 1, fragmentOffset = 0, moreFragments = false, options = new Uint8Array(0) } = fields;
  const headerBytes = 20 + options.length;
  const head = (sum: readonly number[]) =>
    bytesOf(
      0x40 | (headerBytes / 4),
      0,
      u16(fields.totalLength ?? headerBytes + body.length),
      u16(id),
      u16((moreFragments ? 0x2000 : 0) | (fragmentOffset / 8)),
      64,
      protocol,
      sum,
      from.address,
      to.address,
      options,
    );
  return bytesOf(head(checksum(head([0, 0]))), body);
}

function ipv6(from: Endpoint, to: Endpoint, protocol: number, body: Uint8Array, fields: IpFields): Uint8Array {
  const { id = 1, fragmentOffset = 0, moreFragments = false } = fields;
  const isFragment = fragmentOffset > 0 || moreFragments;
  const headers: (readonly [number, Uint8Array])[] = [...(fields.extensions ?? [])];
  if (isFragment) headers.push([44, bytesOf(0, 0, u16(fragmentOffset | (moreFragments ? 1 : 0)), u32(id))]);
  const kinds = [...headers.map(([kind]) => kind), protocol];
  const chain = bytesOf(...headers.map(([, bytes], i) => bytesOf(kinds[i + 1] ?? 0, bytes.subarray(1))));
  const length = fields.totalLength ?? chain.length + body.length;
  return bytesOf(0x60, 0, 0, 0, u16(length), kinds[0] ?? 0, 64, from.address, to.address, chain, body);
}

/** What an IP packet is wrapped in. */
export type LinkForm =
  | 'ethernet'
  | 'vlan'
  | 'two-vlans'
  | 'cooked'
  | 'cooked-2'
  | 'raw'
  | 'null'
  | 'null-swapped'
  | 'loop';

export const LINK_TYPES: Readonly<Record<LinkForm, number>> = {
  ethernet: 1,
  vlan: 1,
  'two-vlans': 1,
  cooked: 113,
  'cooked-2': 276,
  raw: 101,
  null: 0,
  'null-swapped': 0,
  loop: 108,
};

/** @param family of a loopback interface, for IPv6 */
export function link(form: LinkForm, packet: Uint8Array, family = 30): Uint8Array {
  const isIpv6 = (packet[0] ?? 0) >> 4 === 6;
  const type = u16(isIpv6 ? 0x86dd : 0x0800);
  const macs = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
  const af = isIpv6 ? family : 2;
  switch (form) {
    case 'ethernet':
      return padded(bytesOf(macs, type, packet));
    case 'vlan':
      return padded(bytesOf(macs, u16(0x8100), u16(5), type, packet));
    case 'two-vlans':
      return padded(bytesOf(macs, u16(0x88a8), u16(7), u16(0x8100), u16(5), type, packet));
    case 'cooked':
      return bytesOf(u16(4), u16(1), u16(6), [2, 0, 0, 0, 0, 1], 0, 0, type, packet);
    case 'cooked-2':
      return bytesOf(type, 0, 0, u32(3), u16(1), 4, 6, [2, 0, 0, 0, 0, 1], 0, 0, packet);
    case 'raw':
      return packet;
    case 'null':
      return bytesOf(af, 0, 0, 0, packet);
    case 'null-swapped':
    case 'loop':
      return bytesOf(0, 0, 0, af, packet);
  }
}

/** Ethernet sends no less than 60 bytes. */
function padded(frame: Uint8Array): Uint8Array {
  return frame.length < 60 ? bytesOf(frame, new Uint8Array(60 - frame.length).fill(0xee)) : frame;
}

export interface Captured {
  readonly frame: Uint8Array;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** Default: all of the frame. */
  readonly wireLength?: number;
  readonly interfaceId?: number;
}

export interface PcapForm {
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
  readonly linkType?: number;
  readonly snapLength?: number;
}

export function pcap(packets: readonly Captured[], form: PcapForm = {}): Uint8Array {
  const { littleEndian = true, nanoseconds = false, linkType = 1, snapLength = 262_144 } = form;
  const word = (value: number) => (littleEndian ? u32(value).reverse() : u32(value));
  const half = (value: number) => (littleEndian ? u16(value).reverse() : u16(value));
  const head = [word(nanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4), half(2), half(4), word(0), word(0), word(snapLength)];
  return Buffer.concat([
    bytesOf(...head, word(linkType)),
    ...packets.map(({ frame, timeNs, wireLength = frame.length }) => {
      const fraction = Number(timeNs % 1_000_000_000n);
      return Buffer.concat([
        bytesOf(
          word(Number(timeNs / 1_000_000_000n)),
          word(nanoseconds ? fraction : Math.floor(fraction / 1000)),
          word(frame.length),
          word(wireLength),
        ),
        frame,
      ]);
    }),
  ]);
}

export interface InterfaceForm {
  readonly linkType?: number;
  readonly snapLength?: number;
  /** `if_tsresol`. */
  readonly resolution?: number;
  /** `if_tsoffset`, in seconds. */
  readonly offsetSeconds?: bigint;
}

/** Writes blocks of pcapng in one byte order. */
export class PcapngWriter {
  readonly #littleEndian: boolean;
  readonly #parts: Uint8Array[] = [];
  #interfaces: InterfaceForm[] = [];

  constructor(littleEndian = true) {
    this.#littleEndian = littleEndian;
  }

  section(): this {
    this.#interfaces = [];
    const unknownLength = new Uint8Array(8).fill(0xff);
    return this.block(0x0a0d_0d0a, bytesOf(this.#word(0x1a2b_3c4d), this.#half(1), this.#half(0), unknownLength));
  }

  interface(form: InterfaceForm = {}): this {
    this.#interfaces.push(form);
    const { linkType = 1, snapLength = 0, resolution, offsetSeconds } = form;
    const options = [
      this.option(2, new TextEncoder().encode('eth0')),
      ...(resolution === undefined ? [] : [this.option(9, bytesOf(resolution))]),
      ...(offsetSeconds === undefined ? [] : [this.option(14, this.#long(offsetSeconds))]),
    ];
    return this.block(
      1,
      bytesOf(this.#half(linkType), 0, 0, this.#word(snapLength), ...options, this.option(0, bytesOf())),
    );
  }

  enhanced({ frame, timeNs, wireLength = frame.length, interfaceId = 0 }: Captured): this {
    const { resolution = 6, offsetSeconds = 0n } = this.#interfaces[interfaceId] ?? {};
    const relative = timeNs - offsetSeconds * 1_000_000_000n;
    const unit = BigInt(resolution & 0x7f);
    const units = ((resolution & 0x80) === 0 ? relative * 10n ** unit : relative * 2n ** unit) / 1_000_000_000n;
    return this.block(
      6,
      bytesOf(
        this.#word(interfaceId),
        this.#word(Number(units >> 32n)),
        this.#word(Number(units & 0xffff_ffffn)),
        this.#word(frame.length),
        this.#word(wireLength),
        pad4(frame),
        this.option(1, new TextEncoder().encode('a comment')),
        this.option(0, bytesOf()),
      ),
    );
  }

  simple(frame: Uint8Array, wireLength = frame.length): this {
    return this.block(3, bytesOf(this.#word(wireLength), pad4(frame)));
  }

  statistics(interfaceId: number, dropped: bigint): this {
    const option = bytesOf(this.option(5, this.#long(dropped)), this.option(0, bytesOf()));
    return this.block(5, bytesOf(this.#word(interfaceId), new Uint8Array(8), option));
  }

  block(type: number, body: Uint8Array): this {
    const length = this.#word(12 + body.length);
    this.#parts.push(Buffer.concat([bytesOf(this.#word(type), length), body, bytesOf(length)]));
    return this;
  }

  option(code: number, value: Uint8Array): Uint8Array {
    return bytesOf(this.#half(code), this.#half(value.length), pad4(value));
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #word(value: number): number[] {
    return this.#littleEndian ? u32(value).reverse() : u32(value);
  }

  #half(value: number): number[] {
    return this.#littleEndian ? u16(value).reverse() : u16(value);
  }

  #long(value: bigint): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, value, this.#littleEndian);
    return bytes;
  }
}

function pad4(bytes: Uint8Array): Uint8Array {
  return bytesOf(bytes, new Uint8Array(-bytes.length & 3));
}
