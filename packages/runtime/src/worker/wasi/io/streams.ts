/** The streams that a plugin can hold: nothing on stdin, lines to stdout and stderr, and files. */

import type { OutputLines } from '../cli/output-lines.js';
import type { OpenFile } from '../filesystem/open-file.js';
import type { Resource } from '../handle-table.js';

export abstract class InputStream implements Resource {
  /** At most `maxBytes` bytes, good until the next read; undefined at the end. */
  abstract read(maxBytes: number): Uint8Array | undefined;
  dispose(): void {}
}

export abstract class OutputStream implements Resource {
  abstract write(bytes: Uint8Array): void;
  dispose(): void {}
}

export class EmptyInput extends InputStream {
  read(): undefined {
    return undefined;
  }
}

export class LineOutput extends OutputStream {
  readonly #lines: OutputLines;

  constructor(lines: OutputLines) {
    super();
    this.#lines = lines;
  }

  write(bytes: Uint8Array): void {
    this.#lines.write(bytes);
  }
}

/** Reads a file from an offset on. Keeps the file open, also when its descriptor is dropped. */
export class FileInputStream extends InputStream {
  readonly #file: OpenFile;
  #offset: number;

  constructor(file: OpenFile, offset: number) {
    super();
    this.#file = file.retain();
    this.#offset = offset;
  }

  read(maxBytes: number): Uint8Array | undefined {
    if (maxBytes === 0) return new Uint8Array(0);
    const bytes = this.#file.read(maxBytes, this.#offset);
    this.#offset += bytes.length;
    return bytes.length === 0 ? undefined : bytes;
  }

  override dispose(): void {
    this.#file.release();
  }
}

/** Writes a file from an offset on, or always at its end. */
export class FileOutputStream extends OutputStream {
  readonly #file: OpenFile;
  #offset: number | undefined;

  constructor(file: OpenFile, offset: number | undefined) {
    super();
    this.#file = file.retain();
    this.#offset = offset;
  }

  write(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const written = this.#file.write(bytes.subarray(at), this.#offset ?? this.#file.size());
      if (this.#offset !== undefined) this.#offset += written;
      at += written;
    }
  }

  override dispose(): void {
    this.#file.release();
  }
}
