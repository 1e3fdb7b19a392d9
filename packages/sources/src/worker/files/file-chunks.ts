/**
 * What has a path but cannot be read at any position: FIFOs, terminals and other devices, and the files of `/proc`. FIFOs and terminals that
 * another thread has opened are waited for on the event loop; all others are read by the pool of threads that Node has for files.
 */
import { close, read } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty, ReadStream } from 'node:tty';
import { promisify } from 'node:util';

const readDescriptor = promisify(read);

const CHUNK_BYTES = 256 * 1024;
/** How long is waited before something is read again that had nothing at hand, in milliseconds. */
const LATER_MS = 20;

/** Of Node's streams, and of ours. */
export interface Chunks extends AsyncIterable<Uint8Array> {
  /** Also one that waits in the middle of its iteration. */
  destroy(): void;
}

export interface ChunksOrigin {
  readonly isFifo: boolean;
  /** Whether the descriptor is closed here. */
  readonly owns: boolean;
  /**
   * Whether this thread has opened it. Then no stream may close it: Node would close its number once more when the thread ends, and another
   * file may have it by then. What another thread has opened only a stream may close: Node warns of anything else.
   */
  readonly isOwn: boolean;
}

export function chunksOf(descriptor: number, { isFifo, owns, isOwn }: ChunksOrigin): Chunks {
  if (isOwn || (!isFifo && !isatty(descriptor))) return new DescriptorChunks(descriptor, isFifo, owns);
  const stream = isFifo ? new Socket({ fd: descriptor, readable: true, writable: false }) : new ReadStream(descriptor);
  // It may fail before it is iterated, which then tells of it.
  stream.on('error', () => {});
  return stream;
}

class DescriptorChunks implements Chunks {
  readonly #descriptor: number;
  /** Without a writer, a FIFO says that it is at its end: before the first bytes, one is waited for. */
  #isAwaited: boolean;
  #destroyed = false;
  #reading = false;
  #closed: boolean;

  /** @param closes whether it closes the descriptor when it is destroyed */
  constructor(descriptor: number, isFifo: boolean, closes: boolean) {
    this.#descriptor = descriptor;
    this.#closed = !closes;
    this.#isAwaited = isFifo;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      while (!this.#destroyed) {
        const chunk = await this.#read();
        if (chunk !== undefined && chunk.length > 0) {
          this.#isAwaited = false;
          yield chunk;
        } else if (chunk !== undefined && !this.#isAwaited) return;
        else await sleep(LATER_MS);
      }
    } finally {
      this.destroy();
    }
  }

  destroy(): void {
    this.#destroyed = true;
    if (this.#reading || this.#closed) return;
    this.#closed = true;
    close(this.#descriptor, () => {});
  }

  /** The next bytes, none at the end; undefined when there is nothing at hand. */
  async #read(): Promise<Uint8Array | undefined> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    this.#reading = true;
    try {
      const { bytesRead } = await readDescriptor(this.#descriptor, chunk, 0, chunk.length, null);
      return chunk.subarray(0, bytesRead);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EINTR' || code === 'EAGAIN') return undefined;
      throw error;
    } finally {
      this.#reading = false;
    }
  }
}
