/** The lanes of a session in the order of the input: whose frames are delivered next. */
import type { RingFrame } from '@chipmunk-host/runtime/internal';
import type { SplitsSummary } from './ingest-progress.js';
import type { Lane } from './lane.js';
import type { RunEnd } from './parser-run.js';

export interface LaneTurns {
  /** The next frame that is to be delivered; undefined behind the last one. */
  next(): Promise<RingFrame | undefined>;
  /** How it ended, when `next` has returned undefined. */
  end(): Promise<RunEnd>;
  /** How the splits came out, where they begin at a guess; else undefined. */
  readonly splits: SplitsSummary | undefined;
}

/** One lane, or several whose splits begin where others end for certain: each delivers a split in turn. */
export class TurnsByTable implements LaneTurns {
  readonly splits = undefined;
  readonly #lanes: readonly Lane[];
  #turnOf = 0;

  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
  }

  async next(): Promise<RingFrame | undefined> {
    for (;;) {
      const frame = await this.#lane.run.next();
      if (frame === undefined || !this.#lane.endsSplit(frame)) return frame;
      frame.release();
      this.#turnOf = (this.#turnOf + 1) % this.#lanes.length;
    }
  }

  end(): Promise<RunEnd> {
    return this.#lane.run.end;
  }

  get #lane(): Lane {
    return this.#lanes[this.#turnOf] as Lane;
  }
}
