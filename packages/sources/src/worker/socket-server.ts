/**
 * A server whose clients deliver streams of bytes. Each that is read has a lane: a ring, and behind it a parser of its own. Clients that find
 * no free lane wait, accepted and not read; more of them than fit are turned away.
 */
import type { Server, Socket } from 'node:net';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import type { SocketServerOptions } from '../shared/socket-options.js';
import type { Source, SourceOutput } from './contract.js';
import { messageOf } from './socket-client.js';
import { SocketReader } from './socket-reader.js';

/** Clients that may wait for a free lane. */
const MOST_WAITING = 128;

/** Where it listens. */
export interface ServerPlace {
  /** Key of the source. */
  readonly type: string;
  /** What messages call it. */
  readonly label: string;
  /** Begins to listen. @throws what the system says */
  listen(server: Server): Promise<void>;
  /** What the place turned out to be. */
  where(server: Server): string;
  /** What batches call a client. @param number of the client, from 1 */
  peer(socket: Socket, number: number): string;
}

export class SocketServer implements Source {
  readonly #place: ServerPlace;
  readonly #options: SocketServerOptions;
  readonly #server: Server;
  readonly #waiting: Socket[] = [];
  readonly #readers = new Set<SocketReader>();
  /** Lanes without a client. */
  #free: SourceOutput[] = [];
  #signal: AbortSignal | undefined;
  #clients = 0;
  #left = 0;
  #refused = 0;
  #done: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #isClosed = false;

  /** @param server made with `pauseOnConnect` */
  constructor(place: ServerPlace, options: SocketServerOptions, server: Server) {
    this.#place = place;
    this.#options = options;
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket));
  }

  async open(): Promise<void> {
    try {
      await this.#place.listen(this.#server);
    } catch (cause) {
      throw new HostError('ERR_SOURCE_OPEN', `Cannot listen on ${this.#place.label}: ${messageOf(cause)}`, { cause });
    }
    if (this.#isClosed) this.#server.close();
  }

  async run(output: SourceOutput, signal: AbortSignal, lanes: readonly SourceOutput[]): Promise<void> {
    this.#free = [...lanes];
    this.#signal = signal;
    const done = new Promise<void>((resolve, reject) => {
      this.#done = resolve;
      this.#fail = reject;
    });
    const onAbort = () => this.#done();
    signal.addEventListener('abort', onAbort, { once: true });
    const where = this.#place.where(this.#server);
    await output.event({ event: 'listening', message: `Clients are waited for on ${where}.`, address: where });
    this.#server.on('error', (cause) => {
      const message = `The server on ${this.#place.label} failed: ${cause.message}`;
      this.#fail(new HostError('ERR_SOURCE_READ', message, { cause }));
    });
    this.#serveNext();
    try {
      if (!signal.aborted) await done;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#done();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    for (const reader of this.#readers) reader.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {});
    const isTooMany = this.#clients + this.#waiting.length >= (this.#options.connections ?? Number.POSITIVE_INFINITY);
    if (this.#isClosed || isTooMany || this.#waiting.length >= MOST_WAITING) {
      this.#refused++;
      socket.destroy();
      return;
    }
    this.#waiting.push(socket);
    this.#serveNext();
  }

  #serveNext(): void {
    while (this.#free.length > 0 && this.#waiting.length > 0) {
      const lane = this.#free.shift() as SourceOutput;
      const socket = this.#waiting.shift() as Socket;
      this.#clients++;
      this.#serve(socket, lane, this.#place.peer(socket, this.#clients)).catch((error) => this.#fail(error));
    }
  }

  async #serve(socket: Socket, lane: SourceOutput, peer: string): Promise<void> {
    const reader = new SocketReader(socket);
    this.#readers.add(reader);
    const { type } = this.#place;
    const refused = this.#refused;
    this.#refused = 0;
    const turnedAway = refused === 0 ? {} : { refused };
    await lane.segment({
      name: peer,
      type,
      note: { event: 'connected', message: `${peer} has connected.`, peer, ...turnedAway },
    });
    const before = lane.bytes;
    let how = 'has closed its connection';
    try {
      await reader.run(lane, this.#signal as AbortSignal, this.#options.idleTimeoutMs);
    } catch (error) {
      how = `was lost: ${messageOf(error)}`;
    }
    this.#readers.delete(reader);
    if (this.#isClosed || this.#signal?.aborted || lane.stopRequested) return;
    const bytes = lane.bytes - before;
    await lane.event({ event: 'disconnected', message: `${peer} ${how}.`, peer, delivered: bytes });
    // The parser meets the end of the client's input now, and not when another one comes.
    await lane.segment({ name: this.#place.label, type });
    this.#left++;
    if (this.#left >= (this.#options.connections ?? Number.POSITIVE_INFINITY)) {
      this.#done();
      return;
    }
    this.#free.push(lane);
    this.#serveNext();
  }
}
