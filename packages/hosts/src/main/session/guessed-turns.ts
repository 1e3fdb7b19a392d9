/**
 * Lanes whose splits begin at a guess (shared/protocol/split-marks.ts). A split is delivered when what was delivered before ends where it
 * begins. Otherwise the lane before goes on in it, and what its own lane has made of it is dropped.
 */
import { deserializeError, HostError } from '@chipmunk-host/runtime';
import type { RingFrame } from '@chipmunk-host/runtime/internal';
import { readSplitMark, type SplitEvent, type SplitMark } from '../../shared/protocol/split-marks.js';
import type { SplitsSummary } from './ingest-progress.js';
import type { Lane } from './lane.js';
import type { LaneTurns } from './lane-turns.js';
import type { RunEnd } from './parser-run.js';

export class GuessedTurns implements LaneTurns {
  readonly #lanes: readonly Lane[];
  readonly #onEvent: (event: SplitEvent) => void;
  /** Number of the split that is delivered, and the lane that delivers it. */
  #split = 0;
  #turnOf = 0;
  /** Whether the frames that come next from that lane are of that split. */
  #delivering = false;
  #end: RunEnd | undefined;
  /** Items since the beginning, or since a fresh instance took over within a split: a single one would have seen so many. */
  #items = 0;
  #parsedAhead = 0;
  #parsedAgain = 0;

  /** @param onEvent told what a lane tells of a split that is delivered */
  constructor(lanes: readonly Lane[], onEvent: (event: SplitEvent) => void) {
    this.#lanes = lanes;
    this.#onEvent = onEvent;
    this.#goTo(0);
  }

  get splits(): SplitsSummary {
    return { parsedAhead: this.#parsedAhead, parsedAgain: this.#parsedAgain };
  }

  async next(): Promise<RingFrame | undefined> {
    while (this.#end === undefined) {
      const frame = await this.#lane.run.next();
      if (frame === undefined) return undefined;
      const mark = readSplitMark(frame.bytes);
      if (mark === undefined && this.#delivering) return frame;
      frame.release();
      if (mark !== undefined) this.#take(mark);
    }
    return undefined;
  }

  async end(): Promise<RunEnd> {
    if (this.#end !== undefined) return this.#end;
    const end = await this.#lane.run.end;
    if (end.kind === 'failed' || ['stopped', 'ended'].includes(end.outcome.reason)) return end;
    const message = `The instance that was to parse split ${this.#split} has ended before.`;
    return { kind: 'failed', error: new HostError('ERR_INTERNAL', message) };
  }

  #take(mark: SplitMark): void {
    if (mark.kind === 'begin') {
      // One that takes over from a lost thread may say it again.
      if (mark.split !== this.#split || this.#delivering) return;
      this.#delivering = true;
      this.#parsedAhead++;
      return;
    }
    if (!this.#delivering) return;
    for (const event of mark.events) this.#onEvent(event);
    if (mark.kind === 'goes-on') {
      this.#parsedAgain++;
      this.#goTo(mark.split);
      return;
    }
    this.#delivering = false;
    if (mark.kind === 'failed') this.#end = { kind: 'failed', error: deserializeError(mark.error) };
    else if (mark.next === null) {
      this.#end = { kind: 'ended', outcome: { reason: 'end' } };
      this.#tellOfNoGain();
    } else {
      this.#items = mark.items + (mark.isFresh ? 0 : this.#items);
      this.#turnOf = mark.next % this.#lanes.length;
      this.#goTo(mark.next);
    }
  }

  /** Says why it was hardly quicker than one instance, if it was not. */
  #tellOfNoGain(): void {
    if (this.#parsedAhead > Math.max(1, this.#parsedAgain)) return;
    const why =
      this.#parsedAgain === 0
        ? 'it has none of the patterns with which a part of it can begin'
        : `${this.#parsedAgain} of its ${this.#parsedAgain + this.#parsedAhead} parts could not be parsed ahead, because an item crosses their ` +
          'beginning, or what follows depends on what came before';
    const message = `Several instances on one file were hardly quicker than one: ${why}.`;
    this.#onEvent({ kind: 'log', lines: [{ source: 'host', level: 'warn', message, time: Date.now() }], dropped: 0 });
  }

  #goTo(split: number): void {
    this.#split = split;
    for (const [lane, { run }] of this.#lanes.entries()) run.tellSplit(split, lane === this.#turnOf, this.#items);
  }

  /** The lane whose batches are being delivered. */
  get #lane(): Lane {
    return this.#lanes[this.#turnOf] as Lane;
  }
}
