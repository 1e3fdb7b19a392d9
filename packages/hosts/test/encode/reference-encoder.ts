/** The formats in plain JavaScript, item by item: slow, obvious, and what the encoder in wasm is compared with. */
import { type Batch, COLUMN_SEPARATOR, EntryKind, type Item, timeText } from '@chipmunk-host/batch';
import type { EncodingOptions } from '#shared/encode/encoding-options.js';

export function referenceText(batch: Batch, options: EncodingOptions, captions: readonly string[]): string {
  let text = '';
  for (const item of batch) text += itemText(item, options, captions);
  return text;
}

export function itemText(item: Item, options: EncodingOptions, captions: readonly string[]): string {
  switch (options.format) {
    case 'text':
      return hasText(item) ? textLine(item, options, captions) : '';
    case 'ndjson':
      return `${ndjsonLine(item, options, captions)}\n`;
    case 'csv':
      return hasText(item) ? csvLine(item, options, captions) : '';
    default:
      throw new TypeError('not of items');
  }
}

function hasText({ kind }: Item): boolean {
  return kind !== EntryKind.attachment;
}

function isLine({ kind }: Item): boolean {
  return kind === EntryKind.line || kind === EntryKind.lineAndAttachment;
}

function numbers(columns: readonly string[], captions: readonly string[]): readonly number[] {
  return columns.map((name) => (captions.includes(name) ? captions.indexOf(name) : Number(name.slice(1)) - 1));
}

function textLine(
  item: Item,
  { separator = '\t', source, columns }: EncodingOptions,
  captions: readonly string[],
): string {
  const chosen =
    columns === undefined || isLine(item)
      ? item.columns
      : numbers(columns, captions).map((number) => item.columns[number] ?? '');
  return `${source === undefined ? '' : source + separator}${chosen.join(separator)}\n`;
}

function ndjsonLine(item: Item, { fields, source, columns }: EncodingOptions, captions: readonly string[]): string {
  const { offset, length, time, attachment } = item;
  const chosen =
    columns === undefined ? item.columns : numbers(columns, captions).map((number) => item.columns[number] ?? null);
  const members: Record<string, readonly string[]> = {
    source: source === undefined ? [] : [`"source":${JSON.stringify(source)}`],
    offset: [`"offset":${offset}`],
    length: [`"length":${length}`],
    time: time === undefined ? [] : [`"time":"${timeText(time)}"`],
    text: !hasText(item)
      ? []
      : [isLine(item) ? `"text":${JSON.stringify(item.columns[0])}` : `"columns":${JSON.stringify(chosen)}`],
    attachment: attachment === undefined ? [] : [`"attachment":${attachmentText(attachment)}`],
  };
  const order = fields ?? ['source', 'offset', 'length', 'time', 'text', 'attachment'];
  return `{${order.flatMap((field) => members[field] ?? []).join(',')}}`;
}

function attachmentText({ name, size, created, modified, messages, data }: NonNullable<Item['attachment']>): string {
  const dates = `"created":${JSON.stringify(created ?? null)},"modified":${JSON.stringify(modified ?? null)}`;
  const content = Buffer.from(data).toString('base64');
  return `{"name":${JSON.stringify(name)},"size":${size},${dates},"messages":[${messages.join(',')}],"data":"${content}"}`;
}

function csvLine(item: Item, options: EncodingOptions, captions: readonly string[]): string {
  const { fields, source, columns, delimiter = ',' } = options;
  const names = captions.length === 0 ? ['text'] : captions;
  const chosen = columns === undefined ? names.map((_, index) => index) : numbers(columns, captions);
  const values = (fields ?? (source === undefined ? ['text'] : ['source', 'text'])).flatMap((field): string[] => {
    if (field === 'source') return [csvField(source ?? '', options)];
    if (field === 'offset' || field === 'length') return [String(item[field])];
    if (field === 'time') return [item.time === undefined ? '' : csvField(timeText(item.time), options)];
    return chosen.map((column) => csvColumn(item.columns, column, column === names.length - 1, options));
  });
  return `${values.join(delimiter)}\r\n`;
}

function csvColumn(columns: readonly string[], number: number, isLast: boolean, options: EncodingOptions): string {
  const rest = isLast ? columns.slice(number) : columns.slice(number, number + 1);
  return csvField(rest.join(COLUMN_SEPARATOR), options, rest.length > 1);
}

function csvField(text: string, { delimiter = ',', guardFormulas = false }: EncodingOptions, isJoined = false): string {
  const first = isJoined ? (text.split(COLUMN_SEPARATOR, 1)[0] ?? '') : text;
  const isFormula = guardFormulas && /^[=+\-@\t\r]/.test(first);
  const quotes = isJoined || isFormula || text.includes(delimiter) || text.includes('"') || /[\r\n]/.test(text);
  return quotes ? `"${isFormula ? "'" : ''}${text.replaceAll('"', '""')}"` : text;
}
