/** The module of each source, loaded when it is used. */

import type { ReadProgress } from '../shared/read-progress.js';
import type { SourceKind, SourceKinds } from '../shared/source-table.js';
import type { Source } from './contract.js';

type MakeSource<Kind extends SourceKind> = (options: SourceKinds[Kind], progress: ReadProgress) => Source;

const MODULES: { readonly [Kind in SourceKind]: () => Promise<MakeSource<Kind>> } = {
  files: async () => {
    const { Files } = await import('./files/files.js');
    return (options, progress) => new Files(options, progress);
  },
  pcap: async () => {
    const { PcapSource } = await import('./pcap/pcap-source.js');
    return (options) => new PcapSource(options);
  },
  process: async () => {
    const { ProcessSource } = await import('./process.js');
    return (options) => new ProcessSource(options);
  },
  serial: async () => {
    const { SerialSource } = await import('./serial.js');
    return (options) => new SerialSource(options);
  },
  udp: async () => {
    const { UdpSource } = await import('./udp.js');
    return (options) => new UdpSource(options);
  },
  tcp: async () => {
    const { TcpClient } = await import('./tcp.js');
    return (options) => new TcpClient(options);
  },
  follow: async () => {
    const { FollowSource } = await import('./follow.js');
    return (options) => new FollowSource(options);
  },
  tcpListen: async () => {
    const { TcpServer } = await import('./tcp.js');
    return (options) => new TcpServer(options);
  },
  unix: async () => {
    const { UnixClient } = await import('./unix.js');
    return (options) => new UnixClient(options);
  },
  unixListen: async () => {
    const { UnixServer } = await import('./unix.js');
    return (options) => new UnixServer(options);
  },
};

/** @param progress for those that know how much they have to read */
export async function makeSource<Kind extends SourceKind>(
  kind: Kind,
  options: SourceKinds[Kind],
  progress: ReadProgress,
): Promise<Source> {
  const make = await MODULES[kind]();
  return make(options, progress);
}
