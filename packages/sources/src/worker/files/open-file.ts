/** Opens what a path names, whatever it is, without blocking the thread. */
import { close, fstat, open, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import { type Chunks, chunksOf } from './file-chunks.js';
import { OPEN_FLAGS } from './open-flags.js';
import { RegularFile } from './regular-file.js';

const openPath = promisify(open);
const closeDescriptor = promisify(close);
const statDescriptor = promisify(fstat) as (descriptor: number) => Promise<Stats>;

/** What can be read at any position, or else once from its beginning to its end. */
export type OpenedFile = RegularFile | FileStream;

export class FileStream {
  readonly path: string;
  readonly chunks: Chunks;

  constructor(path: string, chunks: Chunks) {
    this.path = path;
    this.chunks = chunks;
  }

  async close(): Promise<void> {
    this.chunks.destroy();
  }
}

/** @throws HostError `ERR_SOURCE_OPEN` */
export async function openFile(path: string): Promise<OpenedFile> {
  const descriptor = await openPath(path, OPEN_FLAGS).catch((cause: NodeJS.ErrnoException) => {
    throw openError(path, cause);
  });
  return openedFile(path, descriptor, { owns: true, isOwn: true });
}

export interface DescriptorOrigin {
  /** Whether it is closed here. */
  readonly owns: boolean;
  /** Whether this thread has opened it. */
  readonly isOwn: boolean;
}

/** @throws HostError `ERR_SOURCE_OPEN` */
export async function openedFile(
  path: string,
  descriptor: number,
  { owns, isOwn }: DescriptorOrigin,
): Promise<OpenedFile> {
  try {
    const status = await statDescriptor(descriptor);
    if (status.isDirectory()) throw unusable(path, 'a directory');
    if (status.isSocket()) throw unusable(path, 'a socket');
    if (status.isFile()) {
      const file = new RegularFile(path, status, descriptor, owns);
      if (await file.isAsLongAsItSays()) return file;
    }
    return new FileStream(path, chunksOf(descriptor, { isFifo: status.isFIFO(), owns, isOwn }));
  } catch (error) {
    if (owns) await closeDescriptor(descriptor).catch(() => {});
    throw error instanceof HostError && error.code === 'ERR_SOURCE_OPEN' ? error : openError(path, error as Error);
  }
}

function openError(path: string, cause: NodeJS.ErrnoException): HostError {
  const help = 'Check the path and your rights to it.';
  if (cause.code === 'ENOENT') return new HostError('ERR_SOURCE_OPEN', `There is no file '${path}'.`, { cause, help });
  // What opening a socket, or a device that is not there, comes to.
  if (cause.code === 'ENXIO') return unusable(path, 'a socket or a device that is not there', cause);
  return new HostError('ERR_SOURCE_OPEN', `Cannot use '${path}': ${cause.message}`, { cause, help });
}

function unusable(path: string, kind: string, cause?: unknown): HostError {
  return new HostError('ERR_SOURCE_OPEN', `'${path}' is ${kind}; expected a file.`, {
    cause,
    help: 'Name a log file, a FIFO or a device.',
  });
}
