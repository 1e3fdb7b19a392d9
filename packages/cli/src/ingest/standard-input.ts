/** Standard input as the input of a session: refuses what cannot be read before, and notices after that a file was cut meanwhile. */
import { fstatSync, ReadStream, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { HostError } from '@chipmunk-host/manager';

const DESCRIPTOR = 0;

export class StandardInput implements AsyncIterable<Uint8Array> {
  readonly #status: Stats;

  /** @throws HostError `ERR_SOURCE_OPEN` */
  constructor() {
    this.#status = fstatSync(DESCRIPTOR);
    if (this.#status.isDirectory()) throw unusable('a directory');
    // What Node cannot read, it takes for empty.
    if (!(process.stdin instanceof Socket) && !((process.stdin as unknown) instanceof ReadStream))
      throw unusable(this.#status.isBlockDevice() ? 'a block device' : 'of a kind that cannot be read');
  }

  /** @throws HostError `ERR_SOURCE_CHANGED` behind the bytes of a file that was cut meanwhile */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      yield chunk;
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
