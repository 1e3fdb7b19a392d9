/** Compressed bytes for tests, and what comes out of them. */
import { execFileSync } from 'node:child_process';
import * as zlib from 'node:zlib';
import { DamagedData } from '#shared/compressed/damage.js';
import type { OnGarbage } from '#shared/compressed/decompress.js';
import { InputPieces } from '#shared/compressed/input-pieces.js';

export interface Outcome {
  readonly bytes: Buffer;
  readonly garbage: readonly { readonly position: number; readonly bytes: number }[];
  readonly damage: DamagedData | undefined;
}

type Format = (input: InputPieces, onGarbage: OnGarbage) => AsyncIterable<Uint8Array>;

/** Of what can be read at any position, or else comes once only. */
export async function outcomeOf(
  format: Format,
  compressed: Uint8Array,
  { pieceBytes = 4096, seeks = true }: { readonly pieceBytes?: number; readonly seeks?: boolean } = {},
): Promise<Outcome> {
  let at = 0;
  const supply = {
    async read() {
      const piece = compressed.subarray(at, at + pieceBytes);
      at += piece.length;
      return piece.length === 0 ? undefined : piece;
    },
  };
  const seekable = {
    ...supply,
    seek(position: number) {
      at = position;
    },
  };
  const input = new InputPieces(seeks ? seekable : supply);
  const chunks: Buffer[] = [];
  const garbage: { position: number; bytes: number }[] = [];
  let damage: DamagedData | undefined;
  try {
    for await (const chunk of format(input, (position, bytes) => void garbage.push({ position, bytes })))
      chunks.push(Buffer.from(chunk));
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error;
    damage = error;
  }
  return { bytes: Buffer.concat(chunks), garbage, damage };
}

/** Lines of a log, with little and much repetition. */
export function logLines(count: number, seed = 1): Buffer {
  const random = seededRandom(seed);
  const lines: string[] = [];
  for (let line = 0; line < count; line++)
    lines.push(
      `2026-11-28T12:00:${line % 60} INFO module${random() % 50} request ${random()} took ${random() % 999} ms\n`,
    );
  return Buffer.from(lines.join(''));
}

export function seededRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** By a program of the system; undefined when it is not installed. */
export function compressedBy(program: string, args: readonly string[], bytes: Uint8Array): Buffer | undefined {
  try {
    return execFileSync(program, args, { input: bytes, maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'ignore'] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** By Node.js, where it has zstd. */
export const hasNativeZstd = 'createZstdDecompress' in zlib;
