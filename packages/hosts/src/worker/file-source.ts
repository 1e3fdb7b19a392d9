/** A regular file as a source, read straight into the memory that the plugin gets. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HostError } from '@chipmunk-host/runtime/shared';
import type { SliceSource } from './slice-source.js';

export class FileSource implements SliceSource {
  /** Bytes. What is appended after the file was opened is not part of the input. */
  readonly size: number;
  readonly #path: string;
  readonly #descriptor: number;
  #end: number;
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
    this.#end = this.size;
  }

  available(offset: number, wanted: number): number {
    return Math.max(0, Math.min(wanted, this.#end - offset));
  }

  consume(_offset: number): void {}

  remaining(offset: number): number {
    return Math.max(0, this.#end - offset);
  }

  read(target: Uint8Array, offset: number): number {
    let filled = 0;
    while (filled < target.length) {
      const count = this.#readOnce(target, filled, offset + filled);
      if (count === 0) {
        // The file has become shorter since it was opened.
        this.#end = offset + filled;
        break;
      }
      filled += count;
    }
    return filled;
  }

  close(): void {
    if (!this.#closed) closeSync(this.#descriptor);
    this.#closed = true;
  }

  #readOnce(target: Uint8Array, from: number, position: number): number {
    try {
      return readSync(this.#descriptor, target, from, target.length - from, position);
    } catch (cause) {
      const message = `Cannot read '${this.#path}' at byte ${position}: ${(cause as Error).message}`;
      throw new HostError('ERR_SOURCE_READ', message, { cause });
    }
  }
}
