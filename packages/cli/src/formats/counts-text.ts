/** Writes how many items there are, or how many for each value of a column, in place of the items. */
import type { ItemCounts } from '@chipmunk-host/manager';
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

/** Of values, the highest count first. */
export function countsText(
  { items, values }: ItemCounts,
  counted: CountedItems,
  { format, separator, delimiter = ',', header }: CountForm,
): Uint8Array {
  if (counted === 'all')
    return Buffer.from(
      format === 'ndjson'
        ? `{"count":${items}}\n`
        : format === 'csv'
          ? `${header ? 'count\r\n' : ''}${items}\r\n`
          : `${items}\n`,
    );
  const { column } = counted;
  const lines = [...values].map(([value, count]) =>
    format === 'ndjson'
      ? `${JSON.stringify({ value: value ?? null, count })}\n`
      : format === 'csv'
        ? `${csvField(value ?? '', delimiter)}${delimiter}${count}\r\n`
        : `${count}${separator}${value ?? ''}\n`,
  );
  const captions = format === 'csv' && header ? `${csvField(column, delimiter)}${delimiter}count\r\n` : '';
  return Buffer.from(captions + lines.join(''));
}

function csvField(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
