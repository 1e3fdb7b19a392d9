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

/** Lanes that know nothing of each other, such as the clients of a server: what comes first is delivered first. */
export class TurnsByArrival implements LaneTurns {
  readonly splits = undefined;
  /** Lanes that are to be asked for their next frame. */
  readonly #idle: Lane[];
  /** In the order in which they came; a lane that has ended has no frame. */
  readonly #arrived: { readonly lane: Lane; readonly frame: RingFrame | undefined }[] = [];
  #open: number;
  #end: RunEnd = { kind: 'ended', outcome: { reason: 'end' } };
  #wake: () => void = () => {};

  constructor(lanes: readonly Lane[]) {
    this.#idle = [...lanes];
    this.#open = lanes.length;
  }

  /** The first lane that does not come to the end of its input ends all of them. */
  async next(): Promise<RingFrame | undefined> {
    while (this.#open > 0) {
      for (const lane of this.#idle.splice(0)) void this.#ask(lane);
      const arrived = this.#arrived.shift();
      if (arrived === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const { lane, frame } = arrived;
      if (frame !== undefined) {
        this.#idle.push(lane);
        return frame;
      }
      this.#open--;
      const end = await lane.run.end;
      if (end.kind === 'ended' && end.outcome.reason === 'end') continue;
      this.#end = end;
      break;
    }
    return undefined;
  }

  async end(): Promise<RunEnd> {
    return this.#end;
  }

  /** Each is asked once for each frame: a promise that many wait for, one after the other, would remember them all. */
  async #ask(lane: Lane): Promise<void> {
    const frame = await lane.run.next();
    this.#arrived.push({ lane, frame });
    this.#wake();
  }
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
