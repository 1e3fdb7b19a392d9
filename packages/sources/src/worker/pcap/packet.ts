/**
 * Finds the UDP or TCP of a frame: link layer, tags of VLANs, IPv4 with options or IPv6 with extension headers. All numbers are positions in
 * the bytes that were given; nothing is copied. Checksums are not checked: network cards fill them in behind where captures are made.
 */
import { isRawIp, Link } from './link-types.js';

/** What a frame turned out to be. */
export const Found = {
  udp: 0,
  tcp: 1,
  /** A part of an IP packet. `start` to `end` are its bytes behind the IP header. */
  fragment: 2,
  /** Another protocol; `otherProtocol` names it. */
  other: 3,
  /** Not enough of it was captured. */
  cut: 4,
  /** Its headers contradict each other. */
  malformed: 5,
} as const;
export type Found = (typeof Found)[keyof typeof Found];

export const UDP = 17;
export const TCP = 6;

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200]);
/** Address families of loopback interfaces: IPv4 everywhere; IPv6 of Linux, NetBSD and OpenBSD, FreeBSD, and macOS. */
const FAMILY_IPV4 = 2;
const FAMILIES_IPV6: ReadonlySet<number> = new Set([10, 24, 28, 30]);
/** Extension headers whose second byte is their length in units of 8 bytes, less one. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140]);
const FRAGMENT_HEADER = 44;
const AUTHENTICATION_HEADER = 51;

export const TcpFlag = { fin: 1, syn: 2, reset: 4, push: 8, ack: 16 } as const;

/** One object is used for all packets. */
export class Packet {
  bytes: Uint8Array = new Uint8Array(0);
  /** 4 or 6. */
  version = 4;
  /** Where the address of the sender lies; that of the receiver is behind it. */
  addresses = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** Where the two ports lie. */
  ports = 0;
  /** The payload, as far as it was captured. */
  start = 0;
  end = 0;
  /** Bytes of the payload that were sent and not captured. */
  missing = 0;
  protocol = 0;
  /** Of an IP fragment: its place in the packet, what tells packets apart, and whether others follow. */
  fragmentOffset = 0;
  fragmentId = 0;
  moreFragments = false;
  /** Of TCP. */
  sequence = 0;
  acknowledged = 0;
  flags = 0;
  /** What `Found.other` is, for the report. */
  otherProtocol = '';

  /** @param captured whether the frame was captured as a whole; otherwise what is missing at its end was cut off */
  read(bytes: Uint8Array, start: number, end: number, linkType: number, captured: boolean): Found {
    this.bytes = bytes;
    const result = this.#readLink(start, end, linkType);
    // Where not all was captured, what does not fit was cut off.
    return result === Found.malformed && !captured ? Found.cut : result;
  }

