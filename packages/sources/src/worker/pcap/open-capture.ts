/** Opens what a capture lies in: a file, a FIFO, a device, standard input. */
import { close, constants, fstat, open, read, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import { STANDARD_INPUT } from '../../shared/standard-input.js';
import { type CaptureFeed, PieceFeed } from './capture-feed.js';

const openPath = promisify(open);
const closeDescriptor = promisify(close);
const readDescriptor = promisify(read);
const statDescriptor = promisify(fstat) as (descriptor: number) => Promise<Stats>;

/** A FIFO is opened without waiting for its writer. Windows has none. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const STDIN = 0;
/** When a FIFO is asked again, in milliseconds. */
const LATER_MS = 20;

/** @throws HostError `ERR_SOURCE_OPEN` */
export async function openCapture(file: string): Promise<CaptureFeed> {
  if (file === STANDARD_INPUT) return openStandardInput();
  const descriptor = await openPath(file, FLAGS).catch((cause: NodeJS.ErrnoException) => {
    const isMissing = cause.code === 'ENOENT';
    throw openError(isMissing ? `There is no file '${file}'` : `Cannot use '${file}': ${cause.message}`, cause);
  });
  const status = await statDescriptor(descriptor);
  if (status.isDirectory()) {
    await closeDescriptor(descriptor);
    throw openError(`'${file}' is a directory; expected a capture`);
  }
  return new DescriptorFeed(descriptor, status.isFIFO());
}

async function openStandardInput(): Promise<CaptureFeed> {
  if (isatty(STDIN)) throw openError('Standard input is a terminal; expected a capture, as from `tcpdump -w -`');
  const status = await statDescriptor(STDIN).catch((cause: Error) => {
    throw openError(`Cannot use standard input: ${cause.message}`, cause);
  });
  if (!status.isFIFO() && !status.isSocket()) return new DescriptorFeed(STDIN, false);
  // Not for what this thread has opened: Node would close its number once more when the thread ends, and another may have it by then.
  const socket = new Socket({ fd: STDIN, readable: true, writable: false });
  // It may fail before it is read, which then tells of it.
  socket.on('error', () => {});
  return new PieceFeed(socket, () => socket.destroy());
}

/** A file, a device, or a FIFO, which is asked again and again: without a writer, it says that it is at its end. */
class DescriptorFeed implements CaptureFeed {
  readonly #descriptor: number;
  readonly #stopping = new AbortController();
  /** Whether a writer is waited for. */
  #isAwaited: boolean;
  #reading: Promise<number> | undefined;
  #closing: Promise<void> | undefined;

  constructor(descriptor: number, isFifo: boolean) {
    this.#descriptor = descriptor;
    this.#isAwaited = isFifo;
  }

  async read(into: Uint8Array): Promise<number> {
    for (;;) {
      if (this.#stopping.signal.aborted) return 0;
      this.#reading = this.#readOnce(into);
      const count = await this.#reading;
      if (count > 0) this.#isAwaited = false;
      if (count > 0 || (count === 0 && !this.#isAwaited)) return count;
      await sleep(LATER_MS, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Waits for a read that is under way: its number may be another file's then. */
  close(): Promise<void> {
    this.stop();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#reading?.catch(() => {});
    if (this.#descriptor !== STDIN) await closeDescriptor(this.#descriptor);
  }

  /** @returns how many bytes; -1: there are none now */
  async #readOnce(into: Uint8Array): Promise<number> {
    try {
      return (await readDescriptor(this.#descriptor, into, 0, into.length, null)).bytesRead;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return -1;
      throw error;
    }
  }
}

function openError(what: string, cause?: unknown): HostError {
  return new HostError('ERR_SOURCE_OPEN', `${what}.`, { cause, help: 'Check the path and your rights to it.' });
}
