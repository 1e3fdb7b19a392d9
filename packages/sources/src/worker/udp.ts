/**
 * Datagrams over UDP. A socket of Node's cannot be held: what arrives while the ring is full, or the session paused, is kept up to a limit,
 * and then dropped and counted. What the system drops is counted by the system, on Linux (udp-drops.ts).
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import { hostAndPort } from '../shared/host-and-port.js';
import type { MulticastGroup, UdpOptions } from '../shared/udp-options.js';
import type { PacketInfo, Source, SourceEvent, SourceOutput } from './contract.js';
import { KernelDrops } from './udp-drops.js';

const MIB = 1024 * 1024;
const DEFAULT_BUFFER_BYTES = 4 * MIB;
/** Of datagrams that wait for room, beside the ring. */
const MOST_WAITING_BYTES = 4 * MIB;
/** A datagram that waits takes memory beside its bytes. */
const BESIDE_BYTES = 256;
/** So long after a datagram arrived it is looked how many were dropped. */
const LOOK_AFTER_MS = 250;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly info: PacketInfo;
}

export class UdpSource implements Source {
  readonly #options: UdpOptions;
  #socket: Socket | undefined;
  #drops: KernelDrops | undefined;
  #early: SourceEvent[] = [];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Dropped since the last report. */
  #dropped = { count: 0, bytes: 0 };
  #looking: NodeJS.Timeout | undefined;
  #isDelivering = false;
  #failed: (error: Error) => void = () => {};