  #readLink(start: number, end: number, linkType: number): Found {
    const { bytes } = this;
    let type: number;
    let at: number;
    if (linkType === Link.ethernet) {
      at = start + 14;
      if (at > end) return Found.malformed;
      type = u16(bytes, at - 2);
    } else if (linkType === Link.linuxCooked) {
      at = start + 16;
      if (at > end) return Found.malformed;
      type = u16(bytes, at - 2);
    } else if (linkType === Link.linuxCooked2) {
      at = start + 20;
      if (at > end) return Found.malformed;
      type = u16(bytes, start);
    } else if (isRawIp(linkType)) {
      at = start;
      if (at >= end) return Found.malformed;
      type = byteAt(bytes, at) >> 4 === 6 ? IPV6 : IPV4;
    } else {
      at = start + 4;
      if (at > end) return Found.malformed;
      type = loopbackType(u32(bytes, start));
    }
    while (VLAN_TAGS.has(type)) {
      at += 4;
      if (at > end) return Found.malformed;
      type = u16(bytes, at - 2);
    }
    if (type === IPV4) return this.#readIpv4(at, end);
    if (type === IPV6) return this.#readIpv6(at, end);
    this.otherProtocol = etherTypeName(type);
    return Found.other;
  }

  #readIpv4(at: number, end: number): Found {
    const { bytes } = this;
    if (at + 20 > end) return Found.malformed;
    const first = byteAt(bytes, at);
    const headerBytes = (first & 0x0f) * 4;
    if (first >> 4 !== 4 || headerBytes < 20 || at + headerBytes > end) return Found.malformed;
    // 0 where the network card was to divide it: it then ends with the frame.
    const total = u16(bytes, at + 2) || end - at;
    if (total < headerBytes) return Found.malformed;
    this.version = 4;
    this.addresses = at + 12;
    this.protocol = byteAt(bytes, at + 9);
    const fragment = u16(bytes, at + 6);
    this.fragmentOffset = (fragment & 0x1fff) * 8;
    this.moreFragments = (fragment & 0x2000) !== 0;
    this.fragmentId = u16(bytes, at + 4);
    return this.#readIpPayload(at + headerBytes, at + total, end);
  }

  #readIpv6(at: number, end: number): Found {
    const { bytes } = this;
    let next = at + 40;
    if (next > end || byteAt(bytes, at) >> 4 !== 6) return Found.malformed;
    // 0 for a packet of more than 64 KiB, which ends with the frame.
    const payloadEnd = next + (u16(bytes, at + 4) || end - next);
    this.version = 6;
    this.addresses = at + 8;
    this.fragmentOffset = 0;
    this.moreFragments = false;
    let protocol = byteAt(bytes, at + 6);
    for (;;) {
      let length: number;
      if (EXTENSIONS.has(protocol)) length = next + 2 > end ? 8 : (byteAt(bytes, next + 1) + 1) * 8;
      else if (protocol === AUTHENTICATION_HEADER) length = next + 2 > end ? 8 : (byteAt(bytes, next + 1) + 2) * 4;
      else if (protocol === FRAGMENT_HEADER) length = 8;
      else break;
      if (next + length > end || next + length > payloadEnd) return Found.malformed;
      if (protocol === FRAGMENT_HEADER) {
        const fragment = u16(bytes, next + 2);
        this.fragmentOffset = fragment & 0xfff8;
        this.moreFragments = (fragment & 1) !== 0;
        this.fragmentId = u32(bytes, next + 4);
      }
      protocol = byteAt(bytes, next);
      next += length;
      // What follows in a later part is no header.
      if (this.fragmentOffset > 0) break;
    }
    this.protocol = protocol;
    return this.#readIpPayload(next, payloadEnd, end);
  }

  /** @param payloadEnd where it ends by its header; before `end`, what follows fills up the frame */
  #readIpPayload(start: number, payloadEnd: number, end: number): Found {
    this.start = start;
    this.end = Math.min(payloadEnd, end);
    this.missing = payloadEnd - this.end;
    if (this.fragmentOffset > 0 || this.moreFragments) {
      // Of a packet that was captured as a whole, the header lies.
      return this.missing > 0 ? Found.malformed : Found.fragment;
    }
    return this.readTransport();
  }

  /** Reads from `start` on as the protocol that is known. Called from outside for a packet that was put together. */
  readTransport(): Found {
    if (this.protocol === UDP) return this.#readUdp();
    if (this.protocol === TCP) return this.#readTcp();
    this.otherProtocol = ipProtocolName(this.protocol);
    return Found.other;
  }

  #readUdp(): Found {
    const { bytes, start } = this;
    if (start + 8 > this.end) return Found.malformed;
    this.#readPorts(start);
    // 0 for one of more than 64 KiB.
    const length = u16(bytes, start + 4) || this.end + this.missing - start;
    if (length < 8 || start + length > this.end + this.missing) return Found.malformed;
    this.#takePayload(start + 8, start + length);
    return Found.udp;
  }

  #readTcp(): Found {
    const { bytes, start } = this;
    if (start + 20 > this.end) return Found.malformed;
    const headerBytes = (byteAt(bytes, start + 12) >> 4) * 4;
    if (headerBytes < 20 || start + headerBytes > this.end + this.missing) return Found.malformed;
    this.#readPorts(start);
    this.sequence = u32(bytes, start + 4);
    this.acknowledged = u32(bytes, start + 8);
    this.flags = byteAt(bytes, start + 13);
    this.#takePayload(start + headerBytes, this.end + this.missing);
    return Found.tcp;
  }

  #readPorts(at: number): void {
    this.ports = at;
    this.sourcePort = u16(this.bytes, at);
    this.destinationPort = u16(this.bytes, at + 2);
  }

  #takePayload(start: number, payloadEnd: number): void {
    const end = Math.max(start, Math.min(this.end, payloadEnd));
    this.start = start;
    this.end = end;
    this.missing = payloadEnd - end;
  }
}

/** Written in the byte order of the machine that captured, or always in big-endian: families are small numbers. */
function loopbackType(family: number): number {
  const value = family > 0xffff ? swapped(family) : family;
  if (value === FAMILY_IPV4) return IPV4;
  return FAMILIES_IPV6.has(value) ? IPV6 : 0;
}

function swapped(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

const ETHER_TYPES: ReadonlyMap<number, string> = new Map([
  [0x0806, 'ARP'],
  [0x8847, 'MPLS'],
  [0x8863, 'PPPoE'],
  [0x8864, 'PPPoE'],
  [0x88cc, 'LLDP'],
  [0x88f7, 'PTP'],
  [0x22f0, 'AVTP'],
  [0x88e5, 'MACsec'],
]);

function etherTypeName(type: number): string {
  if (type < 0x600) return 'frames without IP';
  return ETHER_TYPES.get(type) ?? `EtherType 0x${type.toString(16).padStart(4, '0')}`;
}

const IP_PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'ICMP'],
  [2, 'IGMP'],
  [4, 'IP in IP'],
  [41, 'IPv6 in IP'],
  [47, 'GRE'],
  [50, 'ESP'],
  [58, 'ICMPv6'],
  [59, 'IPv6 without payload'],
  [132, 'SCTP'],
]);

function ipProtocolName(protocol: number): string {
  return IP_PROTOCOLS.get(protocol) ?? `IP protocol ${protocol}`;
}

/** Positions were checked before: nothing is read behind the end. */
function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
}
