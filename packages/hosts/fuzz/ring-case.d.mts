import type { RingShape } from '@chipmunk-host/runtime/internal';

export class SeededRandom {
  constructor(seed: number, stream: number);
  below(limit: number): number;
  pick<Value>(list: readonly Value[]): Value;
}

export interface RingCase {
  readonly seed: number;
  readonly shape: RingShape;
  readonly frames: readonly number[];
  readonly pieceBytes: number;
  readonly readerIdles: number;
  readonly writerIdles: number;
  readonly stopAfter: number | undefined;
  readonly deathAfter: number;
}

export function byteAt(frame: number, at: number): number;
export function randomCase(seed: number, number: number): RingCase;
