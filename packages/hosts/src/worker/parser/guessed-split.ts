/**
 * One split of a file that begins at a guess, as a parser's input, at the positions that it has in the file. It seems to end where the next
 * one begins. Where the parser cannot end there, it goes on in the next one: then this split is the input up to the end of that.
 */
import type { BatchRingWriter } from '@chipmunk-host/runtime/internal/worker';
import type { PatternBoundaries } from '../input/pattern-boundaries.js';
import { PositionedInput, type PositionedReader } from '../input/positioned-input.js';
import type { ItemIndexes } from '../output/batch-publisher.js';

export interface GuessedSplitParts {
  readonly reader: PositionedReader;
  readonly boundaries: PatternBoundaries;
  readonly splitBytes: number;
  readonly ring: BatchRingWriter;
  /** Number of the split. */
  readonly number: number;
  /** Whether the instance took over from one that was lost in this split: it counts items from where it begins. */
  readonly isFresh: boolean;
  /** Says in the ring that the instance goes on in another split. Returns false when the consumer wants no more. */
  onGoOn(number: number): Promise<boolean>;
}

export class GuessedSplit extends PositionedInput {
  readonly #parts: GuessedSplitParts;
  #number: number;
  #end: number;
  /** Whether the split is known to be delivered. */
  #delivered = false;
  #overtaken = false;
  #itemsBefore = 0;
  readonly indexes: ItemIndexes;

  /** @throws HostError when it cannot be found where the next split begins */
  constructor(parts: GuessedSplitParts) {
    super(parts.reader);
    this.#parts = parts;
    this.#number = parts.number;
    this.#end = this.#endOf(parts.number);
    const before = () => (this.isDelivered ? this.#itemsBefore : undefined);
    this.indexes = {
      get before() {
        return before();
      },
      whenKnown: () => this.whenDecided(),
    };
  }

  /** Whether the instance took over from one that was lost in this split. */
  get isFresh(): boolean {
    return this.#parts.isFresh;
  }

  /** Number of the split that it has come to. */
  get number(): number {
    return this.#number;
  }

  /** Number of the split that begins where this one ends; undefined at the end of the file. */
  get next(): number | undefined {
    return this.#end < this.size ? Math.floor(this.#end / this.#parts.splitBytes) : undefined;
  }

  /** Whether it is known that the split is delivered. */
  get isDelivered(): boolean {
    const { ring, isFresh } = this.#parts;
    if (!this.#delivered && ring.isReading(this.#number)) {
      this.#delivered = true;
      // As long as nothing else is published, the consumer is not told of another number.
      this.#itemsBefore = isFresh ? 0 : ring.itemsBefore;
    }
    return this.#delivered;
  }

  /** Whether the instance before has gone on in this split: nothing that comes of it here is delivered. */
  get isOvertaken(): boolean {
    this.#overtaken ||= !this.isDelivered && this.#isOvertaken();
    return this.#overtaken;
  }

  override available(offset: number, wanted: number): number | Promise<number> {
    if (this.isOvertaken) return 0;
    return super.available(offset, Math.max(0, Math.min(wanted, this.#end - offset)));
  }

  /** Whether there is more behind the end that it seems to have. */
  mayGoOn(): boolean {
    return !this.isOvertaken && this.#end < this.size;
  }

  /** Waits until it is known whether this split is delivered, and if so goes on in the next one. */
  async goOn(): Promise<void> {
    const { next } = this;
    if (next === undefined || !(await this.whenDecided()) || this.isOvertaken) return;
    const end = this.#endOf(next);
    if (!(await this.#parts.onGoOn(next))) return;
    this.#number = next;
    this.#end = end;
  }

  /** Waits until it is known whether this split is delivered. Returns false when the consumer wants no more. */
  async whenDecided(): Promise<boolean> {
    return this.isOvertaken || this.isDelivered || this.#parts.ring.whenReaderAt(this.#number);
  }

  #isOvertaken(): boolean {
    const { ring } = this.#parts;
    // It may come to be read from here between the two looks.
    return ring.readerPart >= this.#number && !ring.isReading(this.#number);
  }

  #endOf(number: number): number {
    const { boundaries, splitBytes } = this.#parts;
    return boundaries.at((number + 1) * splitBytes);
  }
}
