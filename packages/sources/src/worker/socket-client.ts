/**
 * A client of a server that delivers a stream of bytes. When the connection is lost, it connects again, if it is told to: the parser meets the
 * end of its input, and what the next connection delivers is another input.
 */
import type { OnReadOpts, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import type { ReconnectOptions, SocketClientOptions } from '../shared/socket-options.js';
import type { Source, SourceOutput } from './contract.js';
import { SocketReader } from './socket-reader.js';

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_RECONNECT = { maxAttempts: Number.POSITIVE_INFINITY, minDelayMs: 200, maxDelayMs: 10_000 };

/** Where it connects to. */
export interface ClientTarget {
  /** Key of the source. */
  readonly type: string;
  /** What batches call it. */
  readonly name: string;
  /** What messages call it. */
  readonly label: string;
  connect(onread: OnReadOpts): Socket;
}

export class SocketClient implements Source {
  readonly #target: ClientTarget;
  readonly #options: SocketClientOptions;
  readonly #reconnect: Required<{ [Name in keyof ReconnectOptions]: number }> | undefined;
  readonly #closing = new AbortController();
  #reader: SocketReader | undefined;

  constructor(target: ClientTarget, options: SocketClientOptions) {
    this.#target = target;
    this.#options = options;
    const { reconnect = false } = options;
    if (reconnect !== false) this.#reconnect = withDefaults(reconnect === true ? {} : reconnect);
  }

  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (cause) {
      throw new HostError('ERR_SOURCE_OPEN', `Cannot connect to ${this.#target.label}: ${messageOf(cause)}`, { cause });
    }
  }

  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#closing.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    let failed = 0;
    try {
      for (;;) {
        const before = output.bytes;
        const lost = await this.#readAll(output, signal);
        if (signal.aborted || output.stopRequested || this.#closing.signal.aborted) return;
        if (this.#reconnect === undefined) {
          if (lost === undefined) return;
          throw this.#failure(output, `then it failed: ${messageOf(lost)}`, lost);
        }
        if (output.bytes > before) failed = 0;
        await this.#tellLoss(output, lost);
        failed = await this.#connectAgain(output, failed);
        if (failed < 0) return;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#reader?.destroy();
  }

  async #connect(): Promise<void> {
    this.#reader = new SocketReader((onread) => this.#target.connect(onread));
    if (this.#closing.signal.aborted) this.#reader.destroy();
    await this.#reader.connected(this.#options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
  }

  /** Returns what the connection was lost with; undefined when it ended. */
  async #readAll(output: SourceOutput, signal: AbortSignal): Promise<unknown> {
    try {
      await this.#reader?.run(output, signal, this.#options.idleTimeoutMs);
      return undefined;
    } catch (error) {
      return error ?? new Error('it was lost');
    }
  }

  async #tellLoss(output: SourceOutput, lost: unknown): Promise<void> {
    const { name, type, label } = this.#target;
    const how = lost === undefined ? 'was closed by the other side' : `was lost: ${messageOf(lost)}`;
    await output.event({ event: 'disconnected', message: `The connection to ${label} ${how}.` });
    await output.segment({ name, type });
  }

  /**
   * @param failed attempts in a row that came to nothing
   * @returns as many, the one that was successful included; negative when nobody wants more
   * @throws HostError `ERR_SOURCE_READ` when these are too many
   */
  async #connectAgain(output: SourceOutput, failed: number): Promise<number> {
    const { maxAttempts, minDelayMs, maxDelayMs } = this.#reconnect ?? DEFAULT_RECONNECT;
    const began = performance.now();
    let error: unknown;
    for (let attempt = failed; attempt < maxAttempts; attempt++) {
      const delayMs = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(attempt, 30));
      try {
        await sleep(delayMs * (0.5 + Math.random() / 2), undefined, { signal: this.#closing.signal });
        await this.#connect();
      } catch (thrown) {
        if (this.#closing.signal.aborted || output.stopRequested) return -1;
        error = thrown;
        continue;
      }
      const attempts = attempt - failed + 1;
      const tookMs = Math.round(performance.now() - began);
      const tried = attempts === 1 ? 'at the first attempt' : `at attempt ${attempts}`;
      await output.event({
        event: 'reconnected',
        message: `The connection to ${this.#target.label} is back after ${tookMs} ms, ${tried}.`,
        count: attempts,
        afterMs: tookMs,
      });
      return attempt + 1;
    }
    const why = error === undefined ? 'connections deliver nothing' : messageOf(error);
    throw this.#failure(output, `then it was lost, and ${maxAttempts} attempts to connect again failed: ${why}`, error);
  }

  #failure(output: SourceOutput, how: string, cause: unknown): HostError {
    const message = `The connection to ${this.#target.label} delivered ${output.bytes} bytes; ${how}`;
    return new HostError('ERR_SOURCE_READ', message, { cause });
  }
}

function withDefaults(given: ReconnectOptions): typeof DEFAULT_RECONNECT {
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_RECONNECT, ...(Object.fromEntries(known) as Partial<typeof DEFAULT_RECONNECT>) };
}

/** Of several addresses that were tried in vain, the errors of each. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
