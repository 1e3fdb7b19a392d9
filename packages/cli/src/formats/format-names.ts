/** What the formats are called: apart from their code, which is loaded when something is written. */
export const FORMATS = ['text', 'ndjson', 'csv', 'arrow', 'arrow-file', 'raw', 'msgpack', 'none'] as const;
export type FormatName = (typeof FORMATS)[number];

/** Formats that a terminal cannot show. */
export function isBinary(format: FormatName): boolean {
  return format === 'msgpack' || format === 'raw' || isArrow(format);
}

/** The stream and the file of Arrow's IPC format. */
export function isArrow(format: FormatName): format is 'arrow' | 'arrow-file' {
  return format === 'arrow' || format === 'arrow-file';
}

/** What items of `ndjson`, `csv` and Arrow can have. */
export const FIELDS = ['source', 'offset', 'length', 'time', 'text', 'attachment'] as const;
export type FieldName = (typeof FIELDS)[number];
