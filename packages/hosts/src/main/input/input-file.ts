/**
 * What a session reads by its path. The path is looked up once, when the session is opened: its workers share the descriptor, so that
 * whatever is renamed or put in its place later, all of them read the file that was there. See ADR 12.
 */
import { close, constants, fstat, open, read, type Stats } from 'node:fs';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { HostError } from '@chipmunk-host/runtime';
import { absolutePath } from '@chipmunk-host/runtime/internal';
import type { CompressionChoice } from '@chipmunk-host/sources';
import { compressionOf, type FilePosition, hasPrint, headPrint, tailPrint } from '@chipmunk-host/sources/internal';
import { type FileSample, type OpenedFile, sampledStretches } from '../../shared/protocol/opened-file.js';
import { HandedFile } from './handed-file.js';
import { HEAD_BYTES } from './input-head.js';

const openDescriptor = promisify(open);
const statDescriptor = promisify(fstat) as (descriptor: number) => Promise<Stats>;
const readDescriptor = promisify(read);
const closeDescriptor = promisify(close);

/** Opening waits for no writer of a FIFO, and makes no terminal this process's own. Windows has neither. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

const NO_BYTES = new Uint8Array(0);

/** A thread that may read the file. */
export interface FileReaderThread {
  /** Settles when its instance has ended. `hangs`: a thread of it is in a system call, and ends when that returns. */
  readonly ended: Promise<{ readonly hangs: boolean }>;
  /** Settles when nothing in it can read any more. */
  readonly released: Promise<void>;
}

/** A regular file. Its descriptor is closed when the session has ended and no thread can read from it any more. */
export class InputFile {
  readonly request: OpenedFile;
  readonly #threads = new Set<FileReaderThread>();
  #closing: Promise<void> | undefined;

  constructor(request: OpenedFile) {
    this.request = request;
  }

  /** Its first bytes, as they were when it was opened; none when they could not be read. */
  get head(): Uint8Array {
    return this.request.samples.find(({ position }) => position === 0)?.bytes.subarray(0, HEAD_BYTES) ?? NO_BYTES;
  }

