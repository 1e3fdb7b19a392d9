/** bzip2, by an optional package: decompresses in this thread, at about 8 MB/s. */
import { cutOff, DamagedData } from './damage.js';
import type { InputPieces } from './input-pieces.js';
import { optionalPackage } from './optional-package.js';

/** A stream of Node's first kind: it works while it is written to. */
interface Unbzip2 {
  on(event: 'data', listener: (chunk: Uint8Array) => void): void;
  on(event: 'error', listener: (error: Error | string) => void): void;
  write(piece: Uint8Array): void;
  end(): void;
}

const PIECE_BYTES = 64 * 1024;

export const loadBzip2 = (name: string) => optionalPackage<() => Unbzip2>('bzip2', 'unbzip2-stream', name);

/** @throws DamagedData behind what could be decompressed */
export async function* unbzip2ed(input: InputPieces, create: () => Unbzip2): AsyncGenerator<Uint8Array> {
  const stream = create();
  const chunks: Uint8Array[] = [];
  let failure: Error | string | undefined;
  stream.on('data', (chunk) => void chunks.push(chunk));
  stream.on('error', (error) => {
    failure ??= error;
  });
  for (let piece = await input.take(PIECE_BYTES); ; piece = await input.take(PIECE_BYTES)) {
    const position = input.position - (piece?.length ?? 0);
    if (piece === undefined) stream.end();
    else stream.write(piece);
    yield* chunks.splice(0);
    if (failure !== undefined && piece === undefined) throw cutOff(position);
    if (failure !== undefined)
      throw new DamagedData(String((failure as Error).message ?? failure), position, piece?.length);
    if (piece === undefined) return;
  }
}
