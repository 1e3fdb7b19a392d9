/** One split of a file as a parser's whole input, at the positions that it has in the file. */
import type { PositionedReader } from './positioned-input.js';
import { PositionedInput } from './positioned-input.js';

export class SplitInput extends PositionedInput {
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
