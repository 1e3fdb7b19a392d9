/** How many items there are, and how many for each value of a column, over the batches of one or more sessions. */
import type { Batch } from '@chipmunk-host/batch';
import { HostError } from '@chipmunk-host/runtime';
import type { RenderOptions } from '../../shared/plugin-info.js';

/** So many different values have a count of their own; more would take too much memory. */
const MOST_VALUES = 1_000_000;

/**
 * Counts the items of batches. What is to be counted is selected by the session (`select`): only `by` needs the texts of items.
 *
 * @example
 * const levels = new ItemCounts('Level');
 * for await (const batch of session.batches()) levels.add(batch, session.info.renderOptions);
 * console.log(levels.items, levels.values);
 */
export class ItemCounts {
  readonly #by: string | undefined;
  #items = 0;
  readonly #values = new Map<string | undefined, number>();

  /** @param by a caption of a column, or `#N` for number N, from 1 on: its values are counted. Default: items alone are counted */
  constructor(by?: string) {
    this.#by = by;
  }

  /** All items so far. */
  get items(): number {
    return this.#items;
  }

  /** Items for each value of the column, the value with the most first. The value is undefined for items that have no such column. */
  get values(): ReadonlyMap<string | undefined, number> {
    return new Map([...this.#values].sort(([a = '', m], [b = '', n]) => n - m || (a < b ? -1 : 1)));
  }

  /**
   * @param renderOptions of the parser that the batch is from (`session.info.renderOptions`)
   * @throws HostError `ERR_INVALID_OPTION` when the parser has no such column, or it has more than 1,000,000 different values
   */
  add(batch: Batch, renderOptions: RenderOptions): void {
    if (this.#by !== undefined) {
      const column = this.#column(this.#by, renderOptions);
      for (const { columns } of batch) this.#addValue(columns[column]);
    }
    this.#items += batch.count;
  }

  /** Fails at once where `add` would. @throws HostError `ERR_INVALID_OPTION` when the parser has no such column */
  requireColumn(renderOptions: RenderOptions): void {
    if (this.#by !== undefined) this.#column(this.#by, renderOptions);
  }

  #addValue(value: string | undefined): void {
    const before = this.#values.get(value);
    if (before === undefined && this.#values.size >= MOST_VALUES)
      throw new HostError('ERR_INVALID_OPTION', `The column has more than ${MOST_VALUES} different values.`, {
        help: 'Count by another column, or write the column and count its values with other tools.',
      });
    // A part of a batch's text would keep all of that in memory.
    const key = before === undefined && value !== undefined ? Buffer.from(value).toString() : value;
    this.#values.set(key, (before ?? 0) + 1);
  }

  /** From 0. */
  #column(by: string, { columns }: RenderOptions): number {
    const captions = columns?.columns.map(({ caption }) => caption) ?? [];
    const named = captions.indexOf(by);
    if (named !== -1) return named;
    const number = /^#([1-9]\d{0,3})$/.exec(by)?.[1];
    if (number !== undefined) return Number(number) - 1;
    const known = captions.length === 0 ? 'the parser names none' : `the parser has ${captions.join(', ')}`;
    const message = `The column to count by is '${by}'; expected a caption (${known}), or #1 for the first column.`;
    throw new HostError('ERR_INVALID_OPTION', message);
  }
}