  constructor(options: UdpOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { port, address, groups = [], reuseAddress = groups.length > 0 } = this.#options;
    const isV6 = [address, ...groups.map((group) => group.address)].some((text) => text?.includes(':'));
    const type = isV6 ? 'udp6' : 'udp4';
    const findDrops = KernelDrops.beforeSocket(isV6);
    const socket = createSocket({ type, reuseAddr: reuseAddress });
    this.#socket = socket;
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.once('close', () => reject(new Error('it was closed')));
        socket.bind({ port, ...(address === undefined ? {} : { address }) }, resolve);
      });
      socket.removeAllListeners('error');
      socket.on('error', (error) => this.#failed(error));
      for (const group of groups) this.#join(socket, group, isV6);
      this.#enlarge(socket);
    } catch (cause) {
      await this.close();
      throw this.#notOpened(cause as NodeJS.ErrnoException);
    }
    const bound = socket.address();
    const where = hostAndPort(bound.address, bound.port);
    this.#early.unshift({ event: 'listening', message: `Datagrams are waited for at ${where}.`, address: where });
    this.#drops = findDrops(bound.port);
    if (this.#drops === undefined)
      this.#early.push({
        event: 'drops-unknown',
        message: 'This system does not say how many datagrams it drops: what is dropped there is not reported.',
      });
    // What comes before `run` waits like any other.
    socket.on('message', (bytes, peer) => this.#take(bytes, peer));
  }

  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    this.#output = output;
    for (const event of this.#early) await output.event(event);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#failed = reject;
        this.#ended = resolve;
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
        this.#deliverSoon();
      });
    } catch (cause) {
      throw new HostError('ERR_SOURCE_READ', `Receiving at ${this.#place} failed: ${(cause as Error).message}`, {
        cause,
      });
    } finally {
      clearTimeout(this.#looking);
    }
    if (output.stopRequested) return;
    await this.#deliver();
    this.#countKernelDrops();
    await this.#reportDrops(output);
  }

  async close(): Promise<void> {
    clearTimeout(this.#looking);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  /** Where it listens, for tests and messages. */
  get #place(): string {
    const { address = '', port } = this.#options;
    return `udp://${address.includes(':') ? `[${address}]` : address}:${port}`;
  }

  #output: SourceOutput | undefined;
  #ended: () => void = () => {};

  #take(bytes: Buffer, { address, port }: RemoteInfo): void {
    const peer = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    const info = this.#options.timestamps === true ? { peer, timestampMs: Date.now() } : { peer };
    this.#looking ??= setTimeout(() => this.#look(), LOOK_AFTER_MS);
    const output = this.#output;
    if (output !== undefined && !this.#isDelivering && this.#dropped.count === 0) {
      const wanted = output.packet(bytes, info);
      if (wanted === false) this.#ended();
      else if (wanted !== true) void this.#deliver(wanted);
      return;
    }
    if (this.#waitingBytes + bytes.length + BESIDE_BYTES > MOST_WAITING_BYTES || this.#dropped.count > 0) {
      this.#dropped.count++;
      this.#dropped.bytes += bytes.length;
      this.#deliverSoon();
      return;
    }
    this.#waiting.push({ bytes, info });
    this.#waitingBytes += bytes.length + BESIDE_BYTES;
    this.#deliverSoon();
  }

  #deliverSoon(): void {
    if (this.#output !== undefined && !this.#isDelivering) void this.#deliver();
  }

  /** What waits, in order, with a report where some were dropped. @param first a packet that is being delivered */
  async #deliver(first: boolean | Promise<boolean> = true): Promise<void> {
    const output = this.#output;
    if (output === undefined || this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      let wanted = await first;
      while (wanted && (this.#waiting.length > 0 || this.#dropped.count > 0)) {
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const { bytes, info } of waiting) {
          this.#waitingBytes -= bytes.length + BESIDE_BYTES;
          wanted &&= await output.packet(bytes, info);
        }
        if (wanted && this.#waiting.length === 0) wanted = await this.#reportDrops(output);
      }
      if (!wanted) this.#ended();
    } finally {
      this.#isDelivering = false;
    }
  }

  #look(): void {
    this.#looking = undefined;
    if (this.#countKernelDrops()) this.#deliverSoon();
  }

  /** Returns whether there are more than before. */
  #countKernelDrops(): boolean {
    const count = this.#drops?.more() ?? 0;
    this.#kernelDropped += count;
    if (count > 0 && this.#output !== undefined && !this.#isDelivering) void this.#reportDrops(this.#output);
    return count > 0;
  }

  #kernelDropped = 0;

  async #reportDrops(output: SourceOutput): Promise<boolean> {
    const { count, bytes } = this.#dropped;
    const inKernel = this.#kernelDropped;
    this.#dropped = { count: 0, bytes: 0 };
    this.#kernelDropped = 0;
    let wanted = true;
    if (count > 0)
      wanted = await output.event({
        event: 'dropped',
        message: `${plural(count)} of ${bytes} bytes came while there was no room for them, and were dropped.`,
        count,
        bytes,
      });
    if (inKernel > 0 && wanted)
      wanted = await output.event({
        event: 'dropped',
        message: `The system has dropped ${plural(inKernel)}: they came faster than they were read.`,
        count: inKernel,
      });
    return wanted;
  }

  /** @throws Error naming the group */
  #join(socket: Socket, { address, interface: named }: MulticastGroup, isV6: boolean): void {
    try {
      socket.addMembership(address, named === undefined ? undefined : localAddress(named, isV6));
    } catch (cause) {
      const on = named === undefined ? '' : ` on '${named}'`;
      throw new Error(`the group ${address} cannot be joined${on}: ${(cause as Error).message}`, { cause });
    }
  }

  #enlarge(socket: Socket): void {
    const { receiveBufferBytes } = this.#options;
    const asked = receiveBufferBytes ?? DEFAULT_BUFFER_BYTES;
    try {
      socket.setRecvBufferSize(asked);
    } catch (cause) {
      if (receiveBufferBytes === undefined) return;
      throw new Error(`a receive buffer of ${asked} bytes is refused: ${(cause as Error).message}`, { cause });
    }
    const given = socket.getRecvBufferSize();
    // Linux doubles what it gives.
    const most = process.platform === 'linux' ? given / 2 : given;
    if (receiveBufferBytes === undefined || most >= asked) return;
    this.#early.push({
      event: 'buffer-limited',
      message: `The system gives a receive buffer of ${most} bytes in place of ${asked}. On Linux the most is net.core.rmem_max.`,
      bytes: most,
    });
  }

  #notOpened(cause: NodeJS.ErrnoException): HostError {
    const help =
      cause.code === 'EADDRINUSE'
        ? 'Another program listens there. With `reuseAddress` several may, where all of them say so.'
        : cause.code === 'EADDRNOTAVAIL'
          ? 'Name an address of this machine. A multicast address is a group.'
          : undefined;
    const message = `Cannot listen at ${this.#place}: ${cause.message}`;
    return new HostError('ERR_SOURCE_OPEN', message, { cause, ...(help === undefined ? {} : { help }) });
  }
}

function plural(count: number): string {
  return count === 1 ? 'One datagram' : `${count} datagrams`;
}

/** What `addMembership` takes. @throws Error when no interface is named so */
function localAddress(named: string, isV6: boolean): string {
  const addresses = networkInterfaces()[named];
  if (addresses === undefined) {
    if (named.includes(isV6 ? ':' : '.')) return named;
    throw new Error(
      `there is no network interface '${named}'; there are ${Object.keys(networkInterfaces()).join(', ')}`,
    );
  }
  if (isV6) return `::%${process.platform === 'win32' ? (addresses[0] as { scopeid?: number }).scopeid : named}`;
  const found = addresses.find(({ family }) => family === 'IPv4');
  if (found === undefined) throw new Error(`the network interface '${named}' has no IPv4 address`);
  return found.address;
}
