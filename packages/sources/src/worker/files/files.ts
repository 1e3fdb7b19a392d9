/** Files, one after the other, as one input: plain or compressed, of any kind that can be read. */
import { HostError } from '@chipmunk-host/runtime/internal/worker';
import { type Decompress, decompressor } from '../../shared/compressed/decompress.js';
import { chosenCompression, headOf, plain } from '../../shared/compressed/input-compression.js';
import { InputPieces, type PieceSupply } from '../../shared/compressed/input-pieces.js';
import { expandFiles } from '../../shared/expand-files.js';
import type { FilesRequest } from '../../shared/files-options.js';
import { ReadProgress } from '../../shared/read-progress.js';
import type { Source, SourceOutput } from '../contract.js';
import { FileStream, type OpenedFile, openedFile, openFile } from './open-file.js';
import { RegularFile } from './regular-file.js';

/** So many files stay open until their turn comes. */
const MOST_OPEN = 64;
/** What is read of a compressed file at once. */
const PIECE_BYTES = 128 * 1024;

interface Entry {
  readonly file: OpenedFile;
  /** Undefined: plain. */
  readonly decompress: Decompress | undefined;
}

export class Files implements Source {
  readonly progress: ReadProgress;
  readonly #request: FilesRequest;
  #entries: readonly Entry[] = [];
  readonly #opened: OpenedFile[] = [];
  #closing: Promise<void> | undefined;

  constructor(request: FilesRequest, progress = new ReadProgress()) {
    this.#request = request;
    this.progress = progress;
  }

  async open(): Promise<void> {
    const { opened } = this.#request;
    if (opened !== undefined)
      this.#opened.push(await openedFile(opened.path, opened.descriptor, { owns: !opened.isKept, isOwn: false }));
    else
      for (const path of await expandFiles(this.#request)) {
        const file = await openFile(path);
        this.#opened.push(file);
        if (file instanceof RegularFile && this.#opened.length > MOST_OPEN) await file.rest();
        if (this.#closing !== undefined) break;
      }
    // It was closed meanwhile.
    if (this.#closing !== undefined) return this.#closeAll();
    this.#entries = await Promise.all(this.#opened.map((file) => this.#entry(file)));
    const sizes = this.#opened.map((file) => (file instanceof RegularFile ? file.size : Number.NaN));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    this.progress.total = Number.isNaN(total) ? 0 : total;
  }

  async run(output: SourceOutput, signal: AbortSignal): Promise<void> {
    const onAbort = () => {
      for (const file of this.#opened) if (file instanceof FileStream) file.chunks.destroy();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      for (const [number, entry] of this.#entries.entries()) {
        if (!(await this.#begin(output, entry.file.path, number))) return;
        if (!(await this.#deliver(entry, output, signal))) return;
        await entry.file.close();
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    await Promise.all(this.#opened.map((file) => file.close()));
  }

  /** Names the file that follows. @returns false when nothing more is wanted */
  #begin(output: SourceOutput, path: string, number: number): boolean | Promise<boolean> {
    if (this.#entries.length === 1) return true;
    if (this.#request.join !== true) return output.segment({ name: path, type: 'file' });
    const message = `The file ${number + 1} of ${this.#entries.length}, '${path}', begins here.`;
    return output.event({ event: 'file', message, file: path });
  }

  /** @returns false when nothing more is wanted */
  async #deliver({ file, decompress }: Entry, output: SourceOutput, signal: AbortSignal): Promise<boolean> {
    if (file instanceof RegularFile && decompress === undefined) return this.#copy(file, output, signal);
    const input = new InputPieces(file instanceof RegularFile ? this.#pieces(file) : this.#chunks(file, signal));
    const how = decompress ?? (await this.#decompressorOf(file.path, await headOf(input)));
    const garbage: { position: number; bytes: number }[] = [];
    const chunks =
      how === undefined ? plain(input) : how(input, (position, bytes) => garbage.push({ position, bytes }));
    for await (const chunk of chunks) if (!(await output.write(chunk)) || signal.aborted) return false;
    for (const { position, bytes } of garbage) {
      const message = `${bytes} bytes from byte ${position} of '${file.path}' on are behind its compressed data and are left out.`;
      if (!(await output.event({ event: 'trailing', message, bytes, file: file.path }))) return false;
    }
    return !signal.aborted;
  }

  /** Reads into the slots of the ring. */
  async #copy(file: RegularFile, output: SourceOutput, signal: AbortSignal): Promise<boolean> {
    for (let position = 0; ; ) {
      const slot = output.tryAcquire() ?? (await output.acquire());
      if (slot === undefined || signal.aborted) return false;
      const count = await file.readAt(slot, position);
      if (count === 0) return true;
      output.publish(count);
      position += count;
      this.progress.done += count;
    }
  }

  #pieces(file: RegularFile): PieceSupply {
    let position = 0;
    const before = this.progress.done;
    return {
      read: async () => {
        const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
        const count = await file.readAt(piece, position);
        position += count;
        this.progress.done = before + position;
        return count === 0 ? undefined : piece.subarray(0, count);
      },
      seek: (to) => {
        position = to;
      },
    };
  }

  #chunks({ path, chunks }: FileStream, signal: AbortSignal): PieceSupply {
    const iterator = chunks[Symbol.asyncIterator]();
    let bytes = 0;
    return {
      read: async () => {
        try {
          const { done, value } = await iterator.next();
          if (done === true) return undefined;
          bytes += value.length;
          return value;
        } catch (cause) {
          if (signal.aborted || this.#closing !== undefined) return undefined;
          const message = `Cannot read '${path}' at byte ${bytes}: ${(cause as Error).message}`;
          throw new HostError('ERR_SOURCE_READ', message, { cause });
        }
      },
    };
  }

  async #entry(file: OpenedFile): Promise<Entry> {
    // What is no regular file tells it when it is read.
    if (!(file instanceof RegularFile)) return { file, decompress: undefined };
    return { file, decompress: await this.#decompressorOf(file.path, file.head) };
  }

  /** @throws HostError `ERR_SOURCE_OPEN` when it is compressed in another way than was said, or nothing decompresses it */
  async #decompressorOf(path: string, head: Uint8Array): Promise<Decompress | undefined> {
    const found = chosenCompression(path, this.#request.compression ?? 'auto', head);
    return found === undefined ? undefined : decompressor(found, path);
  }
}
