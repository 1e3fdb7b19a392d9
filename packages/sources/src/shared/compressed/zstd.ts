/** zstd: frames one after the other (RFC 8878), by Node's own decompressor where it has one. */
import * as zlib from 'node:zlib';
import { DamagedData } from './damage.js';
import type { InputPieces } from './input-pieces.js';
import { type Member, type MemberRun, memberBytes } from './member.js';
import { CHUNK_BYTES, type Decompressor, RUN_OPTIONS, ZlibRun, type ZlibRunOptions } from './zlib-run.js';
import { FramePieces, skipFrame, zstdFrameAt } from './zstd-frame.js';

type CreateDecompressor = (options: { readonly chunkSize: number; readonly readableHighWaterMark: number }) => unknown;

/** Newer versions of Node.js have it. */
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: CreateDecompressor };

/**
 * @param onGarbage told of bytes behind the last frame that are no zstd, and are left out
 * @param native whether Node's own decompressor is used
 * @throws DamagedData behind what could be decompressed
 */
export async function* unzstd(
  input: InputPieces,
  onGarbage: (position: number, bytes: number) => void,
  native = createZstdDecompress !== undefined,
): AsyncGenerator<Uint8Array> {
  const run = native ? nativeRun : (await import('./fzstd-run.js')).createFzstdRun;
  for (let frames = 0; ; frames++) {
    const kind = await zstdFrameAt(input);
    if (kind === 'end') return;
    if (kind === 'skippable') await skipFrame(input);
    else if (kind === 'frame') yield* memberBytes(input, frameMember(input, run));
    else if (frames === 0) throw new DamagedData('does not begin as zstd', input.position);
    else return await skipGarbage(input, onGarbage);
  }
}

type StartRun = (frame: FramePieces, options: Omit<ZlibRunOptions, 'findsEnd'>) => MemberRun | Promise<MemberRun>;

function frameMember(input: InputPieces, start: StartRun): Member {
  let frame = new FramePieces(input);
  return {
    pieces: () => {
      frame = new FramePieces(input);
      return (most) => frame.next(most);
    },
    run: (options) => start(frame, options) as MemberRun,
  };
}

function nativeRun(_frame: FramePieces, options: Omit<ZlibRunOptions, 'findsEnd'>): MemberRun {
  const stream = createZstdDecompress?.({ ...RUN_OPTIONS, chunkSize: CHUNK_BYTES }) as Decompressor;
  return new ZlibRun(stream, { ...options, findsEnd: false });
}

async function skipGarbage(input: InputPieces, onGarbage: (position: number, bytes: number) => void): Promise<void> {
  const { position } = input;
  for (;;) {
    const piece = await input.take(Number.POSITIVE_INFINITY);
    if (piece === undefined) break;
  }
  onGarbage(position, input.position - position);
}
