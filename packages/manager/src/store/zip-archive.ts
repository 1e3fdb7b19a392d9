/** ZIP archives. Their table of contents is read first, so that only what is wanted is expanded. */
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { type Archive, type ArchiveEntry, archiveFault, entryPath, refuseEntry } from './archive.js';
import { ByteBudget, requireFewEntries, type SourceLimits } from './source-limits.js';
import { sourceError } from './store-errors.js';

export class ZipArchive implements Archive {
  readonly entries: readonly ArchiveEntry[];
  readonly #path: string;
  readonly #zip: ZipFile;
  readonly #found: readonly Entry[];

  private constructor(path: string, zip: ZipFile, found: readonly Entry[], entries: readonly ArchiveEntry[]) {
    this.#path = path;
    this.#zip = zip;
    this.#found = found;
    this.entries = entries;
  }

  /** @throws HostError `ERR_STORE_SOURCE` */
  static async open(path: string, archiveBytes: number, limits: SourceLimits): Promise<ZipArchive> {
    let zip: ZipFile | undefined;
    try {
      zip = await openPromise(path, { autoClose: false, lazyEntries: true, strictFileNames: true });
      requireFewEntries(path, zip.entryCount, limits);
      const budget = new ByteBudget(path, limits, archiveBytes);
      const found: Entry[] = [];
      const entries: ArchiveEntry[] = [];
      for await (const entry of zip.eachEntry()) {
        // The declared size of an entry is compared with its real size when it is read.
        budget.spend(entry.uncompressedSize);
        entries.push({
          path: entryPath(path, entry.fileName),
          isDirectory: requireFileOrFolder(path, entry),
          index: found.push(entry) - 1,
        });
      }
      return new ZipArchive(path, zip, found, entries);
    } catch (error) {
      zip?.close();
      throw archiveFault(path, 'a ZIP archive', error);
    }
  }

  async *read({ index }: ArchiveEntry): AsyncGenerator<Uint8Array> {
    const entry = this.#found[index];
    if (entry === undefined) throw new RangeError(`The archive has no entry ${index}.`);
    if (entry.isEncrypted())
      throw sourceError(`'${this.#path}' is encrypted.`, 'Pack the folder of the plugin without a password.');
    try {
      const stream = await this.#zip.openReadStreamPromise(entry);
      let checksum = 0;
      for await (const chunk of stream) {
        checksum = crc32(chunk as Uint8Array, checksum);
        yield chunk as Uint8Array;
      }
      // yauzl checks sizes only.
      if (checksum !== entry.crc32) throw new Error(`the checksum of ${entry.fileName} is wrong`);
    } catch (error) {
      throw archiveFault(this.#path, 'a ZIP archive', error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#zip.close();
  }
}

/** Types of files on Unix, in the upper half of the external attributes; 0 when it was made elsewhere. */
const TYPES: Readonly<Record<number, string>> = {
  4096: 'pipe',
  8192: 'device',
  24576: 'device',
  40960: 'symbolic link',
  49152: 'socket',
};

/** @returns whether it is a folder */
function requireFileOrFolder(path: string, { fileName, externalFileAttributes }: Entry): boolean {
  const mode = (externalFileAttributes >>> 16) & 0xf000;
  const other = TYPES[mode];
  if (other !== undefined) refuseEntry(path, fileName, other);
  return mode === 0x4000 || fileName.endsWith('/');
}
