/** Connections over sockets in the file system: a client, and a server that waits for clients. */
import { lstat, unlink } from 'node:fs/promises';
import { connect, createServer, type OnReadOpts, type Server } from 'node:net';
import type { UnixListenOptions, UnixOptions } from '../shared/unix-options.js';
import { SocketClient } from './socket-client.js';
import { SocketServer } from './socket-server.js';
import { listening } from './tcp.js';

export class UnixClient extends SocketClient {
  constructor(options: UnixOptions) {
    const { path } = options;
    const target = {
      type: 'unix',
      name: `unix://${path}`,
      label: `'${path}'`,
      connect: (onread: OnReadOpts) => connect({ path, onread }),
    };
    super(target, options);
  }
}

export class UnixServer extends SocketServer {
  constructor(options: UnixListenOptions) {
    const { path } = options;
    const place = {
      type: 'unixListen',
      label: `unix-listen://${path}`,
      listen: (server: Server) => listenAt(server, path),
      where: () => `'${path}'`,
      peer: (_: unknown, number: number) => `unix://${path}#${number}`,
    };
    super(place, options, createServer({ pauseOnConnect: true }));
  }
}

/** Replaces a socket that nobody listens on any more. */
async function listenAt(server: Server, path: string): Promise<void> {
  try {
    await listening(server, { path });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw error;
    const status = await lstat(path);
    if (!status.isSocket()) throw new Error('there is a file of that name, and it is no socket');
    if (await isServed(path)) throw new Error('another program listens there');
    await unlink(path);
    await listening(server, { path });
  }
}

/** Whether a program listens on the socket. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'));
  });
}
