/** Datagrams as the blocks of a pcapng file, with headers of IP and UDP made for them: what came in has none any more. */

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
/** LINKTYPE_RAW: packets begin with the header of IPv4 or IPv6. */
const RAW_IP = 101;
const UDP = 17;
const UDP_BYTES = 8;

/** An address and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What a file begins with. */
export function fileHead(): Buffer {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt16LE(1, 4);
  // The length of the section is not known.
  section.writeBigInt64LE(-1n, 8);
  const ofInterface = Buffer.alloc(8);
  ofInterface.writeUInt16LE(RAW_IP, 0);
  return Buffer.concat([block(SECTION_HEADER, section), block(INTERFACE, ofInterface)]);
}

/** @param ms when it came, in milliseconds since 1970 */
export function packetBlock(payload: Uint8Array, ms: number, from: Endpoint, to: Endpoint): Buffer {
  const packet = from.address.includes(':') ? overIpv6(payload, from, to) : overIpv4(payload, from, to);
  const head = Buffer.alloc(20);
  const microseconds = BigInt(Math.round(ms * 1000));
  head.writeUInt32LE(Number(microseconds >> 32n), 4);
  head.writeUInt32LE(Number(microseconds & 0xffff_ffffn), 8);
  head.writeUInt32LE(packet.length, 12);
  head.writeUInt32LE(packet.length, 16);
  return block(ENHANCED_PACKET, Buffer.concat([head, packet]));
}

function block(type: number, body: Uint8Array): Buffer {
  const length = 12 + Math.ceil(body.length / 4) * 4;
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(length, 4);
  bytes.set(body, 8);
  bytes.writeUInt32LE(length, length - 4);
  return bytes;
}

function overIpv4(payload: Uint8Array, from: Endpoint, to: Endpoint): Buffer {
  const head = Buffer.alloc(20);
  head[0] = 0x45;
  head.writeUInt16BE(20 + UDP_BYTES + payload.length, 2);
  head[8] = 64;
  head[9] = UDP;
  head.set(ipv4Bytes(from.address), 12);
  head.set(ipv4Bytes(to.address), 16);
  head.writeUInt16BE(checksum([head]), 10);
  const addresses = head.subarray(12);
  return Buffer.concat([head, overUdp(payload, from.port, to.port, addresses)]);
}

function overIpv6(payload: Uint8Array, from: Endpoint, to: Endpoint): Buffer {
  const head = Buffer.alloc(40);
  head[0] = 0x60;
  head.writeUInt16BE(UDP_BYTES + payload.length, 4);
  head[6] = UDP;
  head[7] = 64;
  head.set(ipv6Bytes(from.address), 8);
  head.set(ipv6Bytes(to.address), 24);
  return Buffer.concat([head, overUdp(payload, from.port, to.port, head.subarray(8))]);
}

function overUdp(payload: Uint8Array, from: number, to: number, addresses: Uint8Array): Buffer {
  const head = Buffer.alloc(UDP_BYTES);
  const length = UDP_BYTES + payload.length;
  head.writeUInt16BE(from, 0);
  head.writeUInt16BE(to, 2);
  head.writeUInt16BE(length, 4);
  const pseudo = Buffer.alloc(4);
  pseudo[1] = UDP;
  pseudo.writeUInt16BE(length, 2);
  // 0 says that there is none.
  head.writeUInt16BE(checksum([addresses, pseudo, head, payload]) || 0xffff, 6);
  return Buffer.concat([head, payload]);
}

/** Of parts that all but the last have an even length. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts)
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}

function ipv4Bytes(address: string): Uint8Array {
  const parts = address.split('.').map(Number);
  return Uint8Array.from(parts.length === 4 ? parts : [127, 0, 0, 1]);
}

/** Without what names an interface. */
function ipv6Bytes(address: string): Uint8Array {
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const groups = (text: string | undefined) =>
    (text ?? '').split(':').flatMap((group) => {
      if (group === '') return [];
      if (!group.includes('.')) return [Number.parseInt(group, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
      return [(a << 8) | b, (c << 8) | d];
    });
  const first = groups(head);
  const last = groups(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => 0);
  return Uint8Array.from([...first, ...zeros, ...last].slice(0, 8).flatMap((group) => [group >> 8, group & 0xff]));
}
