/**
 * Runs a parser over every n-th split of a file, where a split begins at a guess: a producer loop for each, with marks in the ring around its
 * batches (split-marks.ts). The rules are in docs/plugin-contract.md, "Several instances".
 */
import { type BatchRingWriter, type RingMark, serializeError } from '@chipmunk-host/runtime/internal/worker';
import type { RunOutcome, RunRequest } from '../../shared/protocol/parser-messages.js';
import { encodeSplitMark, type SplitEndMark, type SplitMark } from '../../shared/protocol/split-marks.js';
import type { SplitPlan } from '../../shared/protocol/split-plan.js';
import { PatternBoundaries } from '../input/pattern-boundaries.js';
import type { PositionedReader } from '../input/positioned-input.js';
import type { Turns } from '../instance/turns.js';
import { GuessedSplit } from './guessed-split.js';
import type { SplitEvents } from './split-events.js';

export interface GuessedRun {
  readonly input: GuessedSplit;
  /** Position in the file to begin at. */
  readonly offset: number;
  /** Of instances that were lost in this split. */
  readonly failures: RunRequest['failures'];
  readonly unreported: number;
  readonly isFirst: boolean;
}

export interface GuessedRunParts {
  readonly ring: BatchRingWriter;
  readonly turns: Turns;
  run(split: GuessedRun): Promise<RunOutcome & Pick<SplitEndMark, 'items' | 'isFresh'>>;
  readonly events: SplitEvents;
  /** Passes to `events` what was gathered for them. */
  flush(): void;
  /** A fresh instance takes the place of the one that there is. */
  renew(): Promise<void>;
}

/** A split to begin with. */
interface Start {
  readonly number: number;
  /** Whether it was begun by a thread that was lost. */
  readonly isFresh: boolean;
  /** Position in the file. */
  readonly offset: number;
}

/** What ends a run in the middle of a split. */
type Early = 'stopped' | 'ended';

export function runGuessedSplits(
  file: Pick<PositionedReader, 'readAt'>,
  plan: SplitPlan,
  request: Pick<RunRequest, 'offset' | 'failures' | 'unreported'>,
  parts: GuessedRunParts,
): Promise<RunOutcome> {
  return new GuessedRuns(file, plan, parts).run(request);
}

class GuessedRuns {
  readonly #plan: SplitPlan;
  readonly #parts: GuessedRunParts;
  readonly #reader: PositionedReader;
  readonly #boundaries: PatternBoundaries;

  constructor(file: Pick<PositionedReader, 'readAt'>, plan: SplitPlan, parts: GuessedRunParts) {
    this.#plan = plan;
    this.#parts = parts;
    this.#reader = { size: plan.size, readAt: (into, position) => file.readAt(into, position) };
    this.#boundaries = new PatternBoundaries(this.#reader, plan.patterns ?? []);
  }

  async run({ offset, failures, unreported }: Parameters<typeof runGuessedSplits>[2]): Promise<RunOutcome> {
    const { first } = this.#plan;
    const { turns } = this.#parts;
    if (first >= this.#splits) return { reason: 'end' };
    // An instance that was lost left a position behind, unless it had published nothing.
    let start = offset > 0 ? { number: first, offset, isFresh: true } : this.#startFrom(first);
    let lost = { failures, unreported };
    while (start !== undefined) {
      // The loop of a split may be over before it would give a turn.
      if (turns.isDue) await turns.give();
      const next: Start | Early | undefined = await this.#runOne(start, lost);
      if (next === 'stopped' || next === 'ended') return { reason: next };
      start = next;
      lost = { failures: [], unreported: 0 };
    }
    return { reason: 'end' };
  }

  /** Returns the split to go on with. */
  async #runOne(
    { number, offset, isFresh }: Start,
    lost: Pick<GuessedRun, 'failures' | 'unreported'>,
  ): Promise<Start | Early | undefined> {
    const { ring, run, events, flush, renew } = this.#parts;
    const input = new GuessedSplit({
      reader: this.#reader,
      boundaries: this.#boundaries,
      splitBytes: this.#plan.splitBytes,
      ring,
      number,
      isFresh,
      onGoOn: (on) => this.#goOn(on),
    });
    events.begin(offset, () => input.isDelivered);
    if (!(await this.#publish({ kind: 'begin', split: number }, { position: offset, part: number }))) return 'stopped';
    const outcome = await this.#outcome(() => run({ input, offset, ...lost, isFirst: offset === 0 }));
    if (ring.stopRequested || ('reason' in outcome && outcome.reason === 'stopped')) return 'stopped';
    if ('reason' in outcome && outcome.reason === 'ended') return 'ended';
    if (events.isWaiting && !(await input.whenDecided())) return 'stopped';
    const isOver = input.isOvertaken;
    if (!isOver) events.delivered();
    const next = this.#startFrom(Math.max(input.number + 1, ring.readerPart));
    flush();
    const held = events.take();
    if (!isOver) {
      const mark = next === undefined ? { part: this.#splits } : { part: next.number, position: next.offset };
      const said: SplitMark =
        'reason' in outcome
          ? { kind: 'end', ...endOf(outcome, input), events: held }
          : { kind: 'failed', error: serializeError(outcome.error), events: held };
      if (!(await this.#publish(said, mark))) return 'stopped';
    }
    events.end();
    // What it has seen is no part of what comes before the next split.
    const endedThere = 'reason' in outcome && outcome.reason === 'end';
    if (next !== undefined && (isOver || !endedThere)) await renew();
    return next;
  }

  /** A failure counts only when the split is delivered. */
  async #outcome<Outcome>(run: () => Promise<Outcome>): Promise<Outcome | { readonly error: unknown }> {
    try {
      return await run();
    } catch (error) {
      return { error };
    }
  }

  async #goOn(split: number): Promise<boolean> {
    const { events, flush } = this.#parts;
    events.delivered();
    flush();
    return this.#publish({ kind: 'goes-on', split, events: events.take() }, { part: split });
  }

  #publish(said: SplitMark, mark: Partial<RingMark>): Promise<boolean> {
    const { ring } = this.#parts;
    const bytes = encodeSplitMark(said);
    return ring.publishSegments([bytes], bytes.length, { ...ring.mark, ...mark });
  }

  /** How many splits there may be. */
  get #splits(): number {
    return Math.ceil(this.#plan.size / this.#plan.splitBytes);
  }

  /** The instance's own split with that number, or the first one behind it that is not empty: in which a boundary is. */
  #startFrom(least: number): Start | undefined {
    const { splitBytes, stride, lane, size } = this.#plan;
    const steps = (((lane - least) % stride) + stride) % stride;
    for (let number = least + steps; number < this.#splits; number += stride) {
      const offset = this.#boundaries.at(number * splitBytes);
      if (offset < Math.min((number + 1) * splitBytes, size)) return { number, offset, isFresh: false };
    }
    return undefined;
  }
}

function endOf(
  { reason, items, isFresh }: Awaited<ReturnType<GuessedRunParts['run']>>,
  input: GuessedSplit,
): Pick<SplitEndMark, 'next' | 'items' | 'isFresh'> {
  return { next: reason === 'eof' ? null : (input.next ?? null), items, isFresh: isFresh || input.isFresh };
}
