/** What a source that receives datagrams is told. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';

/** A multicast group to join. */
export interface MulticastGroup {
  /** Of IPv4 or IPv6. All groups of a source are of one kind. */
  readonly address: string;
  /** The network interface on which it is joined: its name, or its address. Default: the one that the system chooses. */
  readonly interface?: string | undefined;
}

/** A UDP port whose datagrams are read: each is passed to the parser as a whole, and never two at once unless the parser asks for more. */
export interface UdpOptions {
  /** 0: one that is free, which the first notice names. */
  readonly port: number;
  /** Local address. Default: all, of IPv4, or of IPv6 where a group is of that. */
  readonly address?: string | undefined;
  readonly groups?: readonly MulticastGroup[] | undefined;
  /** Whether others may listen at the same port. Default: with groups. */
  readonly reuseAddress?: boolean | undefined;
  /** Bytes that the system keeps of what was not read yet. The system may give less, which is reported. Default 4 MiB, or what there is. */
  readonly receiveBufferBytes?: number | undefined;
  /** Whether the parser gets the time of receipt as the timestamp of a datagram. Default false. */
  readonly timestamps?: boolean | undefined;
}

const GROUP: OptionTable<MulticastGroup> = { address: option.required(option.name), interface: option.name };

export const UDP: OptionTable<UdpOptions> = {
  port: option.required(option.whole(0, 65_535)),
  address: option.name,
  groups: option.listOf(option.options(GROUP), 'a list of multicast groups'),
  reuseAddress: option.flag,
  receiveBufferBytes: option.whole(1024),
  timestamps: option.flag,
};
