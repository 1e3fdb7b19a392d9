/** Prints rows that were found, with those around them. Rows that overlap are printed once. */
import type { SpoolReader, SpoolRow } from '@chipmunk-host/spool';
import { type Styled, standardOutput } from '../output/standard-streams.js';
import type { RowText } from './row-text.js';

export interface ContextOptions {
  readonly before: number;
  readonly after: number;
  readonly output: 'text' | 'json' | 'count';
}

/** Parts that are printed at once. */
const MOST_PARTS = 4096;
const BETWEEN: readonly Styled[] = [['--', 'separator'], ['\n']];

export class FoundOutput {
  readonly #rows: BatchRows;
  readonly #reader: SpoolReader;
  readonly #text: RowText;
  readonly #context: ContextOptions;
  readonly #parts: Styled[] = [];
  #last: number | undefined;
  /** The row behind the last one that was printed. */
  #printed = 0;

  constructor(reader: SpoolReader, text: RowText, context: ContextOptions) {
    this.#reader = reader;
    this.#rows = new BatchRows(reader);
    this.#text = text;
    this.#context = context;
  }

  /** @returns false when nobody reads any more */
  async found(row: number): Promise<boolean> {
    const { before, after, output } = this.#context;
    await this.#printBehind(row);
    const start = Math.max(this.#printed, row - before, this.#reader.firstRow);
    const isApart = this.#last !== undefined && start > this.#printed && before + after > 0;
    if (isApart && output === 'text') this.#parts.push(...BETWEEN);
    await this.#print(start, row, false);
    await this.#print(row, row + 1, true);
    this.#last = row;
    this.#printed = row + 1;
    return this.#parts.length < MOST_PARTS || this.flush();
  }

  /** Prints what belongs behind the last row. */
  async end(): Promise<boolean> {
    await this.#printBehind(this.#reader.endRow);
    return this.flush();
  }

  /** @returns false when nobody reads any more */
  async flush(): Promise<boolean> {
    return standardOutput.write(this.#parts.splice(0));
  }

  async #printBehind(end: number): Promise<void> {
    if (this.#last === undefined) return;
    const last = Math.min(this.#last + this.#context.after + 1, end);
    await this.#print(this.#printed, last, false);
    this.#printed = Math.max(this.#printed, last);
  }

  async #print(from: number, end: number, isFound: boolean): Promise<void> {
    for (let row = from; row < end; row++) {
      const found = await this.#rows.at(row);
      if (found !== undefined) this.#parts.push(...this.#text.of(found, isFound));
    }
  }
}

/** Rows by their numbers; those of the batch that was read last are at hand. */
class BatchRows {
  readonly #reader: SpoolReader;
  #first = 0;
  #rows: readonly SpoolRow[] = [];
  /** Rows before this one are damaged, from the one that was asked for on. */
  #damagedTo = 0;

  constructor(reader: SpoolReader) {
    this.#reader = reader;
  }

  /** Undefined for a row that is damaged or was removed. */
  async at(row: number): Promise<SpoolRow | undefined> {
    if (row < this.#damagedTo) return undefined;
    const index = row - this.#first;
    if (index >= 0 && index < this.#rows.length) return this.#rows[index];
    try {
      const found = await this.#reader.batchAt(row);
      if (found === undefined) return undefined;
      const { batch, row: first, frame } = found;
      this.#first = first;
      this.#rows = Array.from(batch, (item, place) => ({ row: first + place, item, batch, source: frame.source }));
      return this.#rows[row - first];
    } catch (error) {
      const { code, damage } = error as { readonly code?: unknown; readonly damage?: { readonly endRow: number } };
      if (code !== 'ERR_SPOOL_DAMAGED' && code !== 'ERR_SPOOL_READ') throw error;
      this.#damagedTo = Math.max(row + 1, damage?.endRow ?? 0);
      return undefined;
    }
  }
}
