/** Which packets are wanted, by protocol, port and address. */
import { type Network, parseNetwork } from '../../shared/ip-addresses.js';
import type { PcapFilters, PcapPayload } from '../../shared/pcap-options.js';
import { type Packet, TCP, UDP } from './packet.js';

export class PacketFilter {
  readonly #protocol: number | undefined;
  readonly #ports: PortSets;
  readonly #either: readonly Network[] | undefined;
  readonly #source: readonly Network[] | undefined;
  readonly #destination: readonly Network[] | undefined;
  readonly #hasAddresses: boolean;

  constructor(payload: PcapPayload = 'all', filters: PcapFilters = {}) {
    this.#protocol = payload === 'all' ? undefined : payload === 'udp' ? UDP : TCP;
    this.#ports = {
      either: numbers(filters.port),
      source: numbers(filters.sourcePort),
      destination: numbers(filters.destinationPort),
    };
    this.#either = networks(filters.address);
    this.#source = networks(filters.sourceAddress);
    this.#destination = networks(filters.destinationAddress);
    this.#hasAddresses = [this.#either, this.#source, this.#destination].some((list) => list !== undefined);
  }

  /** Whether an IP packet may be wanted, as far as can be told without its ports: of parts of packets, too. */
  acceptsIp(packet: Packet): boolean {
    if (this.#protocol !== undefined && packet.protocol !== this.#protocol) return false;
    if (!this.#hasAddresses) return true;
    const { addresses, bytes, version } = packet;
    const second = addresses + (version === 4 ? 4 : 16);
    const source = (list: readonly Network[]) => isIn(list, bytes, addresses, version);
    const destination = (list: readonly Network[]) => isIn(list, bytes, second, version);
    return (
      (this.#either === undefined || source(this.#either) || destination(this.#either)) &&
      (this.#source === undefined || source(this.#source)) &&
      (this.#destination === undefined || destination(this.#destination))
    );
  }

  acceptsPorts({ sourcePort, destinationPort }: Packet): boolean {
    const { either, source, destination } = this.#ports;
    return (
      (either === undefined || either.has(sourcePort) || either.has(destinationPort)) &&
      (source === undefined || source.has(sourcePort)) &&
      (destination === undefined || destination.has(destinationPort))
    );
  }
}

interface PortSets {
  readonly either: ReadonlySet<number> | undefined;
  readonly source: ReadonlySet<number> | undefined;
  readonly destination: ReadonlySet<number> | undefined;
}

function numbers(value: number | readonly number[] | undefined): ReadonlySet<number> | undefined {
  return value === undefined ? undefined : new Set(typeof value === 'number' ? [value] : value);
}

function networks(value: string | readonly string[] | undefined): readonly Network[] | undefined {
  if (value === undefined) return undefined;
  const texts = typeof value === 'string' ? [value] : value;
  // Checked before; one that is none matches nothing.
  return texts.map((text) => parseNetwork(text)).filter((network) => network !== undefined);
}

function isIn(list: readonly Network[], bytes: Uint8Array, at: number, version: number): boolean {
  const length = version === 4 ? 4 : 16;
  return list.some((network) => network.bytes.length === length && startsAlike(network, bytes, at));
}

function startsAlike(network: Network, bytes: Uint8Array, at: number): boolean {
  for (let bit = 0; bit < network.bits; bit += 8) {
    const mask = network.bits - bit >= 8 ? 0xff : (0xff << (8 - (network.bits - bit))) & 0xff;
    const byte = bit / 8;
    if ((((network.bytes[byte] as number) ^ (bytes[at + byte] as number)) & mask) !== 0) return false;
  }
  return true;
}