  /**
   * Fills `into` with the bytes from `position` on, as far as there are any; returns how many.
   * @throws HostError `ERR_CLOSED` for what is not among its samples; the system's error
   */
  async readFully(into: Uint8Array, position: number): Promise<number> {
    const end = position + into.length;
    const { samples, descriptor, path } = this.request;
    const sample = samples.find(({ position: at, bytes }) => at <= position && end <= at + bytes.length);
    if (sample !== undefined) {
      into.set(sample.bytes.subarray(position - sample.position, end - sample.position));
      return into.length;
    }
    for (let filled = 0; ; ) {
      if (this.#closing !== undefined) throw new HostError('ERR_CLOSED', `'${path}' is not read any more.`);
      const { bytesRead } = await readDescriptor(descriptor, into, filled, into.length - filled, position + filled);
      filled += bytesRead;
      if (bytesRead === 0 || filled === into.length) return filled;
    }
  }

  /** The place at byte `offset`, to find it again. @throws HostError `ERR_CLOSED` */
  async placeAt(offset: number): Promise<FilePosition> {
    const { path, device, inode } = this.request;
    const read = this.readFully.bind(this);
    const [head, tail] = [await headPrint(read, offset), await tailPrint(read, offset)];
    return { path: absolutePath(path), device, inode, offset, head, tail };
  }

  /** Whether it has what the file of a place had before it. */
  async has({ offset, head, tail }: FilePosition): Promise<boolean> {
    const read = this.readFully.bind(this);
    return offset <= this.request.size && (await hasPrint(read, 0, head)) && hasPrint(read, offset - tail.bytes, tail);
  }

  /** @throws HostError `ERR_CLOSED`: its descriptor may be another file's by now */
  lendTo(thread: FileReaderThread): void {
    if (this.#closing !== undefined)
      throw new HostError('ERR_CLOSED', `The session has ended: '${this.request.path}' is not read any more.`);
    this.#threads.add(thread);
    void thread.released.then(() => this.#threads.delete(thread));
  }

  /** Waits for the threads that have ended, and not for those that hang in a read. Calling it again does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const hanging: Promise<void>[] = [];
    await Promise.all(
      [...this.#threads].map(async ({ ended, released }) => {
        if ((await ended).hangs) hanging.push(released);
        else await released;
      }),
    );
    const { descriptor } = this.request;
    if (hanging.length === 0) await closeDescriptor(descriptor).catch(() => {});
    else void Promise.all(hanging).then(() => closeDescriptor(descriptor).catch(() => {}));
  }
}

/**
 * Opens it without blocking this thread, whatever it is and wherever it lies.
 * @returns a file when it can be read at any position as it is, else what a source's worker reads
 * @throws HostError `ERR_SOURCE_OPEN`; the signal's reason when it is aborted meanwhile
 */
export async function openInputFile(
  path: string,
  compression: CompressionChoice,
  signal?: AbortSignal,
): Promise<InputFile | HandedFile> {
  signal?.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  const opening = openAnything(path, compression);
  try {
    return await Promise.race([opening, aborted]);
  } catch (error) {
    // A file system that hangs may answer later.
    opening.then(
      (opened) => void opened.close(),
      () => {},
    );
    throw error;
  } finally {
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  }
}

async function openAnything(path: string, compression: CompressionChoice): Promise<InputFile | HandedFile> {
  const descriptor = await openDescriptor(path, FLAGS).catch((cause: NodeJS.ErrnoException) => {
    throw openError(path, cause);
  });
  try {
    const status = await statDescriptor(descriptor);
    if (status.isDirectory()) throw unusable(path, 'a directory');
    if (status.isSocket()) throw unusable(path, 'a socket');
    const file = status.isFile() ? await sampledFile(path, descriptor, status) : undefined;
    if (file === undefined)
      return new HandedFile({ path, descriptor, isKept: !status.isFIFO() && !isatty(descriptor) }, compression);
    const input = new InputFile(file);
    const isPlain = compression === 'none' || (compression === 'auto' && compressionOf(input.head) === undefined);
    return isPlain ? input : new HandedFile({ path, descriptor, isKept: true }, compression);
  } catch (error) {
    await closeDescriptor(descriptor).catch(() => {});
    throw error instanceof HostError ? error : openError(path, error as NodeJS.ErrnoException);
  }
}

/** Undefined when the file has no size, or another one than it says, such as those of `/proc`: only reading tells where it ends. */
async function sampledFile(path: string, descriptor: number, status: Stats): Promise<OpenedFile | undefined> {
  const { size } = status;
  const [device, inode] = [String(status.dev), String(status.ino)];
  const stretches = sampledStretches(size);
  const samples = await Promise.all(stretches.map((stretch) => sampleOf(descriptor, stretch)));
  const readable = samples.filter((sample) => sample !== undefined);
  const whole = samples.every((sample, at) => sample === undefined || sample.bytes.length === stretches[at]?.length);
  if (whole && size > 0) return { path, descriptor, size, device, inode, samples: readable };
  const now = await statDescriptor(descriptor);
  // It was written to meanwhile.
  if (now.size !== size) return sampledFile(path, descriptor, now);
  if (size > 0) return undefined;
  const first = await sampleOf(descriptor, { position: 0, length: 1 });
  const later = await statDescriptor(descriptor);
  return first?.bytes.length !== 0 && later.size === 0
    ? undefined
    : { path, descriptor, size, device, inode, samples: readable };
}

/** As much of it as there is; undefined when it cannot be read: the worker reports that when it reads. */
async function sampleOf(
  descriptor: number,
  { position, length }: { readonly position: number; readonly length: number },
): Promise<FileSample | undefined> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; ; ) {
    try {
      const { bytesRead } = await readDescriptor(descriptor, bytes, filled, length - filled, position + filled);
      filled += bytesRead;
      if (bytesRead === 0 || filled === length) return { position, bytes: bytes.subarray(0, filled) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINTR') return undefined;
    }
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
