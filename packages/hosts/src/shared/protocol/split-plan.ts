/** How a file is split over several instances of a parser, and how their rings say where one split ends. */

/**
 * What a parser's metadata say of where its input can be split. `newline`: behind each LF, for certain. `pattern`: where one of some patterns
 * begins, if the split before turns out to end there.
 */
export const BOUNDARIES = ['newline', 'pattern'] as const;
/** How it is said where a parser's input can be split between instances. */
export type Boundary = (typeof BOUNDARIES)[number];

/** Bytes of a pattern at most. */
export const MAX_PATTERN_BYTES = 64;
/** Hexadecimal digits in pairs; blanks may be between two pairs. */
export const PATTERN_FORM = new RegExp(`^(?:[0-9a-fA-F]{2} ?){1,${MAX_PATTERN_BYTES}}$`);
export const PATTERN_EXPECTED = `texts of 1 to ${MAX_PATTERN_BYTES} bytes in hexadecimal, such as '0d 0a'`;

/** Which splits an instance works on: every `stride`th from number `first` on. */
export interface SplitPlan {
  /** Patterns of which one begins each split but the first, which is a guess; undefined: splits begin behind each LF. */
  readonly patterns: readonly Uint8Array[] | undefined;
  /** Bytes of the file, the same for all instances: one that opens it later may find that it has grown. */
  readonly size: number;
  /** Split n begins at the first boundary at or behind byte n times this. */
  readonly splitBytes: number;
  readonly first: number;
  readonly stride: number;
  /** The instance's own splits are those with this remainder by `stride`; `first` may be another's that it goes on in. */
  readonly lane: number;
}

/** Frame behind the last batch of a split: msgpack's nil, which no batch and no record begins with. */
export const SPLIT_END = Uint8Array.of(0xc0);

export function isSplitEnd(frame: Uint8Array): boolean {
  return frame.length === SPLIT_END.length && frame[0] === SPLIT_END[0];
}

export function patternBytes(pattern: string): Uint8Array {
  return Uint8Array.from(Buffer.from(pattern.replaceAll(' ', ''), 'hex'));
}
