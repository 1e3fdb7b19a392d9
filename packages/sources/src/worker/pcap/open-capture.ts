/** Opens what a capture lies in: a file, a FIFO, a device, standard input. */
import { close, constants, fstat, open, read, type Stats } from 'node:fs';
import { Socket } from 'node:net';
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
  return status.isFIFO() ? socketFeed(descriptor) : new DescriptorFeed(descriptor);
}

async function openStandardInput(): Promise<CaptureFeed> {
  if (isatty(STDIN)) throw openError('Standard input is a terminal; expected a capture, as from `tcpdump -w -`');
  const status = await statDescriptor(STDIN).catch((cause: Error) => {
    throw openError(`Cannot use standard input: ${cause.message}`, cause);
  });
  return status.isFIFO() || status.isSocket() ? socketFeed(STDIN) : new DescriptorFeed(STDIN);
}

/** What is waited for on the event loop. */
function socketFeed(descriptor: number): CaptureFeed {
  const socket = new Socket({ fd: descriptor, readable: true, writable: false });
  // It may fail before it is read, which then tells of it.
  socket.on('error', () => {});
  return new PieceFeed(socket, () => socket.destroy());
}

/** What never keeps waiting, or not for long. */
class DescriptorFeed implements CaptureFeed {
  readonly #descriptor: number;
  #reading: Promise<unknown> | undefined;
  #closed = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#closed) return 0;
    const reading = readDescriptor(this.#descriptor, into, 0, into.length, null);
    this.#reading = reading;
    return (await reading).bytesRead;
  }

  stop(): void {}

  /** Waits for a read that is under way: its number may be another file's then. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#reading?.catch(() => {});
    if (this.#descriptor !== STDIN) await closeDescriptor(this.#descriptor);
  }
}

function openError(what: string, cause?: unknown): HostError {
  return new HostError('ERR_SOURCE_OPEN', `${what}.`, { cause, help: 'Check the path and your rights to it.' });
}
