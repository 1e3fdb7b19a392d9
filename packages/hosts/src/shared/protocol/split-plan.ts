/** How a file is split over several instances of a parser, and how their rings say where one split ends. */

/** What a parser's metadata say of where its input can be split: `newline` is behind each LF. */
export const BOUNDARIES = ['newline'] as const;
export type Boundary = (typeof BOUNDARIES)[number];

/** Which splits an instance works on: every `stride`th from number `first` on. */
export interface SplitPlan {
  readonly boundary: Boundary;
  /** Bytes of the file, the same for all instances: one that opens it later may find that it has grown. */
  readonly size: number;
  /** Split n begins at the first boundary at or behind byte n times this. */
  readonly splitBytes: number;
  readonly first: number;
  readonly stride: number;
}

/** Frame behind the last batch of a split: msgpack's nil, which no batch and no record begins with. */
export const SPLIT_END = Uint8Array.of(0xc0);

export function isSplitEnd(frame: Uint8Array): boolean {
  return frame.length === SPLIT_END.length && frame[0] === SPLIT_END[0];
}
