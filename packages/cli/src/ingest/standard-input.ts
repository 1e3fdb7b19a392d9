/** Standard input as the input of a session: refuses what cannot be read before, and notices after that a file was cut meanwhile. */
import { fstatSync, ReadStream, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { HostError } from '@chipmunk-host/manager';

const DESCRIPTOR = 0;
/** How long what follows the first bytes is waited for, in milliseconds: a program that writes lines now and then never writes many. */
const HEAD_WAIT_MS = 1000;

type Next = Promise<IteratorResult<Buffer>>;

export class StandardInput implements AsyncIterable<Uint8Array> {
  readonly #status: Stats;
  readonly #chunks: AsyncIterator<Buffer>;
  /** What was read before somebody asked for all. */
  readonly #head: Buffer[] = [];
  /** What was asked for, and has not come yet. */
  #next: Next | undefined;

  /** @throws HostError `ERR_SOURCE_OPEN` */
  constructor() {
    this.#status = fstatSync(DESCRIPTOR);
    if (this.#status.isDirectory()) throw unusable('a directory');
    // What Node cannot read, it takes for empty.
    if (!(process.stdin instanceof Socket) && !((process.stdin as unknown) instanceof ReadStream))
      throw unusable(this.#status.isBlockDevice() ? 'a block device' : 'of a kind that cannot be read');
    this.#chunks = (process.stdin as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /**
   * The first bytes, which are delivered again to who iterates: as many as are wanted, or less at the end of the input, or less when no
   * more have come a second after the first of them.
   * @throws the signal's reason; what reading throws
   */
  async head(bytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    try {
      for (let read = 0; read < bytes; ) {
        this.#next ??= this.#chunks.next();
        const next = await Promise.race([this.#next, aborted(AbortSignal.any([signal, late.signal]))]);
        signal.throwIfAborted();
        if (next === undefined || next.done === true) break;
        this.#next = undefined;
        this.#head.push(next.value);
        read += next.value.length;
        timer ??= setTimeout(() => late.abort(), HEAD_WAIT_MS);
      }
    } finally {
      clearTimeout(timer);
    }
    return Buffer.concat(this.#head).subarray(0, bytes);
  }

  /** @throws HostError `ERR_SOURCE_CHANGED` behind the bytes of a file that was cut meanwhile */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for (const chunk of this.#head.splice(0)) {
      bytes += chunk.length;
      yield chunk;
    }
    for (;;) {
      this.#next ??= this.#chunks.next();
      const { done, value } = await this.#next;
      if (done === true) break;
      this.#next = undefined;
      bytes += value.length;
      yield value;
    }
    const { size } = this.#status;
    const now = fstatSync(DESCRIPTOR).size;
    if (!this.#status.isFile() || bytes >= size || now >= size) return;
    const message = `The standard input was cut to ${now} bytes while it was read; it had ${size} bytes at the start.`;
    throw new HostError('ERR_SOURCE_CHANGED', message, { help: 'Read a copy, or a file that is only appended to.' });
  }

  destroy(): void {
    process.stdin.destroy();
  }
}

function unusable(kind: string): HostError {
  return new HostError('ERR_SOURCE_OPEN', `The standard input is ${kind}; expected a file, a pipe or a terminal.`, {
    help: 'Name the input as a FILE.',
  });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
