/** One instance's part in a session: all of the input, or every n-th piece of a file. */
import type { Frame } from '@chipmunk-host/runtime';
import type { RunRequest } from '../shared/messages.js';
import { isPieceEnd, type PiecePlan } from '../shared/piece-plan.js';
import type { ParserRun } from './parser-run.js';

export class Lane {
  run: ParserRun;
  /** Losses of threads since the input last moved on. */
  failures: RunRequest['failures'] = [];
  #pieces: PiecePlan | undefined;

  constructor(run: ParserRun, pieces: PiecePlan | undefined) {
    this.run = run;
    this.#pieces = pieces;
  }

  /** What is left for an instance that takes over: it begins in the piece whose batches are being delivered. */
  get pieces(): PiecePlan | undefined {
    return this.#pieces;
  }

  /** Whether the frame says that it is the next lane's turn. */
  endsPiece(frame: Frame): boolean {
    const pieces = this.#pieces;
    if (pieces === undefined || !isPieceEnd(frame.bytes)) return false;
    this.#pieces = { ...pieces, first: pieces.first + pieces.stride };
    return true;
  }
}
