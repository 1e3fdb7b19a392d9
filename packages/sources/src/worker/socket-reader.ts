/**
 * Reads a connection into the ring. Of a socket that this thread has made, straight into it: Node.js asks for the next buffer before it knows
 * that something will come, so it gets the slot that comes next, also when that is not free yet; the socket is then not read until it is.
 * Sockets of a server's clients cannot be told where to read to: what they read is copied.
 */
import type { OnReadOpts, Socket } from 'node:net';
import type { SourceOutput } from './contract.js';

/** For what is read before it is known where it goes. */
const SCRATCH_BYTES = 64 * 1024;

export class SocketReader {
  readonly socket: Socket;
  #scratch: Buffer | undefined;
  #output: SourceOutput | undefined;
  /** Where the socket writes now. */
  #target: Uint8Array | undefined;
  /** Whether it waits for room in the ring. */
  #isFull = false;
  /** Whether what was read to the scratch waits for room. */
  #isWriting = false;
  #onUnwanted: () => void = () => {};
  #idleTimeoutMs = 0;

  /**
   * @param socket of a client; or what makes one, which may be connecting, with these options. It is not read before `run`
   */
  constructor(socket: Socket | ((onread: OnReadOpts) => Socket)) {
    if (typeof socket === 'function') {
      this.#scratch = Buffer.alloc(SCRATCH_BYTES);
      this.socket = socket({ buffer: () => this.#nextTarget(), callback: (count) => this.#take(count) });
    } else {
      this.socket = socket;
      socket.on('data', (chunk) => this.#write(chunk as Buffer));
    }
    this.socket.pause();
    // An error comes when it comes: `connected` and `run` tell of it.
    this.socket.on('error', () => {});
  }

  /** @throws what the connection failed with */
  async connected(limitMs: number): Promise<void> {
    const { socket } = this;
    const timer =
      limitMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => socket.destroy(new Error(`it took longer than ${limitMs} ms`)), limitMs);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('close', () => reject(socket.errored ?? new Error('it was closed')));
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Delivers until the other side ends, nothing more is wanted, or `signal` is aborted.
   * @param idleTimeoutMs when nothing has come for so long, it fails
   * @throws what the connection failed with
   */
  async run(output: SourceOutput, signal: AbortSignal, idleTimeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { socket } = this;
    const onAbort = () => socket.destroy();
    this.#output = output;
    if (idleTimeoutMs !== Number.POSITIVE_INFINITY) {
      this.#idleTimeoutMs = idleTimeoutMs;
      socket.on('timeout', () => {
        // Where it is not read, nothing can come.
        if (!this.#isFull) socket.destroy(new Error(`nothing came for ${idleTimeoutMs} ms`));
      });
      socket.setTimeout(idleTimeoutMs);
    }
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onUnwanted = resolve;
        const onClosed = () => (signal.aborted || socket.errored == null ? resolve() : reject(socket.errored));
        if (signal.aborted) socket.destroy();
        if (socket.destroyed) {
          onClosed();
          return;
        }
        socket.once('end', resolve);
        socket.once('close', onClosed);
        socket.resume();
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  #nextTarget(): Uint8Array {
    const slot = this.#isWriting ? undefined : this.#output?.nextSlot;
    this.#target = slot ?? this.#scratch ?? new Uint8Array(0);
    return this.#target;
  }

  /** So many bytes were read to the target. Returns whether the next one may be read to at once. */
  #take(count: number): boolean {
    const output = this.#output;
    if (output === undefined) return false;
    if (this.#target === this.#scratch) {
      const isTaken = output.write((this.#target as Buffer).subarray(0, count));
      // What waits for room stays where it is, and takes the slot that comes next.
      if (typeof isTaken !== 'boolean') this.#scratch = Buffer.alloc(SCRATCH_BYTES);
      this.#isWriting = typeof isTaken !== 'boolean';
    } else output.publish(count);
    if (output.tryAcquire() !== undefined && !output.stopRequested) return true;
    void this.#goOnWhen(output.acquire().then((slot) => slot !== undefined));
    return false;
  }

  #write(chunk: Buffer): void {
    const isTaken = this.#output?.write(chunk);
    if (isTaken === true || isTaken === undefined) return;
    this.socket.pause();
    void this.#goOnWhen(Promise.resolve(isTaken));
  }

  async #goOnWhen(room: Promise<boolean>): Promise<void> {
    this.#isFull = true;
    const isWanted = await room;
    this.#isFull = false;
    if (!isWanted) {
      this.#onUnwanted();
      return;
    }
    if (this.#idleTimeoutMs > 0) this.socket.setTimeout(this.#idleTimeoutMs);
    this.socket.resume();
  }
}
