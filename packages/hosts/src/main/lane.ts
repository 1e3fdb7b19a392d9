/** One instance's part in a session: all of the input, or every n-th piece of a file. */
import type { Frame, SerializedError } from '@chipmunk-host/runtime';
import type { RunRequest } from '../shared/messages.js';
import { isPieceEnd, type PiecePlan } from '../shared/piece-plan.js';
import type { ParserRun } from './parser-run.js';

/** A thread that was lost. */
export interface Loss {
  readonly offset: number;
  /** Bytes of the slice that the plugin had last been given; 0: none. */
  readonly sliceBytes: number;
  /** By this thread's clock, in milliseconds. */
  readonly at: number;
  readonly error: SerializedError;
}

export class Lane {
  run: ParserRun;
  /** Losses of threads since the input last moved on. */
  losses: readonly Loss[] = [];
  #pieces: PiecePlan | undefined;

  constructor(run: ParserRun, pieces: PiecePlan | undefined) {
    this.run = run;
    this.#pieces = pieces;
  }

  /** What is left for an instance that takes over: it begins in the piece whose batches are being delivered. */
  get pieces(): PiecePlan | undefined {
    return this.#pieces;
  }

  /** The losses, for a thread that is to go on now. */
  get failures(): RunRequest['failures'] {
    return this.losses.map(({ at, ...failure }) => ({ ...failure, agoMs: performance.now() - at }));
  }

  /** Whether the frame says that it is the next lane's turn. */
  endsPiece(frame: Frame): boolean {
    const pieces = this.#pieces;
    if (pieces === undefined || !isPieceEnd(frame.bytes)) return false;
    this.#pieces = { ...pieces, first: pieces.first + pieces.stride };
    return true;
  }
}
