/**
 * One member of a compressed input. When a piece of it cannot be decompressed, the decompressor keeps to itself what it had made of that
 * piece. So the member is decompressed once more up to there, and the piece in smaller ones, as long as the input can be read again.
 */
import { DamagedData } from './damage.js';
import type { InputPieces } from './input-pieces.js';
import { type NextPiece, PIECE_BYTES, type ZlibRunOptions } from './zlib-run.js';

/** A decompressor's work on a member. */
export interface MemberRun extends AsyncIterable<Uint8Array> {
  /** What was taken from the input and is not the member's. */
  readonly rest: Uint8Array;
}

export interface Member {
  /** For a run from the member's beginning. */
  pieces(): NextPiece;
  run(options: Omit<ZlibRunOptions, 'findsEnd'>): MemberRun;
}

/** A piece that failed is divided into so many. */
const PARTS = 256;

/** @throws DamagedData behind what could be decompressed */
export async function* memberBytes(input: InputPieces, member: Member): AsyncGenerator<Uint8Array> {
  const start = input.position;
  let delivered = 0;
  let damage: DamagedData | undefined;
  for (let parts = 1; ; parts = PARTS) {
    const { position: from, length } = damage ?? { position: Number.POSITIVE_INFINITY, length: PIECE_BYTES };
    const most = Math.ceil(length / parts);
    if (damage !== undefined) input.seek(start);
    const run = member.run({
      next: member.pieces(),
      position: () => input.position,
      pieceBytes: (at) => (at < from ? Math.min(PIECE_BYTES, from - at) : most),
    });
    try {
      let known = delivered;
      for await (const chunk of run) {
        const chunkKnown = Math.min(known, chunk.length);
        known -= chunkKnown;
        if (chunkKnown === chunk.length) continue;
        delivered += chunk.length - chunkKnown;
        yield chunk.subarray(chunkKnown);
      }
      // It failed before, and now it does not: somebody writes to it.
      if (damage !== undefined) throw damage;
      input.giveBack(run.rest);
      return;
    } catch (error) {
      if (!(error instanceof DamagedData) || error === damage) throw error;
      const isNarrower = error.length > 1 && error.length < (damage?.length ?? Number.POSITIVE_INFINITY);
      if (!isNarrower || !input.canSeek) throw error;
      damage = error;
    }
  }
}
