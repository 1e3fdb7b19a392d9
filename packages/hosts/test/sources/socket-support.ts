/** Servers and clients of tests, in this process, which are gone behind each test. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { IngestSession, StreamElement } from '@chipmunk-host/hosts';
import { afterEach } from 'vitest';

export interface Sockets {
  /** A server whose clients get what `serve` writes. Returns its port, or the path. */
  server(serve: (socket: Socket, client: number) => void, where?: { path: string } | { port: number }): Promise<number>;
  /** Connects to a server. */
  client(where: { path: string } | { port: number }): Promise<Socket>;
  /** Ends all servers. */
  endServers(): Promise<void>;
}

export function setSockets(): Sockets {
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();
  const endServers = async () => {
    const ended = [...servers].map((server) => new Promise((resolve) => server.close(resolve)));
    servers.clear();
    for (const socket of sockets) socket.destroy();
    await Promise.all(ended);
  };
  const kept = (socket: Socket) => {
    sockets.add(socket);
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  afterEach(endServers);
  return {
    async server(serve, where = { port: 0 }) {
      let clients = 0;
      const server = createServer((socket) => serve(kept(socket), clients++));
      servers.add(server);
      server.listen('port' in where ? { ...where, host: '127.0.0.1' } : where);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
    async client(where) {
      const socket = kept(connect('port' in where ? { ...where, host: '127.0.0.1' } : where));
      await once(socket, 'connect');
      return socket;
    },
    endServers,
  };
}

/** Settles when more may be written, or nothing can be any more. */
export async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

/** Writes it in pieces, as fast as they are taken. */
export async function write(socket: Socket, content: Uint8Array, pieceBytes: number): Promise<void> {
  for (let at = 0; at < content.length && !socket.destroyed; at += pieceBytes)
    if (!socket.write(content.subarray(at, at + pieceBytes))) await drained(socket);
}

/** What a session delivered, by the inputs that it is from. */
export interface Delivered {
  /** Texts of the items of each input, by its number and name. */
  readonly texts: Map<string, string[]>;
  /** Notices as `event name message`. */
  readonly notices: { readonly event: string; readonly number: number; readonly message: string }[];
}

/** Reads it to its end, or until `until` says so. Checks that positions go on within each lane. */
export async function deliveredBy(
  session: IngestSession,
  lanes = 1,
  until: (delivered: Delivered, element: StreamElement) => boolean = () => false,
): Promise<Delivered> {
  const delivered: Delivered = { texts: new Map(), notices: [] };
  const positions = new Map<number, number>();
  for await (const element of session) {
    const { source, offset, consumedBytes } = element;
    const expected = positions.get(source % lanes) ?? 0;
    if (offset !== expected) throw new Error(`a ${element.type} begins at byte ${offset} instead of ${expected}`);
    positions.set(source % lanes, offset + consumedBytes);
    if (element.type === 'source')
      delivered.notices.push({ event: element.event, number: source, message: element.message });
    if (element.type === 'batch') {
      const name = `${source} ${element.sourceName}`;
      const texts = delivered.texts.get(name) ?? [];
      delivered.texts.set(name, texts);
      for (const item of element) texts.push(item.text);
    }
    if (until(delivered, element)) break;
  }
  return delivered;
}
