/** From compressed bytes to what they were made of, and to an error that says where they are damaged. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';
import type { Compression } from '../compression.js';
import { loadBzip2, unbzip2ed } from './bzip2.js';
import { DamagedData } from './damage.js';
import { gunzipped } from './gzip.js';
import type { InputPieces } from './input-pieces.js';
import { loadXz, unxzed } from './xz.js';
import { unzstd } from './zstd.js';

/** Told of bytes behind the compressed ones that are left out, by their position in the compressed input. */
export type OnGarbage = (position: number, bytes: number) => void;

export type Decompress = (input: InputPieces, onGarbage: OnGarbage) => AsyncIterable<Uint8Array>;

/**
 * @param name of the input, in messages
 * @throws HostError `ERR_SOURCE_OPEN` when that takes a package that is not installed
 */
export async function decompressor(compression: Compression, name: string): Promise<Decompress> {
  const decompress = await plainDecompressor(compression, name);
  return (input, onGarbage) => explained(decompress(input, onGarbage), name);
}

async function plainDecompressor(compression: Compression, name: string): Promise<Decompress> {
  switch (compression) {
    case 'gzip':
      return gunzipped;
    case 'zstd':
      return unzstd;
    case 'bzip2': {
      const create = await loadBzip2(name);
      return (input) => unbzip2ed(input, create);
    }
    case 'xz': {
      const xz = await loadXz(name);
      return (input) => unxzed(input, xz);
    }
  }
}

async function* explained(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error;
    throw damageError(error, name, bytes);
  }
}

function damageError({ message, position }: DamagedData, name: string, bytes: number): HostError {
  const what = /^(does|has|ends|was) /.test(message) ? message : `cannot be decompressed (${message})`;
  return new HostError(
    'ERR_SOURCE_READ',
    `'${name}' ${what}, at byte ${position} of the compressed file. The ${bytes} bytes that could be decompressed before were delivered.`,
    { help: 'Get an undamaged copy of the file.' },
  );
}
