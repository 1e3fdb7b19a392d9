/** What the formats are called: apart from their code, which is loaded when something is written. */
export const FORMATS = ['text', 'ndjson', 'msgpack', 'none'] as const;
export type FormatName = (typeof FORMATS)[number];
