/** Connections over TCP: a client, and a server that waits for clients. */
import { type AddressInfo, connect, createServer, type OnReadOpts, type Server, type Socket } from 'node:net';
import { hostAndPort } from '../shared/host-and-port.js';
import type { TcpListenOptions, TcpOptions } from '../shared/tcp-options.js';
import { SocketClient } from './socket-client.js';
import { SocketServer } from './socket-server.js';

const DEFAULT_KEEP_ALIVE_MS = 60_000;

export class TcpClient extends SocketClient {
  constructor(options: TcpOptions) {
    const { host, port } = options;
    const label = hostAndPort(host, port);
    const target = {
      type: 'tcp',
      name: `tcp://${label}`,
      label,
      connect: (onread: OnReadOpts) => connect({ host, port, onread, ...keptAlive(options) }),
    };
    super(target, options);
  }
}

export class TcpServer extends SocketServer {
  constructor(options: TcpListenOptions) {
    const { host, port } = options;
    const server = createServer({ pauseOnConnect: true, ...keptAlive(options) });
    const place = {
      type: 'tcpListen',
      label: `tcp-listen://${hostAndPort(host ?? '', port)}`,
      listen: (it: Server) => listening(it, { port, ...(host === undefined ? {} : { host }) }),
      where: (it: Server) => {
        const { address, port: found } = it.address() as AddressInfo;
        return hostAndPort(address, found);
      },
      peer: ({ remoteAddress = '', remotePort = 0 }: Socket) => `tcp://${hostAndPort(remoteAddress, remotePort)}`,
    };
    super(place, options, server);
  }
}

/** @throws what the system says */
export function listening(server: Server, where: { port: number; host?: string } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function keptAlive({ keepAliveMs = DEFAULT_KEEP_ALIVE_MS }: { readonly keepAliveMs?: number | undefined }) {
  const keepAlive = keepAliveMs !== Number.POSITIVE_INFINITY;
  return keepAlive ? { keepAlive, keepAliveInitialDelay: keepAliveMs } : {};
}
