/** How a spool is read, and what is found. */
import type { Batch, Item } from '@chipmunk-host/batch';
import type { SpoolFrame } from './block-content.js';
import type { SpoolBlock } from './segment-list.js';
import type { SpoolError } from './spool-error.js';

/** An item with its number among all of the spool. */
export interface SpoolRow {
  readonly row: number;
  /** It needs no batch, and stays valid. */
  readonly item: Item;
  /** Number of the input that it is from. */
  readonly source: number;
}

/** A batch with the number of its first item. */
export interface SpoolBatch {
  readonly row: number;
  readonly batch: Batch;
  readonly frame: SpoolFrame;
}

/** Where to begin, and what to do about damage. */
export interface SpoolReadOptions {
  /** The frame that has this row is the first one. Default: the first row that is there. */
  readonly fromRow?: number | undefined;
  /** This frame is the first one; it wins over `fromRow`. */
  readonly fromFrame?: number | undefined;
  /** Called for what is damaged, and passed over. Default: the error is thrown. */
  readonly onDamage?: ((error: SpoolError) => void) | undefined;
  /** Blocks for which it is false are passed over without reading them. Default: all are read. */
  readonly blocks?: ((block: SpoolBlock) => boolean) | undefined;
  /** Memory for the frames of one block after another; frames are then valid until the next block is read. Default: new memory for each. */
  readonly into?: Uint8Array | undefined;
}

/** How to wait for what is appended. */
export interface SpoolFollowOptions extends SpoolReadOptions {
  /** Ends the waiting, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** How often to look, in milliseconds. A writer in the same process is noticed at once. Default 200. */
  readonly pollMs?: number | undefined;
}

/** Waits for so many milliseconds, or until something was appended, or the signal is aborted. */
export type Waiting = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

/** The usual one. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
