/** The files of a spool in memory, so that many damaged ones cost little. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpoolStore } from '#index.js';
import { decompressor } from '#zstd.js';

export type Files = ReadonlyMap<string, Uint8Array>;

export async function filesOf(directory: string): Promise<Files> {
  const names = (await readdir(directory)).filter((name) => name !== 'lock');
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)));
}

export function memoryStore(files: Files): SpoolStore {
  return {
    name: 'memory',
    decompress: decompressor,
    list: async () => [...files.keys()],
    open: async (name) => {
      const bytes = files.get(name);
      if (bytes === undefined) return undefined;
      return {
        size: async () => bytes.length,
        // As a file is read: into memory of its own.
        read: async (position, length) => new Uint8Array(bytes.subarray(position, position + length)),
      };
    },
  };
}
