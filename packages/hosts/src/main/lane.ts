/** One instance's part in a session: all of the input, or every n-th piece of a file. */
import type { Frame } from '@chipmunk-host/runtime';
import { isPieceEnd, type PiecePlan } from '../shared/piece-plan.js';
import type { ParserRun } from './parser-run.js';

export class Lane {
  readonly run: ParserRun;
  readonly #pieces: PiecePlan | undefined;

  constructor(run: ParserRun, pieces: PiecePlan | undefined) {
    this.run = run;
    this.#pieces = pieces;
  }

  /** Whether the frame says that it is the next lane's turn. */
  endsPiece(frame: Frame): boolean {
    return this.#pieces !== undefined && isPieceEnd(frame.bytes);
  }
}
