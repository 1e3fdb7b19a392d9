/** A regular file as a source. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HostError } from '@chipmunk-host/runtime/shared';
import { type PositionedReader, PositionedSource } from './positioned-source.js';

export class FileSource extends PositionedSource {
  /** @throws HostError `ERR_SOURCE_OPEN` */
  constructor(path: string) {
    super(new FileReader(path));
  }
}

export class FileReader implements PositionedReader {
  readonly size: number;
  readonly #path: string;
  readonly #descriptor: number;
  #closed = false;

  /** @throws HostError `ERR_SOURCE_OPEN`. That the path is a regular file was checked before: opening a FIFO would block. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (cause) {
      throw new HostError('ERR_SOURCE_OPEN', `Cannot open '${path}': ${(cause as Error).message}`, { cause });
    }
    this.size = fstatSync(this.#descriptor).size;
  }

  readAt(into: Uint8Array, position: number): number {
    try {
      return readSync(this.#descriptor, into, 0, into.length, position);
    } catch (cause) {
      const message = `Cannot read '${this.#path}' at byte ${position}: ${(cause as Error).message}`;
      throw new HostError('ERR_SOURCE_READ', message, { cause });
    }
  }

  close(): void {
    if (!this.#closed) closeSync(this.#descriptor);
    this.#closed = true;
  }
}
