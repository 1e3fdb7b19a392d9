/**
 * An output in several files, one after the other: `items.ndjson.gz` becomes `items-000001.ndjson.gz` and so on. A file gets its name
 * when it is whole; until then it is its `.partial`. No file is replaced: numbers go on behind the highest that is there.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { CommandError } from '../terminal/command-error.js';
import type { ByteSink } from './byte-sink.js';
import { CompressedFile } from './compressed-file.js';
import { compressionSuffix } from './compression.js';
import { openError, writeError } from './output-error.js';
import type { OutputFile } from './output-file.js';
import { PARTIAL_EXTENSION, PartialFile } from './partial-file.js';

/** When a file is followed by the next. */
export interface Rotation {
  /** Before it would become longer than so many bytes, counted before compression. Infinity: never. */
  readonly bytes: number;
  /** So long after it was begun, if there are rows in it. Infinity: never. */
  readonly everyMs: number;
}

export interface RotatedFilesOptions {
  readonly rotation: Rotation;
  /** Whether each file begins with the first chunk that is written. */
  readonly headed: boolean;
  readonly warn: (message: string) => void;
}

const DIGITS = 6;

/** A sink for chunks of whole rows: no chunk is split. */
export class RotatedFiles implements OutputFile, ByteSink {
  readonly isTerminal = false;
  readonly mayStall = false;
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #headed: boolean;
  #number: number;
  #file: OutputFile;
  #timer: NodeJS.Timeout | undefined;
  /** Of the rows in the file. */
  #rowBytes = 0;
  #header: Uint8Array | undefined;
  /** Whether the file has its name, and the next one is not begun. */
  #isClosed = false;
  readonly #whole: string[] = [];
  #wholeBytes = 0;
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, { rotation, headed }: RotatedFilesOptions, number: number, file: OutputFile) {
    this.#path = path;
    this.#rotation = rotation;
    this.#headed = headed;
    this.#number = number;
    this.#file = file;
  }

  /**
   * Makes the first file.
   * @throws CommandError when it cannot be made
   */
  static async open(path: string, options: RotatedFilesOptions): Promise<RotatedFiles> {
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined && !there.isFile())
      throw openError(path, new Error('it is no regular file, which an output in several files has to be'));
    const { highest, leftover } = await numbersThere(path);
    if (leftover !== undefined)
      options.warn(`'${leftover}' is there: another run is writing it, or a run ended before it was complete`);
    const number = highest + 1;
    return new RotatedFiles(path, options, number, await createFile(rotatedPath(path, number)));
  }

  get sink(): ByteSink {
    return this;
  }

  get wholeFiles(): readonly string[] {
    return this.#whole;
  }

  /** What each file begins with counts once. */
  get writtenBytes(): number {
    if (this.#isClosed) return this.#wholeBytes;
    const repeated = this.#whole.length > 0 ? this.#headerBytes : 0;
    return this.#wholeBytes + Math.max(0, this.#file.sink.writtenBytes - repeated);
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#write(chunk));
  }

  flush(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isClosed) await this.#tellingFile(() => this.#file.sink.flush?.());
    });
  }

  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#last;
    if (!this.#isClosed) await this.#complete();
  }

  async abandon(): Promise<string | undefined> {
    clearTimeout(this.#timer);
    await this.#last.catch(() => {});
    return this.#isClosed ? undefined : this.#file.abandon();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done;
    return done;
  }

  async #write(chunk: Uint8Array): Promise<void> {
    if (this.#headed && this.#header === undefined) {
      this.#header = Uint8Array.from(chunk);
      await this.#writeToFile(chunk);
      return;
    }
    const isOver = this.#rowBytes > 0 && this.#rowBytes + this.#headerBytes + chunk.length > this.#rotation.bytes;
    if (isOver && !this.#isClosed) await this.#complete();
    if (this.#isClosed) await this.#begin();
    if (this.#rowBytes === 0) this.#startTimer();
    await this.#writeToFile(chunk);
    this.#rowBytes += chunk.length;
  }

  get #headerBytes(): number {
    return this.#header?.length ?? 0;
  }

  #writeToFile(chunk: Uint8Array): Promise<void> {
    return this.#tellingFile(() => this.#file.sink.write(chunk));
  }

  /** With the name of the file in errors. */
  async #tellingFile(work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (cause) {
      if (cause instanceof CommandError) throw cause;
      throw writeError(`'${this.#filePath}'`, this.#file.sink.writtenBytes, cause);
    }
  }

  get #filePath(): string {
    return rotatedPath(this.#path, this.#number);
  }

  async #begin(): Promise<void> {
    this.#number++;
    this.#file = await createFile(this.#filePath);
    this.#isClosed = false;
    if (this.#header !== undefined) await this.#writeToFile(this.#header);
  }

  async #complete(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#file.finish();
    this.#isClosed = true;
    this.#whole.push(this.#filePath);
    this.#wholeBytes += this.#rowBytes + (this.#whole.length === 1 ? this.#headerBytes : 0);
    this.#rowBytes = 0;
  }

  #startTimer(): void {
    const { everyMs } = this.#rotation;
    if (everyMs === Number.POSITIVE_INFINITY) return;
    const number = this.#number;
    this.#timer = setTimeout(() => {
      const done = this.#inTurn(async () => {
        if (this.#number === number && !this.#isClosed) await this.#complete();
      });
      // Whoever writes next, or finishes, gets the error.
      done.catch(() => {});
    }, everyMs).unref();
  }
}

/** The name of one of the files. */
export function rotatedPath(path: string, number: number): string {
  const { stem, extension } = partsOf(path);
  return join(dirname(path), `${stem}-${String(number).padStart(DIGITS, '0')}${extension}`);
}

async function createFile(path: string): Promise<OutputFile> {
  try {
    const file = await PartialFile.create(path, { replaces: false });
    return compressionSuffix(path) === '' ? file : new CompressedFile(path, file, { flushesEach: false });
  } catch (error) {
    throw error instanceof CommandError ? error : openError(path, error);
  }
}

/** The highest number of a file that is there, and a file that was not completed. */
async function numbersThere(
  path: string,
): Promise<{ readonly highest: number; readonly leftover: string | undefined }> {
  const { stem, extension } = partsOf(path);
  let highest = 0;
  let leftover: string | undefined;
  // A directory that cannot be read may still be written to; then a file that is there is an error.
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    const isPartial = name.endsWith(PARTIAL_EXTENSION);
    const whole = isPartial ? name.slice(0, -PARTIAL_EXTENSION.length) : name;
    if (!(whole.startsWith(`${stem}-`) && whole.endsWith(extension))) continue;
    const digits = whole.slice(stem.length + 1, whole.length - extension.length);
    if (!new RegExp(`^\\d{${DIGITS},15}$`).test(digits)) continue;
    highest = Math.max(highest, Number(digits));
    if (isPartial) leftover = join(dirname(path), name);
  }
  return { highest, leftover };
}

function partsOf(path: string): { readonly stem: string; readonly extension: string } {
  const name = basename(path);
  const suffix = compressionSuffix(name);
  const plain = name.slice(0, name.length - suffix.length);
  const extension = extname(plain);
  return { stem: plain.slice(0, plain.length - extension.length), extension: extension + suffix };
}
