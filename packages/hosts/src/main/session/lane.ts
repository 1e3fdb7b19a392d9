/** One instance's part in a session: all of the input, or every n-th piece of a file. */
import type { Frame } from '@chipmunk-host/runtime/internal';
import { isPieceEnd, type SplitPlan } from '../../shared/protocol/split-plan.js';
import type { ParserRun } from './parser-run.js';

export class Lane {
  readonly run: ParserRun;
  readonly #pieces: SplitPlan | undefined;

  constructor(run: ParserRun, pieces: SplitPlan | undefined) {
    this.run = run;
    this.#pieces = pieces;
  }

  /** Whether the frame says that it is the next lane's turn. */
  endsPiece(frame: Frame): boolean {
    return this.#pieces !== undefined && isPieceEnd(frame.bytes);
  }
}
