/** Names of senders and of connections. */
import { endpointText } from '../../shared/ip-addresses.js';
import type { Packet } from './packet.js';
import { PacketCache } from './packet-cache.js';

export class Endpoints {
  readonly #known = new PacketCache<string>();

  /** Address and port of the sender. */
  sender(packet: Packet): string {
    const known = this.#known.get(packet);
    if (known !== undefined) return known;
    const name = endpointText(packet.bytes, packet.addresses, packet.version, packet.sourcePort);
    this.#known.put(packet, name);
    return name;
  }
}

/** Tells the two directions of connections apart: addresses and ports, the sender's first. */
export function flowKey({ bytes, addresses, ports, version }: Packet): string {
  return text(bytes, addresses, version === 4 ? 8 : 32) + text(bytes, ports, 4);
}

/** The key of the other direction. */
export function reverseKey({ bytes, addresses, ports, version }: Packet): string {
  const length = version === 4 ? 4 : 16;
  return (
    text(bytes, addresses + length, length) +
    text(bytes, addresses, length) +
    text(bytes, ports + 2, 2) +
    text(bytes, ports, 2)
  );
}

export function flowName({ bytes, addresses, version, sourcePort, destinationPort }: Packet): string {
  const destination = addresses + (version === 4 ? 4 : 16);
  return `${endpointText(bytes, addresses, version, sourcePort)} to ${endpointText(bytes, destination, version, destinationPort)}`;
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('latin1');
}
