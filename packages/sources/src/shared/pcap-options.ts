/** What a capture of network packets is read with. */
import { type OptionTable, type OptionType, option } from '@chipmunk-host/runtime/internal/options';
import { parseNetwork } from './ip-addresses.js';

/** Whose payload is delivered. */
export type PcapPayload = 'udp' | 'tcp' | 'all';

/** Packets that match all of these are delivered. */
export interface PcapFilters {
  /** Of the sender or the receiver. */
  readonly port?: number | readonly number[] | undefined;
  /** Of the sender. */
  readonly sourcePort?: number | readonly number[] | undefined;
  /** Of the receiver. */
  readonly destinationPort?: number | readonly number[] | undefined;
  /** Of the sender or the receiver: an address of IPv4 or IPv6, or a network such as `10.0.0.0/8`. */
  readonly address?: string | readonly string[] | undefined;
  /** Of the sender. */
  readonly sourceAddress?: string | readonly string[] | undefined;
  /** Of the receiver. */
  readonly destinationAddress?: string | readonly string[] | undefined;
}

/** A capture of network packets, pcap or pcapng, as a source of the bytes that were sent in it. */
export interface PcapOptions {
  /** Path of the capture; `-` for standard input. It may be compressed. */
  readonly file: string;
  /** Default `all`. */
  readonly payload?: PcapPayload | undefined;
  /** Default: all packets. */
  readonly filters?: PcapFilters | undefined;
  /** What becomes of UDP datagrams that were not captured as a whole. They are always reported. Default `drop`. */
  readonly cut?: 'drop' | 'deliver' | undefined;
  /**
   * How long, in milliseconds of the capture's time, the bytes of a TCP connection wait at most for another one that is silent but not at its
   * end. Infinity: until its end. Default: Infinity for a file, 1000 for standard input.
   */
  readonly maxWaitMs?: number | undefined;
  /** How many bytes wait at most for other connections, or for segments before them, all together. Default 64 MiB. */
  readonly maxHeldBytes?: number | undefined;
  /** TCP connections that are known at once, each direction for itself. Those that end, and the oldest, are forgotten. Default 65536. */
  readonly maxFlows?: number | undefined;
}

const network: OptionType = {
  expected: 'an address of IPv4 or IPv6, or a network such as 10.0.0.0/8',
  accepts: (value) => typeof value === 'string' && parseNetwork(value) !== undefined,
};

const ports = option.either(option.whole(0, 65_535), option.listOf(option.whole(0, 65_535), 'a list of ports'));
const networks = option.either(network, option.listOf(network, 'a list of them'));

export const PCAP_FILTERS: OptionTable<PcapFilters> = {
  port: ports,
  sourcePort: ports,
  destinationPort: ports,
  address: networks,
  sourceAddress: networks,
  destinationAddress: networks,
};

export const PCAP: OptionTable<PcapOptions> = {
  file: option.required(option.path),
  payload: option.oneOf(['udp', 'tcp', 'all']),
  filters: option.options(PCAP_FILTERS),
  cut: option.oneOf(['drop', 'deliver']),
  maxWaitMs: option.limit(0),
  maxHeldBytes: option.whole(64 * 1024),
  maxFlows: option.whole(1),
};
