/** What the formats are called: apart from their code, which is loaded when something is written. */
export const FORMATS = ['text', 'ndjson', 'csv', 'raw', 'msgpack', 'none'] as const;
export type FormatName = (typeof FORMATS)[number];

/** Formats that a terminal cannot show. */
export function isBinary(format: FormatName): boolean {
  return format === 'msgpack' || format === 'raw';
}

/** What items of `ndjson` and `csv` can have. */
export const FIELDS = ['source', 'offset', 'length', 'time', 'text', 'attachment'] as const;
export type FieldName = (typeof FIELDS)[number];
