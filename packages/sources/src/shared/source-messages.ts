/** What a source tells beside its bytes, as it goes through the ring to the parser's worker, as JSON. */

/** What happened to a source, as plain JSON: it becomes a notice in the stream of batches. */
export interface SourceEvent {
  /** In one word: `reconnected`, `dropped`, `rotated`, `exited` and the like. */
  readonly event: string;
  /** As a sentence in plain English. */
  readonly message: string;
  /** Of how many it tells. */
  readonly count?: number | undefined;
  /** Of how many bytes it tells that are not part of the input. */
  readonly bytes?: number | undefined;
  /** Who was at the other end. */
  readonly peer?: string | undefined;
  /** What else is known: the notice has it in `details`. */
  readonly [detail: string]: string | number | boolean | null | undefined;
}

/** The message of a slot of the kind `event`. */
export interface NumberedEvent {
  /** Counts from 1, so that none is published twice. */
  readonly number: number;
  readonly event: SourceEvent;
}

/** The message of a slot of the kind `segment`: what follows is another input. */
export interface SegmentMessage {
  /** What batches call it: the peer, the file. */
  readonly name: string;
  /** Of which type it is: the key of the source. */
  readonly type: string;
  readonly note?: NumberedEvent | undefined;
}
