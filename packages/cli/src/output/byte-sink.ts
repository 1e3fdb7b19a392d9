/** Where bytes go: a file, a device, a pipe, a terminal. A write takes the whole chunk or fails. */
import { fdatasync, fstatSync, write } from 'node:fs';
import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';

export interface ByteSink {
  /** Bytes that were taken. Of a write that failed a descriptor counts what it took, a stream nothing. */
  readonly writtenBytes: number;
  /** Whether a reader decides when bytes are taken, and may let them wait for ever. */
  readonly mayStall: boolean;
  /**
   * Takes all of a chunk, which must not change until this resolves. Chunks are written in the order of the calls; once one has
   * failed, so do all that follow.
   * @throws the system's error
   */
  write(chunk: Uint8Array): Promise<void>;
  /** Where a sink holds back what it took: resolves when all of that is written. @throws the system's error */
  flush?(): Promise<void>;
  /** What was written is on the disk when this resolves, where there is one. @throws the system's error */
  sync?(): Promise<void>;
}

const RETRY_MS = 10;
const writeSome = promisify(write);
const syncDescriptor = promisify(fdatasync);
/** Pipes, terminals, and file systems that cannot synchronise a file. */
const CANNOT_SYNC = ['EINVAL', 'ENOTSUP', 'ENOSYS', 'EROFS'];

/**
 * Writes to a descriptor on the thread pool, so that a file system that hangs does not keep the main thread from noticing
 * signals. One write of the system may take less than it was given, as before a disk is full: the rest is written again.
 */
export class DescriptorSink implements ByteSink {
  readonly mayStall = false;
  readonly #descriptor: number;
  #writtenBytes = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  write(chunk: Uint8Array): Promise<void> {
    const written = this.#last.then(() => this.#writeAll(chunk));
    this.#last = written;
    return written;
  }

  async sync(): Promise<void> {
    await this.#last;
    await syncDescriptor(this.#descriptor).catch((error: NodeJS.ErrnoException) => {
      if (!CANNOT_SYNC.includes(error.code ?? '')) throw error;
    });
  }

  async #writeAll(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const taken = await this.#writeFrom(chunk, at);
      at += taken;
      this.#writtenBytes += taken;
    }
  }

  async #writeFrom(chunk: Uint8Array, at: number): Promise<number> {
    try {
      const { bytesWritten } = await writeSome(this.#descriptor, chunk, at, chunk.length - at, null);
      if (bytesWritten === 0) throw Object.assign(new Error('EIO: no byte was written, write'), { code: 'EIO' });
      return bytesWritten;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EINTR') throw error;
      // Somebody else who has the descriptor made it one that does not wait.
      await setTimeout(RETRY_MS);
      return 0;
    }
  }
}

/** Writes to a pipe, a socket or a terminal: the event loop waits for readers, and goes on when one takes a part. */
export class StreamSink implements ByteSink {
  readonly mayStall = true;
  readonly #stream: Writable;
  #writtenBytes = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
    // The callbacks of `write` get the same error; without a listener it would end the process as well.
    stream.on('error', () => {});
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(chunk, (error) => {
        if (error) {
          reject(error);
          return;
        }
        this.#writtenBytes += chunk.length;
        resolve();
      });
    });
  }
}

/** @param stream Node's own for a standard descriptor; made only where it is needed, since it changes what it is made of */
export function standardSink(descriptor: 1 | 2, stream: () => Writable): ByteSink {
  return isatty(descriptor) || isPipe(descriptor) ? new StreamSink(stream()) : new DescriptorSink(descriptor);
}

function isPipe(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isFIFO() || status.isSocket();
  } catch {
    // Windows cannot ask after all kinds of them.
    return true;
  }
}

/** Whether a write failed because nobody reads any more. A socket says so in another way when there were bytes left in it. */
export function isReaderGone(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_DESTROYED' || code === 'EOF';
}
