/** A row as it is printed: its text with what was found in it, or a JSON object. */
import type { SpoolRow } from '@chipmunk-host/spool';
import type { Styled } from '../output/standard-streams.js';

/** Where a query is found in a text. */
export type RangesOf = (text: string) => readonly { readonly start: number; readonly end: number }[];

export interface RowTextOptions {
  /** One for each query; none when nothing is to stand out. */
  readonly ranges: readonly RangesOf[];
  /** Number of the column that was searched, from 0; undefined: all of the text. */
  readonly column: number | undefined;
  readonly rowNumbers: boolean;
  readonly isJson: boolean;
}

export class RowText {
  readonly #options: RowTextOptions;

  constructor(options: RowTextOptions) {
    this.#options = options;
  }

  /** @param isFound whether the row was found, or stands beside one that was */
  of({ row, item, source }: Pick<SpoolRow, 'row' | 'item' | 'source'>, isFound: boolean): readonly Styled[] {
    const { ranges, column, rowNumbers, isJson } = this.#options;
    if (isJson) {
      const { attachment, ...rest } = item.toJSON();
      const file = attachment === undefined ? {} : { attachment: { name: attachment.name, size: attachment.size } };
      return [[`${JSON.stringify({ row, found: isFound, source, ...rest, ...file })}\n`]];
    }
    const parts: Styled[] = [];
    if (rowNumbers) parts.push([String(row), 'number'], [isFound ? ':' : '-', 'separator']);
    const { columns } = item;
    if (!isFound || ranges.length === 0) parts.push([columns.join('\t')]);
    else if (column === undefined) parts.push(...marked(columns.join('\t'), ranges));
    else
      for (const [index, text] of columns.entries()) {
        if (index > 0) parts.push(['\t']);
        parts.push(...(index === column ? marked(text, ranges) : ([[text]] as const)));
      }
    parts.push(['\n']);
    return parts;
  }
}

/** The text in parts; those in which a query was found stand out. */
function marked(text: string, ranges: readonly RangesOf[]): readonly Styled[] {
  const found = ranges.flatMap((rangesOf) => rangesOf(text)).sort((a, b) => a.start - b.start);
  const parts: Styled[] = [];
  let at = 0;
  for (const { start, end } of found) {
    if (end <= at) continue;
    if (start > at) parts.push([text.slice(at, start)]);
    parts.push([text.slice(Math.max(at, start), end), 'match']);
    at = end;
  }
  if (at < text.length) parts.push([text.slice(at)]);
  return parts;
}
