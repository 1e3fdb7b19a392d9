/** A client over TCP. What arrives is read straight into the ring: the socket is given the slot that comes next as its buffer. */
import { connect } from 'node:net';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import type { TcpOptions } from '../shared/tcp-options.js';
import type { Source, SourceOutput } from './contract.js';
import { SocketReader } from './socket-reader.js';

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

export class TcpClient implements Source {
  readonly #options: TcpOptions;
  #reader: SocketReader | undefined;

  constructor(options: TcpOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { host, port, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = this.#options;
    this.#reader = new SocketReader((onread) => connect({ host, port, onread }));
    await this.#reader.connected(connectTimeoutMs).catch((cause: Error) => {
      throw new HostError('ERR_SOURCE_OPEN', `Cannot connect to ${host}:${port}: ${cause.message}`, { cause });
    });
  }

  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    const { host, port } = this.#options;
    try {
      await this.#reader?.run(output, signal);
    } catch (cause) {
      const message = `The connection to ${host}:${port} failed after ${output.bytes} bytes: ${(cause as Error).message}`;
      throw new HostError('ERR_SOURCE_READ', message, { cause });
    }
  }

  async close(): Promise<void> {
    this.#reader?.destroy();
  }
}
