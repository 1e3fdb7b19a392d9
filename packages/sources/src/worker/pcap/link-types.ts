/** The kinds of networks that captures are made of: those whose packets are read, and names of those that are not. */

export const Link = {
  null: 0,
  ethernet: 1,
  loop: 108,
  linuxCooked: 113,
  linuxCooked2: 276,
} as const;

/** Raw IP: the number of the format, those that the BSDs and BSD/OS wrote, and those of one version of IP each. */
const RAW_IP: ReadonlySet<number> = new Set([101, 12, 14, 228, 229]);

const READABLE: ReadonlySet<number> = new Set([...RAW_IP, ...Object.values(Link)]);

/** Of networks that have other packets, or none. For messages. */
const REFUSED: ReadonlyMap<number, string> = new Map([
  [3, 'AX.25'],
  [6, 'Token Ring'],
  [7, 'ARCNET'],
  [8, 'SLIP'],
  [9, 'PPP'],
  [10, 'FDDI'],
  [50, 'PPP over HDLC'],
  [51, 'PPP over Ethernet'],
  [100, 'ATM'],
  [104, 'Cisco HDLC'],
  [105, 'IEEE 802.11 (Wi-Fi)'],
  [107, 'Frame Relay'],
  [117, 'OpenBSD pflog'],
  [119, 'IEEE 802.11 with a Prism header (Wi-Fi)'],
  [122, 'IP over Fibre Channel'],
  [127, 'IEEE 802.11 with a radiotap header (Wi-Fi)'],
  [138, 'IP over FireWire'],
  [163, 'IEEE 802.11 with an AVS header (Wi-Fi)'],
  [187, 'Bluetooth HCI'],
  [189, 'USB of Linux'],
  [192, 'PPI (Wi-Fi and others)'],
  [195, 'IEEE 802.15.4'],
  [201, 'Bluetooth HCI with directions'],
  [209, 'I2C'],
  [210, 'FlexRay'],
  [211, 'MOST'],
  [212, 'LIN'],
  [215, 'IEEE 802.15.4'],
  [220, 'USB of Linux, padded'],
  [224, 'Fibre Channel'],
  [227, 'CAN (SocketCAN)'],
  [230, 'IEEE 802.15.4 without a check sequence'],
  [239, 'netfilter log (NFLOG)'],
  [247, 'InfiniBand'],
  [249, 'USB of Windows'],
  [251, 'Bluetooth Low Energy'],
  [253, 'netlink'],
  [272, 'Bluetooth Low Energy of Nordic'],
]);

export function isRawIp(linkType: number): boolean {
  return RAW_IP.has(linkType);
}

export function isReadable(linkType: number): boolean {
  return READABLE.has(linkType);
}

/** For messages, such as `IEEE 802.11 (Wi-Fi), link type 105`. */
export function linkName(linkType: number): string {
  const name = REFUSED.get(linkType);
  return name === undefined ? `link type ${linkType}` : `${name}, link type ${linkType}`;
}
