/**
 * Where a parser's input comes from: anything whose bytes can be asked for by their position, again and again until they are
 * consumed. Calls that may have to wait return promises; they are only made outside of a plugin's call.
 */
import type { SourceInfo } from '@chipmunk-host/batch';
import type { NumberedEvent } from '@chipmunk-host/sources/internal/shared';
import type { ItemIndexes } from '../output/batch-publisher.js';

/** Another input behind the end of the one that is read. */
export interface FollowingInput {
  readonly source: SourceInfo;
  /** What the source tells of it. */
  readonly note: NumberedEvent | undefined;
}

export interface ByteInput {
  /** Bytes of the whole input; undefined where only its end will tell. */
  readonly size: number | undefined;
  /**
   * How many bytes there are from `offset` on, or `wanted` if there are at least that many. Waits for a source that delivers
   * as it goes: until there are as many, or the input ends, or for a little while when there are `atLeast`. The same question
   * asked again behind a wait gets its answer at once. Rejects with what ended the source, when it failed.
   */
  available(offset: number, wanted: number, atLeast?: number): number | Promise<number>;
  /** Whether the input is known to end at position `offset`. */
  endsAt(offset: number): boolean;
  /** Fills `target` with the bytes from `offset` on, which `available` has promised; fewer only if the input became shorter. */
  read(target: Uint8Array, offset: number): number;
  /** The bytes before `offset` are not asked for again, also not by a parser that takes over from one whose thread is lost. */
  consume(offset: number): void;
  /**
   * Whether it may go on behind the end that it seems to have, if the parser cannot end there. Undefined: its end is an end. Only for parts of
   * an input.
   */
  mayGoOn?(): boolean;
  /** Has it go on, if it may. Waits until that is known. */
  goOn?(): Promise<void>;
  /** What batches say of the input, where that is no longer what the session began with. */
  readonly origin?: SourceInfo | undefined;
  /** The input that follows behind the end, where it is known to. The parser meets the end, and a fresh one begins with what follows. */
  readonly following?: FollowingInput | undefined;
  /** Goes on with it. All that came before is consumed, and the stream tells of it. */
  beginFollowing?(): void;
  /** The time that was seen last before position `end`, in milliseconds since 1970; undefined where there is none. */
  timeBefore?(end: number): number | undefined;
  /** Whether there is no room for what the source tells beside its bytes, until it is reported and input is consumed. */
  readonly isCrowded?: boolean;
  /** How items before it are counted. Only of parts of an input. */
  readonly indexes?: ItemIndexes | undefined;
  /** Ends a wait of `available`, which rejects. Only for sources that may have to wait. */
  stop?(): void;
  close(): void | Promise<void>;
}
