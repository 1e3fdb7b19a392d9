/** What a session has opened by its path and hands to a source's worker, since it cannot be read at any position, or is compressed. */
import { close } from 'node:fs';
import { promisify } from 'node:util';
import type { CompressionChoice } from '@chipmunk-host/sources';
import { type FoundKind, foundSource, type HandedDescriptor } from '@chipmunk-host/sources/internal';

const closeDescriptor = promisify(close);

export class HandedFile {
  readonly path: string;
  readonly #opened: HandedDescriptor;
  readonly #compression: CompressionChoice;
  #isOurs = true;

  constructor(opened: HandedDescriptor, compression: CompressionChoice) {
    this.path = opened.path;
    this.#opened = opened;
    this.#compression = compression;
  }

  /** From then on the worker closes what is not kept. */
  handOver(): FoundKind {
    if (!this.#opened.isKept) this.#isOurs = false;
    return foundSource('files', { files: [], opened: this.#opened, compression: this.#compression });
  }

  /** When nothing reads it any more. Calling it again does nothing. */
  async close(): Promise<void> {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    await closeDescriptor(this.#opened.descriptor).catch(() => {});
  }
}
