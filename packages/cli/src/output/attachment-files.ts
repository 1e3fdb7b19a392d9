/**
 * Attachments as files of a directory, and an index of them. A file gets its name when it is whole, and no file is replaced; the line of
 * the index follows. The index gets its name at the end of the run.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type Attachment, safeFileName } from '@chipmunk-host/manager';
import { lookup } from 'mrmime';
import { CommandError } from '../terminal/command-error.js';
import { DescriptorSink } from './byte-sink.js';
import { errorCodeOf, openError, writeError } from './output-error.js';
import { PARTIAL_EXTENSION, PartialFile, renameToNew, synchronised } from './partial-file.js';

const INDEX = 'index.ndjson';
/** What a file is called until it is whole. */
const UNFINISHED = `attachment${PARTIAL_EXTENSION}`;

/** Where an attachment was found. */
export interface AttachmentPlace {
  /** Name of the input. */
  readonly source: string;
  /** Number of its item in the input, from 0. */
  readonly row: number;
  /** Position of the item in the input. */
  readonly offset: number;
}

export class AttachmentFiles {
  readonly #directory: string;
  readonly #index: PartialFile;
  readonly #names: FileNames;
  #files = 0;
  #bytes = 0;

  private constructor(directory: string, index: PartialFile, names: FileNames) {
    this.#directory = directory;
    this.#index = index;
    this.#names = names;
  }

  /**
   * Makes the directory, if there is none.
   * @throws CommandError when that fails, or the directory has an index already
   */
  static async open(directory: string): Promise<AttachmentFiles> {
    try {
      await mkdir(directory, { recursive: true });
      const there = await readdir(directory);
      if (there.includes(INDEX)) throw indexThere(directory);
      const names = new FileNames([...there, INDEX, INDEX + PARTIAL_EXTENSION, UNFINISHED]);
      return new AttachmentFiles(
        directory,
        await PartialFile.create(join(directory, INDEX), { replaces: false }),
        names,
      );
    } catch (error) {
      throw error instanceof CommandError ? error : openError(directory, error);
    }
  }

  /** Files that were written. */
  get files(): number {
    return this.#files;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws CommandError when not all of it could be written: then there is no file of it */
  async add(attachment: Attachment, place: AttachmentPlace): Promise<void> {
    const file = await this.#write(attachment);
    this.#files++;
    this.#bytes += attachment.data.length;
    const line = `${JSON.stringify(indexEntry(attachment, place, file))}\n`;
    const { sink, path } = this.#index;
    await sink.write(Buffer.from(line)).catch((cause: unknown) => {
      throw writeError(`'${path}'`, sink.writtenBytes, cause);
    });
  }

  /** @throws CommandError when the index cannot be put in its place */
  finish(): Promise<void> {
    return this.#index.finish();
  }

  /** The run has failed. @returns a sentence that says where attachments are; undefined when there are none */
  async abandon(): Promise<string | undefined> {
    const index = await this.#index.abandon();
    return index === undefined
      ? undefined
      : `The attachments so far are in '${this.#directory}', and their index is '${index}'.`;
  }

  /** @returns the name of the file */
  async #write({ name, data }: Attachment): Promise<string> {
    const unfinished = join(this.#directory, UNFINISHED);
    let handle: FileHandle;
    try {
      handle = await open(unfinished, 'wx');
    } catch (cause) {
      throw openError(unfinished, cause);
    }
    const sink = new DescriptorSink(handle.fd);
    try {
      await sink.write(data);
      await synchronised(handle);
      await handle.close();
      return await this.#rename(unfinished, safeFileName(name));
    } catch (cause) {
      await handle.close().catch(() => {});
      await rm(unfinished, { force: true }).catch(() => {});
      throw writeError(`'${join(this.#directory, safeFileName(name))}'`, sink.writtenBytes, cause);
    }
  }

  async #rename(unfinished: string, name: string): Promise<string> {
    for (;;) {
      const free = this.#names.take(name);
      try {
        await renameToNew(unfinished, join(this.#directory, free));
        return free;
      } catch (error) {
        // Somebody else has made one meanwhile.
        if (errorCodeOf(error) !== 'EEXIST') throw error;
      }
    }
  }
}

/** Names that are free, also where `A` and `a`, or two ways to write `ä`, are the same file. */
export class FileNames {
  /** How often each name was asked for. */
  readonly #counts: Map<string, number>;

  /** @param taken names of files that are there */
  constructor(taken: Iterable<string>) {
    this.#counts = new Map([...taken].map((name) => [keyOf(name), 1]));
  }

  /** The name, or with `-2` and so on before its suffix. */
  take(name: string): string {
    const suffix = extname(name);
    const stem = name.slice(0, name.length - suffix.length);
    const key = keyOf(name);
    let free = name;
    let count = this.#counts.get(key) ?? 0;
    for (; this.#counts.has(keyOf(free)); free = `${stem}-${count}${suffix}`) count++;
    this.#counts.set(key, Math.max(count, 1));
    if (free !== name) this.#counts.set(keyOf(free), 1);
    return free;
  }
}

function keyOf(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

function indexThere(directory: string): CommandError {
  const path = join(directory, INDEX);
  return new CommandError('ERR_OUTPUT_OPEN', `Cannot write attachments to '${directory}': '${path}' exists already.`, {
    help: 'Choose another directory for each run, or move what is there.',
  });
}

function indexEntry(attachment: Attachment, { source, row, offset }: AttachmentPlace, file: string): object {
  const { name, data, size, created = null, modified = null, messages } = attachment;
  const sha256 = createHash('sha256').update(data).digest('hex');
  return {
    source,
    row,
    offset,
    name,
    mime: lookup(name) ?? null,
    size: data.length,
    sha256,
    file,
    statedSize: plain(size),
    created,
    modified,
    messages: Array.from(messages, plain),
  };
}

/** As text where a number of JavaScript could not hold it. */
function plain(value: bigint): number | string {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
}
