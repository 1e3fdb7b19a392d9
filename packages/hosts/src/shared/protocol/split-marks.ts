/**
 * Frames between the batches of an instance whose splits begin at a guess: they say which split follows, and how it came out. The main thread
 * delivers a split when the one before it has ended where it begins, and drops it otherwise, with all that these frames carry.
 *
 * An instance that comes to the end of its split and cannot end there waits until the split is delivered: then it goes on in the next one, in
 * the place of the instance that has begun it at the guess. Else another instance has gone on in this one, and it is over.
 */
import type { SerializedError } from '@chipmunk-host/runtime/internal/shared';
import type { LogEvent } from './log-line.js';
import type { ParseErrorEvent } from './parse-errors.js';

/** What an instance tells of a split beside its batches. It counts when the split is delivered. */
export type SplitEvent = LogEvent | ParseErrorEvent;

export type SplitMark =
  /** What follows is split number `split`, parsed from its first byte on. */
  | { readonly kind: 'begin'; readonly split: number }
  /** The instance goes on in split number `split`. */
  | { readonly kind: 'goes-on'; readonly split: number; readonly events: readonly SplitEvent[] }
  | SplitEndMark
  | { readonly kind: 'failed'; readonly error: SerializedError; readonly events: readonly SplitEvent[] };

/** It has ended where split number `next` begins; null: with the input. */
export interface SplitEndMark {
  readonly kind: 'end';
  readonly next: number | null;
  /** Items since the split began, or since a fresh instance took over in it (`isFresh`). */
  readonly items: number;
  readonly isFresh: boolean;
  readonly events: readonly SplitEvent[];
}

/** Msgpack's nil, which no batch, no record and nothing encoded begins with; a text follows it. */
const MARK = 0xc0;

export function encodeSplitMark(mark: SplitMark): Uint8Array {
  const text = Buffer.from(JSON.stringify(mark), 'utf8');
  const bytes = new Uint8Array(1 + text.length);
  bytes[0] = MARK;
  bytes.set(text, 1);
  return bytes;
}

/** Undefined when the frame is none. */
export function readSplitMark(frame: Uint8Array): SplitMark | undefined {
  if (frame[0] !== MARK) return undefined;
  return JSON.parse(Buffer.from(frame.subarray(1)).toString('utf8')) as SplitMark;
}
