/**
 * Runs a parser over every n-th piece of a file, one after the other: a producer loop for each, and behind its batches a mark in
 * the ring, so that the main thread knows when it is the next instance's turn.
 */
import type { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';
import type { RunOutcome, RunRequest } from '../../shared/protocol/parser-messages.js';
import { PIECE_END, type SplitPlan } from '../../shared/protocol/split-plan.js';
import type { PositionedReader } from '../input/positioned-input.js';
import { SplitBoundaries } from '../input/split-boundaries.js';
import { SplitInput } from '../input/split-input.js';

/** The loop of a piece is over before it would give the thread's event loop its turn, in milliseconds. */
const TURN_MS = 25;

/** A piece that is not empty. */
export interface Piece {
  readonly source: SplitInput;
  /** Position in the file to begin at. */
  readonly offset: number;
  /** Of instances that were lost in this piece. */
  readonly failures: RunRequest['failures'];
  readonly unreported: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

export interface PieceRunParts {
  readonly ring: BatchRingWriter;
  run(piece: Piece): Promise<RunOutcome>;
  /** Called between two pieces, when the event loop is about to have its turn. */
  onTurn(): void;
}

/** Where a piece ends. When that cannot be read, the piece goes as far as it can: what comes before the failure is delivered first. */
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
  { ring, run, onTurn }: PieceRunParts,
): Promise<RunOutcome> {
  const { size, pieceBytes, first, stride } = plan;
  const reader = { size, readAt: (into: Uint8Array, position: number) => file.readAt(into, position) };
  const boundaries = new SplitBoundaries(reader);
  let turnDue = performance.now() + TURN_MS;
  for (let number = first; number * pieceBytes < size; number += stride) {
    const start = boundaries.at(number * pieceBytes);
    const { end, failure } = endOf((number + 1) * pieceBytes, boundaries, size);
    if (performance.now() > turnDue) {
      onTurn();
      await new Promise((resolve) => setImmediate(resolve));
      turnDue = performance.now() + TURN_MS;
    }
    // A line that spans whole pieces leaves them empty.
    if (start < end) {
      const resumed = number === first;
      const outcome = await run({
        source: new SplitInput(reader, end),
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
    if (!(await ring.publishSegments([PIECE_END], PIECE_END.length, mark))) return { reason: 'stopped' };
  }
  return { reason: 'end' };
}
