/** Counts the items of a run, or those for each value of a column, and writes the counts in place of the items. */

import type { Batch, IngestSession } from '@chipmunk-host/manager';
import { HostError } from '@chipmunk-host/manager';
import type { FormatName } from './format-names.js';

/** What is counted: `all` items, or those of each value of a column. */
export type CountedItems = 'all' | { readonly column: string };

/** How counts are written: as items are. */
export interface CountForm {
  readonly format: FormatName;
  readonly separator: string;
  readonly delimiter: string | undefined;
  readonly header: boolean;
}

/** So many different values have a count of their own; more would take too much memory. */
const MOST_VALUES = 1_000_000;

export class ItemCounts {
  readonly #counted: CountedItems;
  #items = 0;
  /** Items without the column are counted under undefined. */
  readonly #byValue = new Map<string | undefined, number>();

  constructor(counted: CountedItems) {
    this.#counted = counted;
  }

  /**
   * What counts the items of a session.
   * @throws HostError `ERR_INVALID_OPTION` when the parser has no such column
   */
  of({ info }: IngestSession): (batch: Batch) => void {
    if (this.#counted === 'all')
      return ({ count }) => {
        this.#items += count;
      };
    const captions = info.renderOptions.columns?.columns.map(({ caption }) => caption) ?? [];
    const column = columnNumber(this.#counted.column, captions);
    return (batch) => {
      for (const { columns } of batch) this.#add(columns[column]);
    };
  }

  #add(value: string | undefined): void {
    const before = this.#byValue.get(value);
    if (before === undefined && this.#byValue.size >= MOST_VALUES)
      throw new HostError('ERR_INVALID_OPTION', `The column has more than ${MOST_VALUES} different values.`, {
        help: "Choose another column for '--count-by', or write the column and count its values with other tools.",
      });
    // A part of a batch's text would keep all of that in memory.
    const key = before === undefined && value !== undefined ? Buffer.from(value).toString() : value;
    this.#byValue.set(key, (before ?? 0) + 1);
  }

  /** The counts: of values, the highest first. */
  written({ format, separator, delimiter = ',', header }: CountForm): Uint8Array {
    if (this.#counted === 'all')
      return Buffer.from(
        format === 'ndjson'
          ? `{"count":${this.#items}}\n`
          : format === 'csv'
            ? `${header ? 'count\r\n' : ''}${this.#items}\r\n`
            : `${this.#items}\n`,
      );
    const { column } = this.#counted;
    const rows = [...this.#byValue].sort(([a = '', m], [b = '', n]) => n - m || (a < b ? -1 : 1));
    const lines = rows.map(([value, count]) =>
      format === 'ndjson'
        ? `${JSON.stringify({ value: value ?? null, count })}\n`
        : format === 'csv'
          ? `${csvField(value ?? '', delimiter)}${delimiter}${count}\r\n`
          : `${count}${separator}${value ?? ''}\n`,
    );
    const captions = format === 'csv' && header ? `${csvField(column, delimiter)}${delimiter}count\r\n` : '';
    return Buffer.from(captions + lines.join(''));
  }
}

function csvField(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** From 0. */
function columnNumber(name: string, captions: readonly string[]): number {
  const named = captions.indexOf(name);
  if (named !== -1) return named;
  const number = /^#([1-9]\d{0,3})$/.exec(name)?.[1];
  if (number !== undefined) return Number(number) - 1;
  const known = captions.length === 0 ? 'the parser names none' : `the parser has ${captions.join(', ')}`;
  const message = `The option --count-by is '${name}'; expected a caption (${known}), or #1 for the first column.`;
  throw new HostError('ERR_INVALID_OPTION', message);
}
