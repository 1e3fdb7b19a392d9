/**
 * Reads a socket straight into the ring. Node.js asks for the next buffer before it knows that something will come, so it gets the slot
 * that comes next, also when that is not free yet: the socket is then not read until it is.
 */
import type { OnReadOpts, Socket } from 'node:net';
import type { SourceOutput } from './contract.js';

/** For what is read before it is known where it goes. */
const SCRATCH_BYTES = 64 * 1024;

export class SocketReader {
  readonly socket: Socket;
  readonly #scratch = Buffer.alloc(SCRATCH_BYTES);
  #output: SourceOutput | undefined;
  /** Where the socket writes now. */
  #target: Uint8Array = this.#scratch;
  #ended: () => void = () => {};

  /** @param make makes the socket, which may be connecting; it is not read before `run` */
  constructor(make: (onread: OnReadOpts) => Socket) {
    this.socket = make({ buffer: () => this.#nextTarget(), callback: (count) => this.#take(count) });
    this.socket.pause();
    // An error comes when it comes: `connected` and `run` tell of it.
    this.socket.on('error', () => {});
  }

  /** @throws what the connection failed with */
  connected(limitMs: number): Promise<void> {
    const { socket } = this;
    return new Promise<void>((resolve, reject) => {
      const timer =
        limitMs === Number.POSITIVE_INFINITY
          ? undefined
          : setTimeout(() => socket.destroy(new Error(`it took longer than ${limitMs} ms`)), limitMs);
      socket.once('connect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(socket.errored ?? new Error('it was closed')));
      void new Promise((done) => socket.once('connect', done).once('close', done)).then(() => clearTimeout(timer));
    });
  }

  /** Delivers until the other side ends or `signal` is aborted. @throws what the connection failed with */
  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    const { socket } = this;
    this.#output = output;
    const onAbort = () => socket.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#ended = resolve;
        if (socket.destroyed) {
          if (socket.errored != null) reject(socket.errored);
          else resolve();
          return;
        }
        socket.once('end', resolve);
        socket.once('error', reject);
        socket.once('close', () => resolve());
        socket.resume();
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  #nextTarget(): Uint8Array {
    this.#target = this.#output?.nextSlot ?? this.#scratch;
    return this.#target;
  }

  /** Returns whether the next buffer may be read into at once. */
  #take(count: number): boolean {
    const output = this.#output as SourceOutput;
    const isWritten = this.#target === this.#scratch ? output.write(this.#scratch.subarray(0, count)) : undefined;
    if (isWritten === undefined) output.publish(count);
    if (output.tryAcquire() !== undefined) return true;
    void this.#goOnWhenFree(output);
    return false;
  }

  async #goOnWhenFree(output: SourceOutput): Promise<void> {
    const slot = await output.acquire();
    if (slot === undefined) {
      this.#ended();
      return;
    }
    this.socket.resume();
  }
}
