/**
 * Tar archives, compressed with gzip. They have no table of contents: they are read through once for one, and again for each
 * file that is taken. Both times all that comes out of the decompression counts, also what is not taken.
 */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { type Archive, type ArchiveEntry, archiveFault, entryPath, refuseEntry } from './archive.js';
import { ByteBudget, requireFewEntries, type SourceLimits } from './source-limits.js';

export class TarArchive implements Archive {
  readonly entries: readonly ArchiveEntry[];
  readonly #scan: () => AsyncIterable<ParsedTarEntry>;
  readonly #path: string;

  private constructor(path: string, scan: () => AsyncIterable<ParsedTarEntry>, entries: readonly ArchiveEntry[]) {
    this.#path = path;
    this.#scan = scan;
    this.entries = entries;
  }

  /** @throws HostError `ERR_STORE_SOURCE` */
  static async open(path: string, archiveBytes: number, limits: SourceLimits): Promise<TarArchive> {
    const scan = () => scanTar(path, new ByteBudget(path, limits, archiveBytes));
    const entries: ArchiveEntry[] = [];
    try {
      for await (const { header, body } of scan()) {
        requireFewEntries(path, entries.length + 1, limits);
        const { name, type = 'file' } = header;
        if (type !== 'file' && type !== 'directory') refuseEntry(path, name, TYPES[type] ?? type);
        // What is packed are then a map and the parts that are no holes.
        if (Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse.')))
          refuseEntry(path, name, 'sparse file');
        entries.push({ path: entryPath(path, name), isDirectory: type === 'directory', index: entries.length });
        await drained(body);
      }
    } catch (error) {
      throw archiveFault(path, FORMAT, error);
    }
    return new TarArchive(path, scan, entries);
  }

  async *read({ index }: ArchiveEntry): AsyncGenerator<Uint8Array> {
    let at = 0;
    try {
      for await (const { body } of this.#scan()) {
        if (at++ === index) return yield* body;
        await drained(body);
      }
      throw new Error('it was changed meanwhile');
    } catch (error) {
      throw archiveFault(this.#path, FORMAT, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const FORMAT = 'a tar archive that is compressed with gzip';
const TYPES: Readonly<Record<string, string>> = {
  link: 'hard link',
  symlink: 'symbolic link',
  'character-device': 'device',
  'block-device': 'device',
  fifo: 'pipe',
};

function scanTar(path: string, budget: ByteBudget): AsyncIterable<ParsedTarEntry> {
  // The iterator below gets the error; the callback is only what `pipeline` asks for.
  const expanded = pipeline(createReadStream(path), createGunzip(), () => {});
  return ReadableStream.from(budget.count(expanded)).pipeThrough(createTarDecoder({ strict: true }));
}

/**
 * Reads over what is not wanted. Not cancelled: of a small file the decoder has all at hand and is on its way to the next one,
 * whose content a cancellation would then cut off (modern-tar 0.8.6), so that reading it never ends.
 */
async function drained(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body);
}
