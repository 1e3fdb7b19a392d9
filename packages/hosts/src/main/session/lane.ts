/** One instance's part in a session: all of the input, or every n-th split of a file. */
import type { RingFrame } from '@chipmunk-host/runtime/internal';
import { isSplitEnd, type SplitPlan } from '../../shared/protocol/split-plan.js';
import type { ParserRun } from './parser-run.js';

export class Lane {
  readonly run: ParserRun;
  readonly #splits: SplitPlan | undefined;

  constructor(run: ParserRun, splits: SplitPlan | undefined) {
    this.run = run;
    this.#splits = splits;
  }

  /** Whether the frame says that it is the next lane's turn. */
  endsSplit(frame: RingFrame): boolean {
    return this.#splits !== undefined && isSplitEnd(frame.bytes);
  }
}
