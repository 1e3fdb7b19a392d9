/** A file that is written in place: a device, a pipe, or the output of an endless run. */
import { close, constants, fstat, ftruncate, open } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { type ByteSink, DescriptorSink, StreamSink } from './byte-sink.js';
import { errorCodeOf, openError, writeError } from './output-error.js';

/** How often it is looked whether a named pipe has a reader. */
const READER_INTERVAL_MS = 20;

export class DirectFile {
  readonly sink: ByteSink;
  readonly isTerminal: boolean;
  readonly #path: string;
  readonly #close: () => Promise<void>;

  private constructor(path: string, sink: ByteSink, isTerminal: boolean, close: () => Promise<void>) {
    this.#path = path;
    this.sink = sink;
    this.isTerminal = isTerminal;
    this.#close = close;
  }

  /**
   * @param whenWaiting called when it is a named pipe that has no reader yet: it is waited for
   * @param keepBytes of a file that is there: they stay, and what is written follows them
   * @throws CommandError when it cannot be opened; the signal's reason
   */
  static async open(path: string, signal: AbortSignal, whenWaiting: () => void, keepBytes = 0): Promise<DirectFile> {
    const descriptor = await openWithReader(path, signal, whenWaiting, keepBytes > 0);
    if (keepBytes > 0) await cutBehind(path, descriptor, keepBytes);
    if (!(await promisify(fstat)(descriptor)).isFIFO())
      return new DirectFile(path, new DescriptorSink(descriptor), isatty(descriptor), () =>
        promisify(close)(descriptor),
      );
    const pipe = new Socket({ fd: descriptor, readable: false, writable: true });
    // What its reader has not taken yet, the process itself waits for.
    return new DirectFile(path, new StreamSink(pipe), false, async () => void pipe.end());
  }

  /** @throws CommandError when the system tells only now that something was not written */
  async finish(): Promise<void> {
    await this.#close().catch((cause: unknown) => {
      throw writeError(`'${this.#path}'`, this.sink.writtenBytes, cause);
    });
  }

  /** There is nothing to leave behind. */
  async abandon(): Promise<undefined> {
    await this.#close().catch(() => {});
    return undefined;
  }
}

/** Opened so that no call waits for a reader: signals are noticed, and nothing keeps the process from ending. */
async function openWithReader(
  path: string,
  signal: AbortSignal,
  whenWaiting: () => void,
  keeps: boolean,
): Promise<number> {
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC: truncates, O_NONBLOCK = 0 } = constants;
  const O_TRUNC = keeps ? O_APPEND : truncates;
  for (let looks = 0; ; looks++) {
    signal.throwIfAborted();
    const there = await stat(path).catch(() => undefined);
    const flags = there === undefined ? O_CREAT | O_TRUNC : there.isFile() ? O_TRUNC : 0;
    try {
      return await promisify(open)(path, O_WRONLY | O_NONBLOCK | flags, 0o666);
    } catch (cause) {
      if (errorCodeOf(cause) !== 'ENXIO' || there?.isFIFO() !== true) throw openError(path, cause);
    }
    if (looks === 0) whenWaiting();
    await setTimeout(READER_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

/** What was written behind it is made again. @throws CommandError when the file is shorter */
async function cutBehind(path: string, descriptor: number, keepBytes: number): Promise<void> {
  const status = await promisify(fstat)(descriptor);
  if (!status.isFile()) return;
  try {
    if (status.size < keepBytes) throw new Error(`it has ${status.size} bytes, and had ${keepBytes} at the checkpoint`);
    await promisify(ftruncate)(descriptor, keepBytes);
  } catch (cause) {
    await promisify(close)(descriptor);
    throw openError(path, cause);
  }
}
