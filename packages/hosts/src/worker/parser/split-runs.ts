/**
 * Runs a parser over every n-th split of a file, one after the other: a producer loop for each, and behind its batches a mark in
 * the ring, so that the main thread knows when it is the next instance's turn.
 */
import type { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';
import type { RunOutcome, RunRequest } from '../../shared/protocol/parser-messages.js';
import { SPLIT_END, type SplitPlan } from '../../shared/protocol/split-plan.js';
import { PositionedInput, type PositionedReader } from '../input/positioned-input.js';
import { SplitBoundaries } from '../input/split-boundaries.js';
import type { Turns } from '../instance/turns.js';

/** One split of a file as a parser's whole input, at the positions that it has in the file. */
class SplitInput extends PositionedInput {
  /** Bytes of the whole file: what follows a split is not read, but it is there. */
  override readonly size: number;
  /** Position in the file at which the split ends. */
  readonly end: number;

  constructor(reader: PositionedReader, end: number) {
    super({ size: end, readAt: (into, position) => reader.readAt(into.subarray(0, end - position), position) });
    this.size = reader.size;
    this.end = end;
  }
}

/** A split that is not empty. */
export interface SplitRun {
  readonly input: SplitInput;
  /** Position in the file to begin at. */
  readonly offset: number;
  /** Of instances that were lost in this split. */
  readonly failures: RunRequest['failures'];
  readonly unreported: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

export interface SplitRunParts {
  readonly ring: BatchRingWriter;
  readonly turns: Turns;
  run(split: SplitRun): Promise<RunOutcome>;
}

/** Where a split ends. When that cannot be read, the split goes as far as it can: what comes before the failure is delivered first. */
function endOf(
  position: number,
  boundaries: SplitBoundaries,
  size: number,
): { readonly end: number; readonly failure?: { readonly error: unknown } } {
  try {
    return { end: boundaries.at(position) };
  } catch (error) {
    return { end: size, failure: { error } };
  }
}

export async function runSplits(
  file: Pick<PositionedReader, 'readAt'>,
  plan: SplitPlan,
  { offset, failures, unreported }: Pick<RunRequest, 'offset' | 'failures' | 'unreported'>,
  { ring, turns, run }: SplitRunParts,
): Promise<RunOutcome> {
  const { size, splitBytes, first, stride } = plan;
  const reader = { size, readAt: (into: Uint8Array, position: number) => file.readAt(into, position) };
  const boundaries = new SplitBoundaries(reader);
  for (let number = first; number * splitBytes < size; number += stride) {
    const start = boundaries.at(number * splitBytes);
    const { end, failure } = endOf((number + 1) * splitBytes, boundaries, size);
    // The loop of a split may be over before it would give a turn.
    if (turns.isDue) await turns.give();
    // A line that spans whole splits leaves them empty.
    if (start < end) {
      const resumed = number === first;
      const outcome = await run({
        input: new SplitInput(reader, end),
        offset: resumed ? Math.max(start, offset) : start,
        failures: resumed ? failures : [],
        unreported: resumed ? unreported : 0,
        isFirst: start === 0,
        isLast: end === size,
      });
      if (outcome.reason !== 'end') return outcome;
    }
    if (failure !== undefined) throw failure.error;
    const mark = { ...ring.mark, position: end, part: number + stride };
    if (!(await ring.publishSegments([SPLIT_END], SPLIT_END.length, mark))) return { reason: 'stopped' };
  }
  return { reason: 'end' };
}
