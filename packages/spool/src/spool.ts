/** Makes and opens spools in directories. */
import { crc32 } from 'node:zlib';
import { waitingFor } from './append-notices.js';
import { FileStore } from './file-store.js';
import { useCrc32 } from './portable/crc32.js';
import { SpoolReader } from './portable/spool-reader.js';
import type { SpoolOptions } from './writer/spool-options.js';
import { SpoolWriter } from './writer/spool-writer.js';

useCrc32((bytes) => crc32(bytes));

/** Spools in directories. Stores of other kinds are opened with `SpoolReader.open`. */
export const Spool = {
  /**
   * Makes a spool, or goes on with the one that is there.
   * @throws as `SpoolWriter.open`
   */
  create(directory: string, options: SpoolOptions = {}): Promise<SpoolWriter> {
    return SpoolWriter.open(directory, options);
  },

  /**
   * Opens a spool to read it, also while another process writes it. Any number of readers may have it open; none of them changes it.
   * @throws SpoolError `ERR_SPOOL_READ` when it cannot be read; `ERR_SPOOL_FORMAT` when it is none; `ERR_SPOOL_DAMAGED` when nothing of it can be read
   */
  async open(directory: string): Promise<SpoolReader> {
    const store = new FileStore(directory);
    try {
      return await SpoolReader.open(store, waitingFor(directory));
    } catch (error) {
      await store.close();
      throw error;
    }
  },
};
