/** How a file is split over several instances of a parser, and how their rings say where one piece ends. */

/** What a parser's metadata say of where its input can be split: `newline` is behind each LF. */
export const BOUNDARIES = ['newline'] as const;
export type Boundary = (typeof BOUNDARIES)[number];

/** Which pieces an instance works on: every `stride`th from number `first` on. */
export interface SplitPlan {
  readonly boundary: Boundary;
  /** Bytes of the file, the same for all instances: one that opens it later may find that it has grown. */
  readonly size: number;
  /** Piece n begins at the first boundary at or behind byte n times this. */
  readonly pieceBytes: number;
  readonly first: number;
  readonly stride: number;
}

/** Frame behind the last batch of a piece: msgpack's nil, which no batch and no record begins with. */
export const PIECE_END = Uint8Array.of(0xc0);

export function isPieceEnd(frame: Uint8Array): boolean {
  return frame.length === PIECE_END.length && frame[0] === PIECE_END[0];
}
